"""How rows of another tool are read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bongsu.takeover import columns
from bongsu.takeover.alerts import past_alert
from bongsu.takeover.columns import matched
from bongsu.takeover.incidents import Reading, past_incident, person
from bongsu.takeover.refusals import Refusals
from bongsu.takeover.source import opened
from bongsu.takeover.undecoded import Undecoded
from bongsu.takeover.values import Row, Unreadable, id_text
from incidents.errors import InvalidInput
from incidents.model import AlertStatus, Resolution, Severity, Status

AT = datetime(2026, 1, 2, 10, tzinfo=UTC)


def a_row(values: Mapping[str, Any], known: Mapping[str, Any], **options: Any) -> Row:
    told = {"id": 1, **values}
    found = matched(list(told), known, options.pop("mapped", {}), table="t")
    return Row(told, found.of, guessed=found.guessed, **{"zone": UTC, "in_utc": frozenset(), **options})


def an_incident(**values: Any) -> Any:
    return past_incident(a_row({"start_time": AT, **values}, columns.INCIDENT), Reading())


def an_alert(**values: Any) -> Any:
    return past_alert(a_row({"status": "firing", "starts_at": AT, **values}, columns.ALERT), Reading())


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("alertname", "name"), ("startsAt", "starts_at"), ("STARTS_AT", "starts_at"), ("createdAt", "received_at"),
        ("payload", "raw"), ("env", "phase"), ("generatorURL", "generator_url"), ("state", "status"),
    ],
)  # fmt: skip
def test_columns_of_alerts_are_known_by_many_names(theirs: str, ours: str) -> None:
    assert matched(["id", theirs], columns.ALERT, {}, table="t").of[ours] == theirs


def test_what_a_person_says_comes_first_and_what_is_not_used_is_named() -> None:
    found = matched(["no", "alert_name", "rule"], columns.ALERT, {"no": "id", "rule": "name"}, table="t")
    assert found.of == {"id": "no", "name": "rule"}
    assert found.unused == ["alert_name"]


def test_a_table_without_ids_can_not_be_taken() -> None:
    with pytest.raises(InvalidInput, match="--map THEIRS=id"):
        matched(["alert_name"], columns.ALERT, {}, table="t")


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (7, "7"), ("seven", "seven"), (b"seven", "seven"), (None, ""), (b"\x00" * 15 + b"\x01", "00" * 15 + "01"),
        (b"\xff\xfe", "fffe"), ("a ", '"a "'), (" a", '" a"'), ('"a "', r'"\"a \""'), ("a\x00", r'"a\u0000"'),
    ],
)  # fmt: skip
def test_different_ids_stay_different(told: Any, text: str) -> None:
    assert id_text(told) == text


def test_an_alert_finds_its_incident_however_its_id_is_kept() -> None:
    assert an_alert(incident_id=b"\xff\x00").their_incident == an_incident(id=b"\xff\x00").their_id == "ff00"


@pytest.mark.parametrize(
    "told",
    [
        AT.replace(tzinfo=None, hour=19), "2026-01-02 19:00:00", "2026-01-02T10:00:00Z", "2026-01-02T19:00:00+09:00",
        1767348000, 1767348000.0, 1767348000000, "1767348000", Decimal("1767348000.0"), b"2026-01-02 19:00:00", AT,
    ],
)  # fmt: skip
def test_times_are_read_in_their_zone(told: Any) -> None:
    assert a_row({"starts_at": told}, columns.ALERT, zone=ZoneInfo("Asia/Seoul")).time("starts_at") == AT


def test_times_that_the_server_hands_out_in_utc_are_utc() -> None:
    told = a_row({"starts_at": AT.replace(tzinfo=None)}, columns.ALERT, zone=None, in_utc=frozenset({"starts_at"}))
    assert told.time("starts_at") == AT


@pytest.mark.parametrize(
    "told",
    [
        None, "", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", 0, "0", "0.0", Decimal(0), "1970-01-01 00:00:00",
        "1970-01-01T00:00:00Z", "1970-01-01T09:00:00+09:00", datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    ],
)  # fmt: skip
def test_no_time_is_no_mistake(told: Any) -> None:
    assert a_row({"starts_at": told}, columns.ALERT, zone=None).time("starts_at") is None


@pytest.mark.parametrize("told", ["soon", "2026-02-30 10:00:00", 9e20, "1950-01-01T00:00:00Z"])
def test_nonsense_is_refused_by_name(told: Any) -> None:
    with pytest.raises(Unreadable, match="starts_at"):
        a_row({"starts_at": told}, columns.ALERT).time("starts_at")


@pytest.mark.parametrize(
    ("values", "status", "resolution"),
    [
        ({"status": "Open"}, Status.ACTIVE, None),
        ({}, Status.ACTIVE, None),
        ({"acknowledged_at": AT}, Status.ACKNOWLEDGED, None),
        ({"closed_at": AT}, Status.RESOLVED, Resolution.RECOVERED),
        ({"status": "closed", "resolved_time": AT, "resolved_by": "alice"}, Status.RESOLVED, Resolution.MANUAL),
        ({"status": "closed", "resolved_time": AT, "resolved_by": "system"}, Status.RESOLVED, Resolution.RECOVERED),
        ({"resolved_time": AT, "is_noise": b"\x01"}, Status.RESOLVED, Resolution.NOISE),
        ({"resolved_time": AT, "resolution": "stale"}, Status.RESOLVED, Resolution.STALE),
    ],
)
def test_how_an_incident_stands(values: dict[str, Any], status: Status, resolution: Resolution | None) -> None:
    told = an_incident(**values)
    assert (told.status, told.resolution) == (status, resolution)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"start_time": None}, "start_time: it is missing"),
        ({"status": "resolved"}, "resolved_time: it is missing"),
        ({"status": "acked"}, "acknowledged_time: it is missing"),
        ({"status": "cured"}, "status: 'cured' is none of"),
        ({"resolved_time": AT.replace(day=1)}, "is before it began"),
        ({"is_noise": "perhaps"}, "is_noise: 'perhaps' is neither"),
        ({"alert_count": "many"}, "alert_count: 'many' is no number"),
        ({"labels": "{"}, "labels:"),
        ({"labels": "[1]"}, "labels: a JSON object is needed"),
        ({"id": "x" * 65}, "id:"),
        ({"id": None}, "id: it is missing"),
    ],
)
def test_an_incident_that_can_not_be_read_says_why(values: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        an_incident(**values)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("acknowledged", "notes"),
    [
        (AT - MINUTE, {"acknowledged before it began: left out"}),
        (AT + 4 * MINUTE, {"acknowledged after it ended: left out"}),
        (AT - timedelta(seconds=9), set()),
        (AT + 3 * MINUTE, set()),
    ],
)
def test_who_can_not_have_acknowledged_then_has_not(acknowledged: datetime, notes: set[str]) -> None:
    row = a_row({"start_time": AT, "acknowledged_at": acknowledged, "closed_at": AT + 3 * MINUTE}, columns.INCIDENT)
    told = past_incident(row, Reading())
    assert (row.notes, told.acknowledged_time) == (notes, None if notes else acknowledged)
    assert (told.acknowledged_by is None, told.status) == (bool(notes), Status.RESOLVED)


def test_an_open_one_that_was_acknowledged_before_it_began_is_refused() -> None:
    with pytest.raises(Unreadable, match="acknowledged_time: 2026-01-02 09:59:00 UTC is before it began"):
        an_incident(status="acked", acknowledged_at=AT - MINUTE)


@pytest.mark.parametrize("value", ["93.5", b"93.5", Decimal("93.5"), 93.5, '{"value": "93.5"}'])
def test_numbers_of_any_kind_are_numbers(value: Any) -> None:
    assert an_alert(value=value).alert.told.metric_values == {"value": 93.5}


@pytest.mark.parametrize("value", [None, "null", "", "nan", "1e999", "[ var='A' ]"])
def test_what_is_no_number_is_none(value: Any) -> None:
    assert an_alert(value=value).alert.told.metric_values == {}


@pytest.mark.parametrize("payload", ['{"labels": {"a": "b"', "[1]", "firing!"])
def test_an_alert_is_not_lost_with_its_payload(payload: str) -> None:
    row = a_row({"status": "firing", "starts_at": AT, "payload": payload}, columns.ALERT)
    assert past_alert(row, Reading()).alert.told.raw["imported"]["payload"] == payload
    assert row.notes == {"raw: no JSON object, kept as the text that it is"}


def test_a_guess_that_is_wrong_refuses_nothing_and_is_told() -> None:
    values = {"status": "firing", "starts_at": AT, "tags": "db,prod"}
    row = a_row(values, columns.ALERT)
    assert past_alert(row, Reading()).alert.told.labels == {}
    assert row.notes == {"labels: 'tags' can't be read as that, left out"}
    with pytest.raises(Unreadable, match="labels:"):
        past_alert(a_row(values, columns.ALERT, mapped={"tags": "labels"}), Reading())
    unused = a_row(values, columns.ALERT, mapped={"tags": ""})
    past_alert(unused, Reading())
    assert unused.notes == set()
    assert an_alert(labels="null").alert.told.labels == {}
    assert an_incident(noise="perhaps", count="many").alert_count is None


def test_text_that_is_not_utf_8_is_taken_as_far_as_it_is() -> None:
    row = a_row({"status": "firing", "starts_at": AT, "service": Undecoded(b"db-\xb0\xe1")}, columns.ALERT)
    assert past_alert(row, Reading()).alert.place.service.startswith("db-\N{REPLACEMENT CHARACTER}")
    assert row.notes == {"service: not UTF-8, taken with \N{REPLACEMENT CHARACTER} for what it is not"}


def test_two_columns_can_not_be_one_of_ours() -> None:
    with pytest.raises(InvalidInput, match="both 'fired' and 'began' of t are to be 'starts_at': name one"):
        matched(["id", "fired", "began"], columns.ALERT, {"fired": "starts_at", "began": "starts_at"}, table="t")


@pytest.mark.parametrize("url", ["mysql://u:se@cret@db/x", "mysql://u:se@cr:et@db/x", "mysql://u@db:cret/x"])
async def test_a_url_that_can_not_be_read_tells_no_part_of_its_password(url: str) -> None:
    with pytest.raises(InvalidInput, match="%40") as told:
        async with opened(url):
            pass
    assert "cr" not in str(told.value)


def test_what_an_earlier_run_refused_goes_when_nothing_is_refused_any_more(tmp_path: Path) -> None:
    path = tmp_path / "refused"
    first = Refusals(path)
    first.add("t", 1, "id: another row has it", {"id": 1, "far": float("inf")})
    first.forget_earlier()
    first.close()
    assert path.exists()
    Refusals(path).forget_earlier()
    assert not path.exists()


@pytest.mark.parametrize(
    ("told", "who"),
    [("<@U0ALICE>", "U0ALICE"), ("U0ALICE", "U0ALICE"), ("@alice", "app:alice"), ("Grafana", None), ("", None)],
)
def test_people_are_who_they_were(told: str, who: str | None) -> None:
    assert person(told) == who


def test_an_alert_is_what_its_payload_tells_where_columns_are_silent() -> None:
    raw = (
        '{"status": "resolved", "alerts": [{"status": "resolved", "fingerprint": "f1", "labels": {"alertname": "Full",'
        ' "severity": "P1", "namespace": "pay"}, "annotations": {"summary": "Disk full"}, "values": {"A": 93.5},'
        ' "generatorURL": "https://g/alerting/grafana/r7/view"}]}'
    )
    told = past_alert(a_row({"payload": raw, "starts_at": AT}, columns.ALERT), Reading())
    alert = told.alert
    assert (alert.told.alert_name, alert.told.rule_uid, alert.told.fingerprint) == ("Full", "r7", "f1")
    assert (alert.severity, alert.severity_raw, alert.place.namespace) == (Severity.CRITICAL, "P1", "pay")
    assert (alert.told.summary, alert.told.metric_values) == ("Disk full", {"A": 93.5})
    assert alert.told.status is AlertStatus.RESOLVED


def test_an_alert_without_a_payload_is_kept_as_the_row_that_it_was() -> None:
    told = an_alert(alert_name="Full", service="db", mood=b"bad")
    assert told.alert.told.raw["imported"]["mood"] == "bad"
    assert told.alert.told.rule_uid == "Full"
    assert told.alert.told.fingerprint.startswith("derived:")
    assert told.received_at == AT


def test_an_alert_of_no_status_and_one_of_no_time_are_refused() -> None:
    with pytest.raises(Unreadable, match="status: 'burning' is none of"):
        an_alert(status="burning")
    with pytest.raises(Unreadable, match="starts_at: it is missing"):
        an_alert(starts_at=None)
