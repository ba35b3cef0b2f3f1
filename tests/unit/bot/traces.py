"""Traces of incidents, by name: what Why? is asked about. Tests render them, and so do the pictures of the docs."""

from dataclasses import replace
from typing import Any

from incidents.inspection import MOST_LOOKED_AT, MOST_WAITING, Arrival, ArrivedAlert, CardState, ShownIn, Trace
from incidents.model import AlertKind, AlertStatus, Links, Place, Resolution, Severity
from incidents.other import OtherIncident
from tests.unit.bot.samples import a_series, acknowledged, an_episode, an_incident, minutes, resolved
from tests.unit.bot.states import HOSTILE

LABELS = {
    "cluster": "prod-a",
    "namespace": "pay",
    "service": "checkout",
    "environment": "production",
    "severity": "critical",
    "pod": "pod-a",
}
TS = f"{int(minutes(0).timestamp()) + 2}.000100"


def an_alert(**changes: Any) -> ArrivedAlert:
    return replace(
        ArrivedAlert(9, 4711, minutes(18), AlertStatus.FIRING, "resent", "pod-a", minutes(0), None, 12.0), **changes
    )


def an_arrival(alert: ArrivedAlert | None = None, **changes: Any) -> Arrival:
    place = Place("prod-a", "pay", "checkout", "production")
    arrival = Arrival(alert or an_alert(), "grafana", "rule", "CheckoutErrors", place, LABELS, minutes(18))
    return replace(arrival, **changes)


def a_card(**changes: Any) -> CardState:
    return replace(
        CardState(
            channel="#incidents",
            channel_id="C0INCIDENTS",
            ts=TS,
            shown_rev=7,
            wanted_rev=7,
            due_at=None,
            attempts=0,
            last_error=None,
            is_plain=False,
            shown_in=None,
            first_sent_at=minutes(0),
            sent_at=minutes(18),
        ),
        **changes,
    )


NOT_POSTED = {"ts": None, "channel_id": None, "shown_rev": 0, "wanted_rev": 1, "first_sent_at": None, "sent_at": None}


def a_trace(**changes: Any) -> Trace:
    oldest = an_alert(id=1, delivery_id=4001, received_at=minutes(0), reason="opened")
    return replace(
        Trace(
            now=minutes(20),
            incident=acknowledged(alert_count=12),
            episode=an_episode(),
            first_opened_at=minutes(0),
            oldest=an_arrival(oldest),
            newest=an_arrival(),
            reasons={"opened": 1, "joined": 2, "resent": 9},
            looked_at=12,
            cards=(a_card(),),
            waiting=0,
        ),
        **changes,
    )


