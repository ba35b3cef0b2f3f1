"""What Korean readers see: looked at once, and taken by Slack at its extremes."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC

import pytest

from bot.answers import sentence
from bot.blocks.card import card
from bot.blocks.clicks import Target
from bot.blocks.declare_modal import Origin, declare_modal
from bot.blocks.help import help_text
from bot.blocks.home import home
from bot.blocks.modals import noise_modal, note_modal, severity_modal, summary_modal, timeline_modal
from bot.blocks.more_modal import more_modal
from bot.blocks.snooze_modal import snooze_modal
from bot.blocks.text import duration, person, when
from bot.blocks.thread import thread_entry
from bot.blocks.why import why_modal
from bot.commands.parse import parse
from bot.commands.verbs import VERBS
from bot.language import speaking
from incidents.errors import AlreadyAcknowledged, InvalidInput, StaleView
from incidents.model import EventKind, Severity
from incidents.policy import Policy
from sandbox.blockkit import problems_in_message, problems_in_view
from tests.unit.bot.samples import ALICE, AT_TEN, BOB, WINDOW, a_view, an_event, an_incident, minutes
from tests.unit.bot.snapshots import expect_message, expect_view
from tests.unit.bot.states import STATES
from tests.unit.bot.test_home import STATES as HOMES
from tests.unit.bot.test_home import a_thousand, link_to
from tests.unit.bot.traces import TRACES

LOOKED_AT = ("active", "acknowledged", "snoozed", "recovered", "closed-while-firing", "noise", "merged", "flapping")
BIG = Target.of(a_view(an_incident(number=9_999_999)))
_ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")


@pytest.fixture(autouse=True)
def _in_korean() -> Iterator[None]:
    with speaking("ko"):
        yield


@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_card_in_korean_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"ko-card-{name}", card(STATES[name], reopen_window=WINDOW))


@pytest.mark.parametrize("name", STATES)
def test_slack_takes_the_card_of_each_state_however_long_its_names_are(name: str) -> None:
    assert problems_in_message(asdict(card(STATES[name], reopen_window=WINDOW))) == []


def test_the_help_in_korean_is_as_it_was_looked_at() -> None:
    expect_message("ko-help", help_text())


def test_a_home_in_korean_is_as_it_was_looked_at() -> None:
    expect_view("ko-home", home(HOMES["busy"], link_to=link_to))


def test_slack_takes_the_longest_home() -> None:
    assert (
        problems_in_view(home(a_thousand(an_incident(title="결제 지연 " * 99, firing=9), page=7), link_to=link_to))
        == []
    )


def test_a_form_in_korean_is_as_it_was_looked_at() -> None:
    expect_view("ko-modal-snooze", snooze_modal(BIG, an_incident(), now=AT_TEN, zone=UTC))


@pytest.mark.parametrize("form", [note_modal, noise_modal, timeline_modal, summary_modal])
def test_slack_takes_each_form_of_a_big_number(form: object) -> None:
    assert callable(form)
    assert problems_in_view(form(BIG)) == []


def test_slack_takes_the_other_forms_too() -> None:
    views = [
        severity_modal(BIG, now=Severity.UNKNOWN),
        more_modal(BIG, a_view(firing=3)),
        declare_modal("결제 실패 " * 50, origin=Origin()),
        *(why_modal(trace, Policy()) for trace in TRACES.values()),
    ]
    assert [problems_in_view(view) for view in views] == [[]] * len(views)


@pytest.mark.parametrize("kind", EventKind)
def test_each_entry_of_a_thread_is_korean(kind: EventKind) -> None:
    message = thread_entry(an_event(kind), an_incident())
    assert problems_in_message(asdict(message)) == []
    assert not _ENGLISH.search(message.text)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            AlreadyAcknowledged("INC-142", BOB, AT_TEN),
            "<@U0BOB> 님이 2분 전에 이미 확인하여 아무것도 바뀌지 않았습니다. "
            "INC-142 인시던트를 넘겨받으려면: `/incident assign INC-142 me`.",
        ),
        (
            StaleView("INC-142", "it is {status} now", status="resolved"),
            "INC-142 카드가 그려진 뒤 상태가 바뀌었습니다: 지금은 해결됨 상태입니다. 아무 처리도 하지 않았습니다. "
            "지금 카드를 확인하고 다시 누르세요.",
        ),
        (
            InvalidInput("note", "it has {count} characters, {most} fit: shorten it", count=9000, most=3000),
            "메모: 9000자입니다. 3000자까지 들어갑니다. 줄여 주세요.",
        ),
    ],
)
def test_what_the_domain_says_is_told_in_korean(error: Exception, told: str) -> None:
    assert sentence(error, to=ALICE, now=minutes(2)) == told  # type: ignore[arg-type]


def test_times_and_people_read_as_koreans_write_them() -> None:
    assert duration(minutes(65) - AT_TEN) == "1시간 5분"
    assert "{date_short_pretty} {time}" in when(AT_TEN)
    assert person("key:ci") == "API 키 ci"


@pytest.mark.parametrize(
    ("typed", "english"),
    [("목록 결제", "list 결제"), ("확인 12", "ack 12"), ("해결 12 롤백", "resolve 12 롤백"), ("도움말", "help")],
)
def test_the_main_verbs_are_understood_in_korean(typed: str, english: str) -> None:
    assert parse(typed) == parse(english)


def test_no_two_verbs_share_a_word() -> None:
    words = [word for verb, entry in VERBS.items() for word in (verb.value, *entry.also.split())]
    assert len(words) == len(set(words))
