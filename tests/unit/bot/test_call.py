"""Calls: of one incident, of several, of a storm. Each is short, names its card, and mentions only who is called."""

from dataclasses import asdict, replace

import pytest

from bot.blocks.call import MOST_LISTED, call, calls, storm_call
from bot.blocks.opening_mention import mentions
from bot.language import LANGUAGES, speaking
from bot.message import Message
from incidents.model import EventKind, Severity, Status
from incidents.policy import MOST_MENTIONED
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import BOB, ONLY_HERE, PAGED, acknowledged, an_event, an_incident
from tests.unit.bot.snapshots import expect_message
from tests.unit.bot.states import EMOJI, HOSTILE, KOREAN, RTL
from tests.unit.bot.test_rollups import a_storm

K = EventKind
MENTION = "<!subteam^S0ONCALL> <@U0BOB>"
THERE = "https://example.slack.com/archives/C0GENERAL/p1700000000000001"
LATE = an_event(K.ESCALATED, actor="system", **PAGED)
CALLS = {
    "here": call(LATE, an_incident(), mention=MENTION),
    "elsewhere": call(LATE, an_incident(), mention=MENTION, url=THERE),
    "to-a-person": call(LATE, an_incident(), mention="", url=THERE),
    "again": call(
        an_event(K.ESCALATED, actor="system", **PAGED | {"round": 3}), an_incident(), mention=MENTION, url=THERE
    ),
    "by-hand": call(an_event(K.ESCALATED, **ONLY_HERE), acknowledged(), mention=MENTION),
    "via-a-key": call(an_event(K.ESCALATED, **PAGED, via="ci"), acknowledged(), mention=MENTION),
    "by-a-key": call(an_event(K.ESCALATED, actor="key:ci", **ONLY_HERE), acknowledged(), mention=MENTION),
    "without-data": call(an_event(K.ESCALATED, actor="system"), an_incident(title="", alert_name=""), mention=""),
    "one": calls([(an_incident(), THERE)], mention=MENTION),
    "several": calls(
        [
            (an_incident(), THERE),
            (an_incident(id=2, number=2, severity=Severity.UNKNOWN), None),
            (acknowledged(id=3, number=3, severity=Severity.WARNING), THERE),
        ],
        mention=MENTION,
    ),
    "storm": storm_call(a_storm(), mention=MENTION),
    "storm-of-one": storm_call(a_storm(here={Status.ACTIVE: 1}), mention=""),
}
NAMES = {"hostile": HOSTILE, "korean": KOREAN, "rtl": RTL, "emoji": EMOJI, "none": ""}
EVERYBODY = mentions([f"<!subteam^S{number:010}>" for number in range(MOST_MENTIONED)], {})
NOBODY = mentions([f"schedule:{'s' * 62}{number:02}" for number in range(MOST_MENTIONED)], {})
LONGEST_CARD = f"https://{'w' * 80}.enterprise.slack.com/archives/C{'0' * 20}/p1700000000000001?thread_ts=1&cid=C1"


def is_taken(message: Message) -> bool:
    return problems_in_message(asdict(message)) == [] and 0 < len(message.text) <= 4000


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"call-{name}", CALLS[name])


def test_a_call_in_korean_is_as_it_was_looked_at() -> None:
    with speaking("ko"):
        expect_message("ko-call-elsewhere", call(LATE, an_incident(), mention=MENTION, url=THERE))
        expect_message("ko-call-by-hand", call(an_event(K.ESCALATED, **ONLY_HERE), acknowledged(), mention=MENTION))
        expect_message("ko-call-storm", storm_call(a_storm(), mention=MENTION))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mention", [EVERYBODY, NOBODY], ids=["everybody", "nobody on call"])
@pytest.mark.parametrize("name", NAMES)
def test_slack_takes_the_longest_call(name: str, mention: str, language: str) -> None:
    incident = an_incident(number=2**31, title=NAMES[name])
    told = PAGED | {"policy": HOSTILE, "step": 20, "of": 20, "round": 10**6}
    with speaking(language):
        assert is_taken(call(an_event(K.ESCALATED, actor=f"key:{HOSTILE}", **told), incident, mention=mention))
        assert is_taken(
            call(an_event(K.ESCALATED, actor="system", **told), incident, mention=mention, url=LONGEST_CARD)
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mention", [EVERYBODY, NOBODY], ids=["everybody", "nobody on call"])
@pytest.mark.parametrize("name", NAMES)
def test_slack_takes_as_many_as_there_are_at_once(name: str, mention: str, language: str) -> None:
    one = acknowledged(number=2**31, title=NAMES[name])
    with speaking(language):
        message = calls([(replace(one, id=number), LONGEST_CARD) for number in range(12_345)], mention=mention)
    assert is_taken(message)


def test_what_is_not_listed_is_counted() -> None:
    told = str(calls([(an_incident(id=n, number=n), None) for n in range(1, 38)], mention="").blocks)
    assert told.count("INC-") == MOST_LISTED
    assert "and 27 more: `/incident list`" in told


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_an_alert_says_mentions_anybody(name: str) -> None:
    incident = an_incident(title=NAMES[name])
    for message in (call(LATE, incident, mention=""), calls([(incident, None)], mention="")):
        assert "<@" not in str(message)
        assert "<!" not in str(message).replace("<!date^", "")


@pytest.mark.parametrize("mention", ["", MENTION])
def test_only_who_is_called_is_mentioned(mention: str) -> None:
    """The step names Bob, too; whoever renders says who is woken here."""
    assert (f"<@{BOB}>" in call(LATE, an_incident(), mention=mention).text) == bool(mention)


def test_the_channel_sees_a_call_only_where_the_step_says_so() -> None:
    assert call(LATE, an_incident(), mention="").broadcast
    assert not call(an_event(K.ESCALATED, **ONLY_HERE), an_incident(), mention="").broadcast
    assert not call(an_event(K.ESCALATED, broadcast="yes"), an_incident(), mention="").broadcast
