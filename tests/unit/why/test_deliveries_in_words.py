import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from bongsu.arrivals import clusters_told, refusals_told
from bongsu.why import machine, story
from bongsu.why.story import Story
from bongsu.why.table import NOTHING, table
from bot.blocks.reasons import in_words
from bot.check import Level
from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery, PastDelivery, Refusals
from incidents.reasons import Reason
from tests.building import T0, minutes

HOSTILE = "\x1b[2J\x1b]0;gone\x07 <x>\u202e\r\nsecond line"
REFUSED = PastDelivery(19, minutes(12), "grafana", DeliveryStatus.REJECTED, None, f"alerts[0].status: {HOSTILE}")
TAKEN = PastDelivery(18, minutes(11), "grafana", DeliveryStatus.PROCESSED, None, None, alerts=2, incidents=(3, 4))
ORPHAN = replace(TAKEN, id=17, alerts=1, incidents=())
SAME = PastDelivery(16, minutes(9), "grafana", DeliveryStatus.DUPLICATE, 15, None)
REPLAYED = PastDelivery(9, minutes(1), "grafana", DeliveryStatus.REPLAYED, 15, "was wrong")


def kept(status: DeliveryStatus = DeliveryStatus.REJECTED, **changes: Any) -> KeptDelivery:
    whole = KeptDelivery(
        id=19,
        received_at=T0,
        source="grafana",
        request_id="r" * 32,
        status=status,
        other_id=None,
        error="alerts[0].status: it is missing",
        headers={"User-Agent": f"Grafana{HOSTILE}"},
        body_sha256="0" * 64,
        envelope=None,
        raw_body=b'{"alerts": [1]}',
        default_labels={"cluster": "prod-a"},
    )
    return replace(whole, **changes)


def a_fate(reason: str = "opened", incident: int | None = 3, **changes: Any) -> AlertFate:
    fate = AlertFate(f"Checkout {HOSTILE}", "firing", reason, "critical", ["prod-a", "pay"], T0, None, incident)
    return replace(fate, **changes)


def told(whole: KeptDelivery, *fates: AlertFate, **more: Any) -> str:
    return story.told(Story(whole, fates, minutes(12), whole.raw_body or b"", **more))