TRACES = {
    "plain": a_trace(),
    "reopened": a_trace(
        incident=resolved(Resolution.RECOVERED, episode=3, alert_count=1),
        episode=an_episode(number=3, opened_at=minutes(15), opened_reason="within_reopen_window"),
        newest=an_arrival(an_alert(status=AlertStatus.RESOLVED, reason="recovered", ends_at=minutes(18))),
        reasons={"recovered": 1},
    ),
    "quiet": a_trace(
        incident=acknowledged(
            alert_count=12_000,
            flapping=True,
            blind_since=minutes(4),
            snoozed_until=minutes(60),
            snoozed_by="U0ALICE",
            severity=Severity.WARNING,
            unfollowed=400,
            untold=7,
        ),
        newest=an_arrival(last_seen_at=minutes(19)),
        reasons={"resent": 900, "still_firing": 60, "unfollowed": 40},
        looked_at=MOST_LOOKED_AT,
    ),
    "nothing-told": a_trace(
        incident=an_incident(place=Place("1@grafana.example.com"), alert_count=12), oldest=None, newest=None
    ),
    "declared": a_trace(
        incident=an_incident(place=Place(), rule_uid="", alert_count=0),
        episode=an_episode(opened_reason="declared"),
        oldest=None,
        newest=None,
        reasons={},
        looked_at=0,
    ),
    "changed": a_trace(
        incident=an_incident(rule_uid="CheckoutErrors", alert_count=12),
        oldest=an_arrival(
            labels={"namespace": "pay", "service": "node-exporter"}, default_labels={"cluster": "prod-a"}
        ),
    ),
    "error": a_trace(incident=an_incident(kind=AlertKind.ERROR, place=Place("prod-a"), alert_count=12)),
    "no-data": a_trace(incident=an_incident(kind=AlertKind.NO_DATA, alert_count=12)),
    "test": a_trace(incident=an_incident(kind=AlertKind.TEST, place=Place(), alert_count=1)),
    "overflow": a_trace(incident=an_incident(is_overflow=True, alert_count=12)),
    "waiting": a_trace(cards=(a_card(shown_rev=6, due_at=minutes(19)),), waiting=2),
    "failing": a_trace(
        cards=(
            a_card(**NOT_POSTED, due_at=minutes(21), attempts=3, last_error="ratelimited"),
            a_card(channel="#payments", channel_id="C0PAY", wanted_rev=8, due_at=minutes(19), last_error="fatal_error"),
        ),
        waiting=MOST_WAITING,
    ),
    "posted-anew": a_trace(cards=(a_card(ts=f"{int(minutes(12).timestamp())}.000100", is_plain=True),)),
    "held-back": a_trace(
        cards=(
            a_card(**NOT_POSTED, shown_in=ShownIn.ROLLUP),
            a_card(**NOT_POSTED, channel="#payments", shown_in=ShownIn.DIGEST),
        )
    ),
    "no-card": a_trace(cards=()),
    "noise-and-merged": a_trace(
        incident=resolved(Resolution.MERGED, is_noise=True, merged_into_id=10, alert_count=12),
        merged_into=OtherIncident(10, 140),
    ),
    "hostile": a_trace(
        incident=acknowledged(
            number=2**31,
            rule_uid=HOSTILE,
            alert_name=HOSTILE + "x",
            place=Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
            incident_key=HOSTILE,
            alert_count=2**62,
            flapping=True,
            blind_since=minutes(4),
            snoozed_until=minutes(60),
            snoozed_by=f"key:{HOSTILE}",
            unfollowed=2**62,
            untold=2**62,
            is_noise=True,
            episode=2**31,
        ),
        episode=an_episode(number=2**31, opened_reason=HOSTILE[:32]),
        oldest=an_arrival(
            labels=dict.fromkeys(("cluster", "namespace", "service", "phase"), HOSTILE), default_labels={HOSTILE: "x"}
        ),
        newest=an_arrival(an_alert(name=HOSTILE, reason=HOSTILE[:32]), source=HOSTILE, last_seen_at=minutes(19)),
        reasons=dict.fromkeys(
            ("resent", "outdated_firing", "still_firing", "unfollowed", "stale_resolve", "ended_after_closing", "blind",
             "blinded", "flapping"),
            2**62,
        ),
        looked_at=MOST_LOOKED_AT,
        cards=tuple(
            a_card(
                channel=HOSTILE,
                channel_id=HOSTILE,
                ts=HOSTILE,
                due_at=minutes(30),
                last_error=HOSTILE,
                is_plain=True,
                shown_in=ShownIn.ROLLUP,
            )
            for _ in range(5)
        ),
        waiting=MOST_WAITING,
    ),
}  # fmt: skip
SERIES = (
    a_series("pod-a"),
    a_series("pod-b", value_fired=None, value_peak=None, value_now=None, links=Links()),
    a_series(
        "pod-c", status=AlertStatus.RESOLVED, ends_at=minutes(12), value_now=1.5, links=Links(runbook="https://w")
    ),
    a_series("pod-d", status=AlertStatus.RESOLVED, ends_at=minutes(12), doubt=Resolution.SERIES_MISSING),
    a_series("rule", is_blind=True, links=Links(), value_fired=None, value_peak=None, value_now=None),
)
ARRIVED = (
    an_alert(),
    an_alert(id=8, name="pod-b", status=AlertStatus.RESOLVED, reason="series_resolved", ends_at=minutes(17), value=1.0),
    an_alert(id=7, reason="opened", received_at=minutes(0), value=None),
)
