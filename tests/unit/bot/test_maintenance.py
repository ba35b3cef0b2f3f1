"""Maintenance in Slack: what is typed, what is answered, the form, the section in a Home, and what channels hear."""

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.blocks.maintenance import (
    MOST_FIRING,
    at_home,
    began_notice,
    ended,
    ended_notice,
    gone_notice,
    listed,
    made,
    preview_line,
    previewed,
)
from bot.blocks.maintenance_clicks import (
    LONGEST_METADATA,
    Origin,
    origin_value,
    plan_value,
    read_origin,
    read_plan,
    read_window,
    window_value,
)
from bot.blocks.maintenance_line import maintenance_line
from bot.blocks.maintenance_modal import LONGEST_FIELD, confirm_modal, maintenance_modal, says_everything
from bot.blocks.maintenance_refusal import maintenance_refusal
from bot.commands.command import Command, MaintenanceDo, MaintenanceOrder, Mistake, Verb
from bot.commands.parse import parse
from bot.message import Message
from bot.permissions import asked
from bot.snooze_time import Clock, For, Tomorrow
from incidents.maintenance.errors import AmbiguousWindow, NotPlanned, NotPlannedBecause, UnknownWindow, WindowOver
from incidents.maintenance.model import InMaintenance, Occurrence, Repeat, Scope
from incidents.maintenance.plan import LONGEST_REASON, Plan, Preview
from incidents.model import Severity
from incidents.roles import Role
from sandbox.blockkit import problems_in_message, problems_in_view
from tests.building import an_incident, minutes
from tests.unit.bot.snapshots import expect_message, expect_view
from tests.unit.maintenance.windows import HOUR, NOW, a_window

HOSTILE = "<!channel> *bold* <https://evil.example|ok> & `code`"
PREVIEW = Preview(14, 230, (("HighLatency", 9), ("Checkout5xx", 5)))
LATER = {"starts_at": NOW + HOUR, "ends_at": NOW + 3 * HOUR}


def order(do: MaintenanceDo = MaintenanceDo.PLAN, **given: Any) -> Command:
    return Command(Verb.MAINTENANCE, maintenance=MaintenanceOrder(do, **given))


PAYMENTS, TWO_HOURS = Scope(service=("payments",)), For(2 * HOUR)
AT_NIGHT = time(22)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", order(MaintenanceDo.FORM)),
        ("list", order(MaintenanceDo.LIST)),
        ("end 3", order(MaintenanceDo.END, window="3")),
        ("end", order(MaintenanceDo.END)),
        ("end payments", order(MaintenanceDo.END, window="payments")),
        ("preview payments", order(MaintenanceDo.PREVIEW, scope=PAYMENTS)),
        ("payments 2h", order(scope=PAYMENTS, until=TWO_HOURS)),
        ("payments 2h database upgrade", order(scope=PAYMENTS, until=TWO_HOURS, reason="database upgrade")),
        ("payments for 2 hours why not", order(scope=PAYMENTS, until=TWO_HOURS, reason="why not")),
        ("payments 0m", order(scope=PAYMENTS, until=For(timedelta(0)))),
        (
            "payments 2h at tomorrow 22:00 move",
            order(scope=PAYMENTS, until=TWO_HOURS, at=Tomorrow(AT_NIGHT), reason="move"),
        ),
        ("payments at 22:00 2h move", order(scope=PAYMENTS, until=TWO_HOURS, at=Clock(AT_NIGHT), reason="move")),
        ("payments until 22:00 move", order(scope=PAYMENTS, until=Clock(AT_NIGHT), reason="move")),
        ("payments 2h at last", order(scope=PAYMENTS, until=TWO_HOURS, reason="at last")),
        ("payments,search 2h", order(scope=Scope(service=("payments", "search")), until=TWO_HOURS)),
        (
            "cluster=Prod-A ns=pay 2h",
            order(scope=Scope(cluster=("Prod-A",), namespace=("pay",)), until=TWO_HOURS),
        ),
        ("everything 2h", order(everything=True, until=TWO_HOURS)),
        ("2h", order(until=TWO_HOURS)),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(text: str, meant: Command) -> None:
    assert parse(f"maintenance {text}") == meant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("payments", "For how long?"),
        ("payments at 22:00", "For how long?"),
        ("payments -2h", "For how long?"),
        ("team=pay 2h", "“team=pay” is: write one of `service`, `cluster`"),
        ("preview", "What is it of?"),
        ("preview payments 2h", "What is it of?"),
    ],
)
def test_what_is_missing_or_unknown_is_said(text: str, told: str) -> None:
    found = parse(f"maintenance {text}")
    assert isinstance(found, Mistake)
    assert told in found.problem
    assert found.example == "/incident maintenance payments 2h database upgrade"


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("maintenance list", Role.VIEWER),
        ("maintenance preview payments", Role.VIEWER),
        ("maintenance", Role.RESPONDER),
        ("maintenance payments 2h", Role.RESPONDER),
        ("maintenance end 3", Role.RESPONDER),
    ],
)
def test_a_viewer_may_look(text: str, needed: Role) -> None:
    found = asked({"command": "/incident", "text": text})
    assert found is not None
    assert found.need.role is needed


