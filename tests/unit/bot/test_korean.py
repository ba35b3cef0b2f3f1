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
from bot.blocks.handover import handover
from bot.blocks.help import help_text
from bot.blocks.home import home
from bot.blocks.maintenance import began_notice
from bot.blocks.maintenance_clicks import Origin as ChannelOrigin
from bot.blocks.maintenance_modal import confirm_modal, maintenance_modal
from bot.blocks.modals import noise_modal, note_modal, severity_modal, summary_modal, timeline_modal
from bot.blocks.more_modal import more_modal
from bot.blocks.reminder import reminder
from bot.blocks.report import report
from bot.blocks.snooze_modal import snooze_modal
from bot.blocks.text import duration, person, when
from bot.blocks.thread import thread_entry
from bot.blocks.why import why_modal
from bot.commands.parse import parse
from bot.commands.verbs import VERBS
from bot.language import speaking
from incidents.errors import AlreadyAcknowledged, InvalidInput, StaleView
from incidents.maintenance.model import Occurrence
from incidents.model import Event, EventKind, Severity
from incidents.policy import Policy
from sandbox.blockkit import problems_in_message, problems_in_view
from tests.unit.bot.samples import (
    ALICE,
    AT_TEN,
    BOB,
    LONG_OWNED,
    ONLY_HERE,
    PAGED,
    WINDOW,
    a_view,
    acknowledged,
    an_event,
    an_incident,
    minutes,
)
from tests.unit.bot.snapshots import expect_message, expect_view
from tests.unit.bot.states import STATES
from tests.unit.bot.test_handover import TOLD as HANDOVERS
from tests.unit.bot.test_home import STATES as HOMES
from tests.unit.bot.test_home import a_thousand, link_to
from tests.unit.bot.test_maintenance import PREVIEW, a_plan, a_window
from tests.unit.bot.test_reminders import REMINDERS
from tests.unit.bot.test_report import SHOWN as DIGESTS
from tests.unit.bot.test_thread_entries import EVENTS
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


def test_a_handover_in_korean_is_as_it_was_looked_at() -> None:
    expect_message("ko-handover-open", handover(HANDOVERS["open"], link_to=link_to))


def test_a_digest_in_korean_is_as_it_was_looked_at() -> None:
    expect_message("ko-digest-weekly", report(DIGESTS["digest-weekly"], link_to=link_to))


def test_maintenance_in_korean_is_as_it_was_looked_at() -> None:
    expect_view("ko-maintenance-form", maintenance_modal(ChannelOrigin("C0INCIDENTS")))
    expect_view("ko-maintenance-confirm", confirm_modal(a_plan(), PREVIEW, now=AT_TEN))
    expect_message("ko-maintenance-began", began_notice(a_window(), Occurrence(AT_TEN, minutes(60))))


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


@pytest.mark.parametrize("name", EVENTS)
def test_slack_takes_each_entry_of_a_thread(name: str) -> None:
    assert problems_in_message(asdict(thread_entry(EVENTS[name], an_incident()))) == []


@pytest.mark.parametrize("name", REMINDERS)
def test_each_reminder_is_korean(name: str) -> None:
    message = reminder(*REMINDERS[name])
    assert problems_in_message(asdict(message)) == []
    assert not _ENGLISH.search(message.text)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            an_event(EventKind.ESCALATED, actor="system", **PAGED),
            "아직 담당자가 없어 호출했습니다 (2/3단계): "
            "@oncall, <@U0BOB>, night 당직자 없음, <@U0CAROL>, #war-room, 웹훅 pager.",
        ),
        (
            an_event(EventKind.ESCALATED, actor="system", **ONLY_HERE),
            "아직 담당자가 없어 호출했습니다 (2/3단계): 이 스레드.",
        ),
        (
            an_event(EventKind.ESCALATED, **ONLY_HERE),
            "<@U0ALICE> 님이 에스컬레이션했습니다 (2/3단계): 이 스레드.",
        ),
        (an_event(EventKind.OWNER_ASKED, actor="system"), "맡은 지 오래되었고 아직 열려 있습니다."),
        (an_event(EventKind.STILL_OPEN, actor="system"), "아직 열려 있습니다."),
        (
            an_event(EventKind.MAINTENANCE_BEGAN, actor="system", name="payments"),
            "점검 중입니다: payments 점검이 끝날 때까지 아무도 호출하지 않습니다.",
        ),
        (
            an_event(EventKind.MAINTENANCE_ENDED, actor="system", name="payments"),
            "점검이 끝났습니다 (payments): 지금부터 다시 호출합니다.",
        ),
        (
            an_event(EventKind.UNACKNOWLEDGED, actor="system", was=BOB, reason="for_long_unconfirmed"),
            "<@U0BOB> 님이 계속 담당하는지 답하지 않아 이제 담당자가 없습니다.",
        ),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Event) else "",
)
def test_what_escalation_and_maintenance_do_is_told_in_the_thread(event: Event, told: str) -> None:
    assert thread_entry(event, an_incident()).text == f"INC-142: {told}"


def test_an_owner_of_long_is_asked_in_korean() -> None:
    asked = an_event(EventKind.OWNER_ASKED, actor="system", **LONG_OWNED)
    expect_message("ko-reminder-owner-asked", reminder(asked, acknowledged(confirm_by=minutes(15))))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            an_event(EventKind.WORSENED, actor="system", reason="series", mention=BOB, **{"from": "2", "to": "6"}),
            "심각 INC-142: <@U0BOB> 님, 확인 후 악화되었습니다: 당시 2개 발생, 지금 6개.",
        ),
        (
            an_event(EventKind.UNACKNOWLEDGED, reason="worsening_unconfirmed", was=BOB, mention=BOB),
            "심각 INC-142: <@U0BOB> 님, 악화되었지만 <@U0BOB> 님이 답하지 않아 이제 담당자가 없습니다. "
            "누가 맡나요? 카드에서 확인을 누르세요.",
        ),
    ],
)
def test_a_reminder_speaks_to_whom_it_asks(event: Event, told: str) -> None:
    message = reminder(event, an_incident())
    assert problems_in_message({"text": message.text, "blocks": message.blocks}) == []
    assert message.text == told


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