def is_harmless(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


def test_the_list_has_one_line_for_each_and_says_what_became_of_it() -> None:
    shown = table([REFUSED, TAKEN, ORPHAN, SAME, REPLAYED]).splitlines()
    assert [one.split()[0] for one in shown] == ["id", "19", "18", "17", "16", "9"]
    assert "rejected" in shown[1]
    assert "alerts[0].status: [2J" in shown[1]
    assert "2  INC-3, INC-4" in shown[2]
    assert shown[3].endswith("no incident")
    assert shown[4].endswith("said the same as 15")
    assert shown[5].endswith("was refused, then taken as 15")
    assert is_harmless("\n".join(shown))


def test_an_empty_list_says_where_else_to_look() -> None:
    assert table([]) == NOTHING


def test_a_long_list_of_incidents_is_cut() -> None:
    assert "INC-5 +95" in table([replace(TAKEN, incidents=tuple(range(1, 101)))])


def test_what_was_refused_tells_why_what_to_do_and_what_was_sent() -> None:
    shown = told(kept(), still_wrong="alerts[0]: an object is needed")
    assert "Delivery 19 from grafana, 2026-01-01 00:00:00 UTC (12 min ago)" in shown
    assert "It was refused: alerts[0].status: it is missing" in shown
    assert "It would be refused today, too: alerts[0]: an object is needed" in shown
    assert "cluster: prod-a" in shown
    assert '{"alerts": [1]}' in shown
    assert is_harmless(shown)


def test_what_would_be_taken_today_names_the_command() -> None:
    assert "`bongsu replay 19`" in told(kept())


def test_of_what_was_cut_nobody_is_told_to_replay_it() -> None:
    shown = told(kept(), still_wrong="only the first 65,536 bytes of its body were kept", is_cut=True)
    assert "sent again by itself" in shown
    assert "upgrade" not in shown


def test_of_what_was_not_kept_nobody_is_told_to_send_less() -> None:
    shown = told(kept(raw_body=b""), still_wrong="its body was not kept because of `redact:`", is_withheld=True)
    assert "not kept because of `redact:`" in shown
    assert ("less at once" in shown, "replay it" in shown, "0 bytes" in shown) == (False, False, False)


def test_what_was_replayed_or_doubled_points_to_the_other_one() -> None:
    for status in (DeliveryStatus.REPLAYED, DeliveryStatus.DUPLICATE):
        assert "`bongsu deliveries show 15`" in told(kept(status, other_id=15))


def test_each_alert_of_what_was_taken_tells_what_became_of_it() -> None:
    whole = kept(DeliveryStatus.PROCESSED, raw_body=None, error=None)
    shown = told(whole, a_fate(), a_fate("unknown_series", None, status="resolved", ends_at=minutes(5)))
    assert "It was taken: 2 alerts, INC-3." in shown
    assert "(critical, prod-a/pay), from 2026-01-01 00:00:00\n    INC-3: it opened this incident" in shown
    assert "to 2026-01-01 00:05:00\n    no incident: it ended what was never seen firing" in shown
    assert "Body" not in shown
    assert is_harmless(shown)


def test_a_long_body_is_shown_from_its_start() -> None:
    shown = told(kept(raw_body=b"x" * 5000))
    assert "5,000 bytes kept; this is its start" in shown
    assert "x" * 1999 + "…" in shown


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert in_words(reason.value) != reason.value.replace("_", " ")


def test_a_reason_of_another_version_is_told_by_its_name() -> None:
    assert in_words("quite_new") == "quite new"


def test_machines_get_one_object_a_line() -> None:
    first, second = machine.listed([TAKEN, SAME]).splitlines()
    assert json.loads(first)["incidents"] == ["INC-3", "INC-4"]
    assert json.loads(second) == {
        "id": 16,
        "received_at": "2026-01-01T00:09:00+00:00",
        "source": "grafana",
        "status": "duplicate",
        "other_id": 15,
        "error": None,
        "alerts": 0,
        "incidents": [],
    }


def test_machines_get_the_whole_body_and_every_fate() -> None:
    shown = json.loads(machine.told(Story(kept(raw_body=b"\xff\x00"), [a_fate()], T0, still_wrong="no")))
    assert base64.b64decode(shown["raw_body_base64"]) == b"\xff\x00"
    assert (shown["would_be_refused"], shown["alerts"][0]["incident"]) == ("no", "INC-3")


@pytest.mark.parametrize(
    ("clusters", "level", "share"),
    [
        (["prod-a"] * 9 + [""], Level.WARNING, "10 % of the last 10"),
        (["1@grafana.example.com"] * 3, Level.WARNING, "100 % of the last 3"),
        (["prod-a"] * 999 + [""], Level.WARNING, "1 % of the last 1,000"),
        (["prod-a", "admin@kubernetes"], Level.OK, "the last 2 alerts name"),
    ],
)
def test_the_doctor_tells_how_many_alerts_name_no_cluster(clusters: list[str], level: Level, share: str) -> None:
    [finding] = clusters_told(clusters)
    assert finding.level is level
    assert share in finding.what


def test_the_doctor_says_nothing_of_clusters_where_nothing_came_in() -> None:
    assert clusters_told([]) == []


def test_the_doctor_warns_of_refusals_that_still_wait() -> None:
    waits = Refusals(3, replayed=1, latest_at=T0, latest_error=HOSTILE)
    [finding] = refusals_told({"grafana": waits, "datadog": Refusals(2, replayed=2)})
    assert finding.level is Level.WARNING
    assert finding.what.startswith("2 bodies from grafana were refused in the last 24 hours")
    assert is_harmless(finding.what)
    assert [one.level for one in refusals_told({"grafana": Refusals(0)})] == [Level.OK]