MESSAGES = {
    "made": made(a_window(), PREVIEW, now=NOW),
    "made-for-later": made(a_window(**LATER, reason=""), Preview(), now=NOW),
    "made-again-and-again": made(a_window(repeats=Repeat.WEEKLY), None, now=NOW),
    "made-of-everything": made(a_window(scope=Scope()), Preview(10_000, 90_000, PREVIEW.rules, is_more=True), now=NOW),
    "made-hostile": made(
        a_window(scope=Scope(service=(HOSTILE,)), reason=HOSTILE * 3),
        Preview(nearest=(HOSTILE, HOSTILE)),
        now=NOW,
    ),
    "previewed": previewed("payments", PREVIEW),
    "ended": ended(a_window(), by="U0BOB"),
    "listed-none": listed([], now=NOW),
    "listed": listed([a_window(), a_window(id=4, **LATER), a_window(id=5, repeats=Repeat.DAILY)], now=NOW),
    "began": began_notice(a_window(), Occurrence(NOW, NOW + HOUR)),
    "over": ended_notice(a_window(), Occurrence(NOW, NOW + HOUR), [], {}),
    "over-others-fire": ended_notice(a_window(), Occurrence(NOW, NOW + HOUR), [], {}, others_fire=True),
    "over-and-still-firing": ended_notice(
        a_window(ended_by="U0BOB"),
        Occurrence(NOW, NOW + HOUR),
        [an_incident(id=n, number=n, severity=Severity.CRITICAL, firing=1) for n in range(1, MOST_FIRING + 3)],
        {1: "https://slack.example/archives/C1/p1"},
    ),
    "over-one-hostile": ended_notice(
        a_window(scope=Scope(rule=(HOSTILE,))),
        Occurrence(NOW, NOW + HOUR),
        [an_incident(title=HOSTILE, firing=1, assignee="U0BOB")],
        {},
    ),
    "gone": gone_notice(),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"maintenance-{name}", MESSAGES[name])


@pytest.mark.parametrize("name", ["made-hostile", "over-one-hostile"])
def test_nothing_foreign_mentions_or_links(name: str) -> None:
    told = MESSAGES[name].text + "".join(one["text"]["text"] for one in MESSAGES[name].blocks)
    assert "<!channel>" not in told
    assert "<https://evil" not in told


def test_the_most_that_can_stand_fits_everywhere() -> None:
    widest = Scope(*(("한" * 255,) * 20,) * 5, severity=tuple(Severity))
    windows = [a_window(id=n, scope=widest, reason="<" * 300, repeats=Repeat.WEEKLY) for n in range(200)]
    check_message_fits(listed(windows, now=NOW))
    check_message_fits(made(windows[0], Preview(9, 9, (("&" * 255, 3),) * 3, True, ("x" * 255, "y" * 255)), now=NOW))
    firing = [an_incident(id=n, title="<" * 500, firing=1) for n in range(100)]
    links = dict.fromkeys(range(100), f"https://slack.example/{'a' * 200}")
    check_message_fits(ended_notice(windows[0], Occurrence(NOW, NOW + HOUR), firing, links))
    assert len(at_home(windows, now=NOW, may_act=True)) == 7


def check_message_fits(message: Message) -> None:
    assert problems_in_message({"text": message.text, "blocks": message.blocks}) == []


def test_the_form_and_its_second_step_are_as_they_were_looked_at() -> None:
    expect_view("maintenance-form", maintenance_modal(Origin("C0INCIDENTS")))
    expect_view("maintenance-confirm", confirm_modal(a_plan(), PREVIEW, now=NOW))


