"""What a card says of its escalation: whom it calls next and when, without calling them."""

from dataclasses import asdict

import pytest

from bot.blocks.card import card
from bot.blocks.coming_line import coming_line
from bot.language import LANGUAGES, speaking
from incidents.escalation.coming import Coming
from incidents.escalation.model import Timer
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import AT_TEN, WINDOW, acknowledged, an_incident, minutes
from tests.unit.bot.states import HOSTILE, STATES

AT = minutes(5)
TOKEN = f"<!date^{int(AT.timestamp())}^{{time}}|10:05 UTC>"
PEOPLE = ["@oncall", "schedule:payments", "<@U0ALICE>", "U0BOB", "<!subteam^S0OTHER>"]


def a_page(*mention: str, elsewhere: tuple[str, ...] = (), step: int = 2, of: int = 3) -> Coming:
    return Coming(Timer.PAGE, AT, step, of, mention, elsewhere)


LINES = {
    "group": (a_page("@oncall"), "pages @oncall at {at} (step 2/3)", "{at}에 @oncall 호출 (2/3단계)"),
    "people": (
        a_page("<@U0ALICE>", "U0BOB", "W0EVE"),
        "pages 3 people at {at} (step 2/3)",
        "{at}에 3명 호출 (2/3단계)",
    ),
    "twice the same": (
        a_page("<@U0ALICE>", "<@U0ALICE>"),
        "pages 1 person at {at} (step 2/3)",
        "{at}에 1명 호출 (2/3단계)",
    ),
    "groups by id": (
        a_page("<!subteam^S0ONE>", "<!subteam^S0TWO>"),
        "pages 2 groups at {at} (step 2/3)",
        "{at}에 그룹 2개 호출 (2/3단계)",
    ),
    "on call": (
        a_page("schedule:payments"),
        "pages who is on call for payments at {at} (step 2/3)",
        "{at}에 payments 당직자 호출 (2/3단계)",
    ),
    "elsewhere": (
        a_page(elsewhere=("#war-room", "pager")),
        "pages #war-room, pager at {at} (step 2/3)",
        "{at}에 #war-room, pager 호출 (2/3단계)",
    ),
    "many": (
        a_page(*PEOPLE, elsewhere=("#war-room",)),
        "pages @oncall, who is on call for payments, 1 group … at {at} (step 2/3)",
        "{at}에 @oncall, payments 당직자, 그룹 1개 … 호출 (2/3단계)",
    ),
    "nobody": (a_page(), "calls this channel at {at} (step 2/3)", "{at}에 이 채널 호출 (2/3단계)"),
    "no such step": (Coming(Timer.PAGE, AT), "escalates at {at}", "{at}에 에스컬레이션"),
    "ask": (
        Coming(Timer.ASK_OWNER, AT),
        "asks <@U0ALICE> at {at} whether they still have it",
        "{at}에 <@U0ALICE> 님에게 계속 담당하는지 물음",
    ),
    "remind": (Coming(Timer.STILL_OPEN, AT), "reminds <@U0ALICE> at {at}", "{at}에 <@U0ALICE> 님에게 다시 알림"),
}
HOSTILES = {
    "handles": a_page(*[f"@{HOSTILE}"] * 20),
    "schedules": a_page(*[f"schedule:{number}{HOSTILE}" for number in range(20)]),
    "everybody": a_page(*[f"<@U{number:09}>" for number in range(10_000)], step=20, of=20),
    "channels": a_page(elsewhere=(HOSTILE, HOSTILE)),
    "ask": Coming(Timer.ASK_OWNER, AT),
    "remind": Coming(Timer.STILL_OPEN, AT),
    "bare": Coming(Timer.PAGE, AT_TEN),
}


@pytest.mark.parametrize("name", LINES)
def test_each_line_is_as_it_was_looked_at(name: str) -> None:
    coming, english, korean = LINES[name]
    told = {}
    for language in LANGUAGES:
        with speaking(language):
            told[language] = coming_line(coming, acknowledged())
    assert told == {"en": english.format(at=TOKEN), "ko": korean.format(at=TOKEN)}


@pytest.mark.parametrize("name", HOSTILES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_the_longest_card_with_the_longest_line(language: str, name: str) -> None:
    with speaking(language):
        for view in STATES.values():
            message = card(view, reopen_window=WINDOW, coming=HOSTILES[name])
            assert problems_in_message(asdict(message)) == []


@pytest.mark.parametrize("name", ["handles", "schedules", "everybody", "channels"])
def test_a_card_calls_nobody_of_whom_it_speaks(name: str) -> None:
    told = coming_line(HOSTILES[name], an_incident())
    assert "<@" not in told
    assert "<!" not in told.replace(TOKEN, "")
    assert len(told) < 400
