"""The forms that snooze, set a severity, tell what happened and how it ended: as they were looked at."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.blocks.clicks import Target, read_button, read_extends
from bot.blocks.modals import severity_modal, summary_modal, timeline_modal
from bot.blocks.more_modal import more_modal
from bot.blocks.snooze_modal import snooze_modal
from incidents.model import AlertKind, Place, Resolution, Severity, Status
from incidents.rules.stale_click import Seen
from sandbox.blockkit import problems_in_view
from tests.unit.bot.samples import AT_TEN, BOB, a_view, an_incident, minutes, resolved
from tests.unit.bot.snapshots import expect_view
from tests.unit.bot.states import HOSTILE

SEOUL = ZoneInfo("Asia/Seoul")
TARGET = Target.of(a_view())
HUGE = Target(2**63 - 1, 2**31, Seen(2**31, Status.ACKNOWLEDGED, 9999, 99999), "0a1b2c3d")
WARNING = an_incident(severity=Severity.WARNING)


def spans(view: dict[str, Any]) -> list[str]:
    [field] = [block for block in view["blocks"] if block["block_id"] == "span"]
    return [option["text"]["text"] for option in field["element"]["options"]]


def pressed(view: dict[str, Any]) -> list[str]:
    return [block["accessory"]["action_id"] for block in view["blocks"]]


def test_each_is_as_it_was_looked_at() -> None:
    expect_view("modal-snooze", snooze_modal(TARGET, WARNING, now=AT_TEN, zone=SEOUL))
    expect_view("modal-snooze-critical", snooze_modal(HUGE, an_incident(), now=AT_TEN, zone=UTC))
    snoozed = an_incident(severity=Severity.WARNING, snoozed_until=minutes(60), snoozed_by=BOB)
    expect_view("modal-snooze-longer", snooze_modal(TARGET, snoozed, now=AT_TEN, zone=SEOUL))
    expect_view("modal-severity", severity_modal(TARGET, now=Severity.CRITICAL))
    expect_view("modal-timeline", timeline_modal(HUGE))
    expect_view("modal-summary", summary_modal(HUGE))
    expect_view("modal-more", more_modal(TARGET, a_view()))


def test_the_labels_tell_the_time_where_the_person_is() -> None:
    assert spans(snooze_modal(TARGET, WARNING, now=AT_TEN, zone=SEOUL)) == [
        "30 minutes, until 19:30",
        "1 hour, until 20:00",
        "4 hours, until 23:00",
        "Until my next work day, Mon 09:00",
    ]


def test_what_is_critical_is_offered_nothing_that_would_be_refused() -> None:
    assert len(spans(snooze_modal(TARGET, an_incident(), now=AT_TEN, zone=SEOUL))) == 3
    soon = snooze_modal(TARGET, an_incident(), now=AT_TEN, zone=ZoneInfo("America/New_York"))
    assert spans(soon)[-1] == "Until my next work day, 09:00"


@pytest.mark.parametrize("is_snoozed", [True, False])
def test_the_form_knows_whether_it_told_of_a_snooze(is_snoozed: bool) -> None:
    incident = an_incident(snoozed_until=minutes(60) if is_snoozed else None, snoozed_by=BOB)
    metadata = snooze_modal(TARGET, incident, now=AT_TEN, zone=UTC)["private_metadata"]
    assert (read_extends(metadata), read_button(metadata)) == (is_snoozed, TARGET)


@pytest.mark.parametrize("value", ["", "{", "[]", '{"extends":1}', '{"extends":"true"}'])
def test_what_says_nothing_of_it_extends_nothing(value: str) -> None:
    assert not read_extends(value)


def test_only_what_no_label_explained_can_stay_unknown() -> None:
    told = severity_modal(TARGET, now=Severity.UNKNOWN)["blocks"][0]["element"]
    assert told["initial_option"]["value"] == "unknown"
    assert len(told["options"]) == 5
    assert len(severity_modal(TARGET, now=Severity.INFO)["blocks"][0]["element"]["options"]) == 4


def test_more_offers_only_what_can_be_done() -> None:
    always = ["incident_severity", "incident_details", "incident_add_to_timeline"]
    assert pressed(more_modal(TARGET, a_view())) == [
        *always,
        "incident_merge",
        "incident_split",
        "incident_declare",
    ]
    assert pressed(more_modal(TARGET, a_view(firing=1, resolved=0))) == [*always, "incident_merge", "incident_declare"]
    assert pressed(more_modal(TARGET, a_view(resolved(Resolution.RECOVERED)))) == [*always, "incident_declare"]


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("severity", Severity)
def test_slack_takes_them_at_their_extremes(kind: AlertKind, severity: Severity) -> None:
    place = Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    worst = an_incident(
        title=HOSTILE, place=place, kind=kind, severity=severity, snoozed_until=minutes(60), snoozed_by=f"key:{HOSTILE}"
    )
    views = [
        snooze_modal(HUGE, worst, now=AT_TEN, zone=UTC),
        severity_modal(HUGE, now=severity),
        timeline_modal(HUGE),
        summary_modal(HUGE),
        more_modal(HUGE, a_view(worst, firing=500)),
    ]
    assert [problem for view in views for problem in problems_in_view(view)] == []