def a_plan(**given: Any) -> Plan:
    values: dict[str, Any] = {
        "token": "V0123456789",
        "scope": PAYMENTS,
        "start": None,
        "end": NOW + 2 * HOUR,
        "zone": ZoneInfo("Asia/Seoul"),
        "channel": "C0INCIDENTS",
        "repeats": Repeat.DAILY,
        "reason": "database upgrade",
    }
    return Plan(**{**values, **given})


def test_the_longest_form_fits_into_the_second_step() -> None:
    values = tuple(["한"] * (LONGEST_FIELD // 2))
    widest = Scope(service=values, cluster=values, namespace=values, rule=values)
    told = confirm_modal(a_plan(scope=widest, start=NOW, reason="\\" * LONGEST_REASON), PREVIEW, now=NOW)
    assert len(told["private_metadata"]) <= LONGEST_METADATA
    assert problems_in_view(told) == []


@pytest.mark.parametrize("plan", [a_plan(), a_plan(start=NOW, everything=True, scope=Scope(), repeats=Repeat.NONE)])
def test_what_the_second_step_carries_is_read_again(plan: Plan) -> None:
    assert read_plan(plan_value(plan), now=NOW - HOUR) == plan
    late = read_plan(plan_value(plan), now=NOW + HOUR)
    assert late is not None
    assert late.start is None


@pytest.mark.parametrize("value", ["", "{}", "[]", "5", '{"window": "x"}'])
def test_what_is_none_of_ours_is_nothing(value: str) -> None:
    assert read_window(value) is None
    assert read_plan(value, now=NOW) is None
    assert read_origin(value) == Origin()


def test_what_buttons_carry_is_read_again() -> None:
    assert read_window(window_value(a_window(id=12))) == 12
    assert read_origin(origin_value(Origin("C1"))) == Origin("C1")
    assert says_everything(" Everything ")
    assert not says_everything("payments")


def test_a_home_has_a_section_and_buttons_for_who_may_press_them() -> None:
    windows = [a_window(), a_window(id=4, **LATER)]
    title, first, second = at_home(windows, now=NOW, may_act=True)
    assert title["text"]["text"] == "Maintenance"
    assert [one["accessory"]["action_id"] for one in (first, second)] == ["home_maintenance_end"] * 2
    assert all("accessory" not in one for one in at_home(windows, now=NOW, may_act=False))
    assert at_home([], now=NOW, may_act=True) == []


def test_the_card_says_until_when_and_why() -> None:
    assert maintenance_line(None) is None
    told = maintenance_line(InMaintenance("payments", HOSTILE, minutes(60)))
    assert told is not None
    assert told.startswith("🔧 In maintenance until <!date^")
    assert "<!channel>" not in told
    assert "nobody is paged" in str(maintenance_line(InMaintenance("payments", "", minutes(60))))


def test_what_would_have_matched_is_told() -> None:
    assert preview_line(PREVIEW) == (
        "In the last 30 days it would have matched 14 incidents with 230 alerts, mostly HighLatency (9), "
        "Checkout5xx (5)."
    )
    assert "matched nothing" in preview_line(Preview())
    assert "“chekout” was not seen; “checkout” was." in preview_line(Preview(nearest=("chekout", "checkout")))
    assert "more than 10,000 incidents" in preview_line(Preview(10_000, 1, (("a", 1),), is_more=True))


@pytest.mark.parametrize("why", NotPlannedBecause)
def test_each_refusal_says_what_to_do(why: NotPlannedBecause) -> None:
    told = maintenance_refusal(NotPlanned(why))
    assert told.startswith("That ") or why is NotPlannedBecause.TOO_MANY
    assert "{" not in told


def test_a_window_that_is_unknown_is_answered_by_those_that_are_known() -> None:
    known = [(3, "payments"), (4, HOSTILE)]
    assert maintenance_refusal(UnknownWindow("x", known)).startswith(
        "There is no maintenance “x”. There are #3 payments"
    )
    assert "<!channel>" not in maintenance_refusal(UnknownWindow(HOSTILE, known))
    assert maintenance_refusal(UnknownWindow("", known)).startswith("Which one?")
    assert maintenance_refusal(AmbiguousWindow("payments", known)).endswith("name its number.")
    assert maintenance_refusal(UnknownWindow("x", [])) == "There is no maintenance, and none is planned."
    assert "over already" in maintenance_refusal(WindowOver())
