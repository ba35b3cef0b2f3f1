"""Alerts of every sort in no order, and what must be true of the database whatever came."""

import random
from collections import Counter
from dataclasses import replace

from db import tables
from incidents.model import AlertKind, Resolution, SourceAlert
from tests.building import because, cannot_see, firing, resolved, sees
from tests.integration.db.stage import Row, Stage

REASONS = [None, None, Resolution.NO_DATA, Resolution.SERIES_MISSING, Resolution.PAUSED]


def any_alert(dice: random.Random) -> SourceAlert:
    """Of one of two rules, whose series are in two places each; or that it can't see."""
    rule, since = dice.choice(["r1", "r2"]), dice.randrange(4)
    if dice.random() < 0.4:
        return any_blindness(dice, rule, since)
    pod = dice.randrange(4)
    told = dice.choice([firing, resolved])(f"{rule}-{pod}", since=since, service="ab"[pod % 2])
    return because(dice.choice(REASONS), replace(told, rule_uid=rule))


def any_blindness(dice: random.Random, rule: str, since: float) -> SourceAlert:
    kind, place = dice.choice([AlertKind.NO_DATA, AlertKind.ERROR]), dice.choice("ab")
    fingerprint = f"{rule}-{kind.value}-{dice.randrange(2)}"
    tell = dice.choice([cannot_see, sees])
    return tell(fingerprint, kind=kind, rule_uid=rule, since=since, service=place)


async def nothing_is_miscounted(stage: Stage) -> None:
    """What is counted on an incident is what its series say, none is empty, and the clock will look at what is open."""
    series = await stage.all(tables.incident_series)
    for incident in await stage.all(tables.incidents):
        own = [row for row in series if row["incident_id"] == incident["id"]]
        seen = [row for row in own if not row["is_blind"]]
        assert incident["firing"] == len([row for row in seen if row["status"] == "firing"])
        assert incident["alert_count"] > 0
        # One that was elsewhere meanwhile is counted again.
        assert incident["series_count"] >= len(own)
        if incident["status"] != "resolved":
            assert (incident["doubts"] or {}) == _doubts(incident, seen)
            assert incident["check_at"] is not None


def _doubts(incident: Row, series: list[Row]) -> dict[str, int]:
    ended = [row["doubt"] for row in series if row["ended_episode"] == incident["episode"]]
    return dict(Counter(doubt for doubt in ended if doubt is not None))
