"""Every state that a card can show, by name. Tests render them, and the pictures of the docs are taken of them."""

from dataclasses import replace

from incidents.approvals.model import Wanted
from incidents.escalation.coming import Coming
from incidents.escalation.model import Timer
from incidents.maintenance.model import InMaintenance
from incidents.model import AlertKind, EventKind, Links, Place, Resolution, Severity
from incidents.other import OtherIncident
from tests.unit.bot.samples import (
    BOB,
    a_series,
    a_view,
    acknowledged,
    an_approval,
    an_episode,
    an_event,
    an_incident,
    minutes,
    resolved,
)

NOTE = an_event(EventKind.NOTED, actor=BOB, text="looking at the database")
AFTERWORD = replace(an_event(EventKind.NOTED, actor=BOB, text="the pool was too small"), at=minutes(30))
HOSTILE = "<!channel> <@U0ALICE> <http://evil.example|grafana> *b* `c` ~d~ _e_\n> f \u202etxt & " + "x<" * 2500
KOREAN = "결제 서비스 오류율이 5 %를 넘었습니다 " * 12
RTL = "خطأ في الدفع " * 30
EMOJI = "🔥👩‍🚒" * 200
PARENT = OtherIncident(10, 140, card_at=("C1", "1700.1"))
ONE = (a_series("pod-a"),)
SNOOZED = {"snoozed_until": minutes(60), "snoozed_by": "U0ALICE", "severity": Severity.WARNING}
LONGEST_URL = "https://grafana.example.com/" + "d" * 1400
STATES = {
    "active": a_view(),
    "acknowledged": a_view(acknowledged(), last_note=NOTE),
    "acknowledged-assigned": a_view(acknowledged(assignee=BOB, flapping=True, blind_since=minutes(4))),
    "active-assigned": a_view(an_incident(assignee=BOB, severity=Severity.UNKNOWN)),
    "active-bare": a_view(an_incident(title="", place=Place()), series=(), firing=0, resolved=0),
    "active-one": a_view(firing=1, resolved=0, series=(a_series("pod-a", value_peak=5.2, value_now=5.2),)),
    "snoozed": a_view(an_incident(**SNOOZED)),
    "snoozed-acknowledged": a_view(acknowledged(**SNOOZED), last_note=NOTE),
    "snoozed-by-nobody-known": a_view(an_incident(**SNOOZED | {"snoozed_by": None})),
    "recovered": a_view(resolved(Resolution.RECOVERED), episode=an_episode(recovered_at=minutes(20))),
    "recovered-while-snoozed": a_view(resolved(Resolution.RECOVERED, **SNOOZED)),
    "recovered-and-explained": a_view(resolved(Resolution.RECOVERED), last_note=AFTERWORD),
    "closed-while-firing": a_view(
        resolved(Resolution.MANUAL, severity=Severity.ERROR),
        firing=2,
        last_note=an_event(EventKind.RESOLVED, note="rolled back"),
    ),
    "closed-while-critical": a_view(
        resolved(Resolution.MANUAL, firing=2), firing=2, last_note=an_event(EventKind.RESOLVED, note="rolled back")
    ),
    "merged": a_view(
        resolved(Resolution.MERGED, merged_into_id=10, resolved_by=BOB), merged_into=PARENT, series=(), resolved=0
    ),
    "merged-by-nobody-known": a_view(
        resolved(Resolution.MERGED, merged_into_id=10), merged_into=PARENT, series=(), resolved=0
    ),
    "merged-into-a-deleted-one": a_view(
        resolved(Resolution.MERGED, merged_into_id=10, resolved_by=BOB), series=(), resolved=0
    ),
    "stale": a_view(resolved(Resolution.STALE, severity=Severity.WARNING), firing=2, resolved=0),
    "series-missing": a_view(resolved(Resolution.SERIES_MISSING)),
    "noise": a_view(resolved(Resolution.NOISE, noise_reason="flaky probe")),
    "noise-after-recovery": a_view(resolved(Resolution.NOISE, resolved_by="system")),
    "test": a_view(
        an_incident(kind=AlertKind.TEST, title="Notification test", place=Place()), firing=1, resolved=0, series=ONE
    ),
    "no-data": a_view(an_incident(kind=AlertKind.NO_DATA, blind_since=minutes(0)), firing=1, resolved=0, series=ONE),
    "error": a_view(an_incident(kind=AlertKind.ERROR, title="Prometheus can't be asked"), firing=12, resolved=0),
    "blind": a_view(acknowledged(blind_since=minutes(4))),
    "flapping": a_view(an_incident(flapping=True, episode=4), firing=0, resolved=4),
    "worse": a_view(acknowledged(confirm_by=minutes(15), acknowledged_severity=Severity.WARNING)),
    "worse-by-series": a_view(
        acknowledged(confirm_by=minutes(15), acknowledged_severity=Severity.CRITICAL, assignee=BOB), firing=14
    ),
    "asked": a_view(acknowledged(confirm_by=minutes(65), confirm_reason="acknowledged_for_long")),
    "maintenance": a_view(
        an_incident(maintenance_id=1), maintenance=InMaintenance("checkout", "database upgrade", minutes(60))
    ),
    "second-person": a_view(acknowledged(approval_until=minutes(20)), approval=an_approval()),
    "second-person-for-noise": a_view(
        resolved(Resolution.RECOVERED, approval_until=minutes(20)),
        approval=an_approval(wanted=Wanted.NOISE, words=""),
    ),
    "second-person-nobody-known": a_view(an_incident(approval_until=minutes(20))),
    "closed-by-two": a_view(
        resolved(Resolution.MANUAL, approved_by=BOB), last_note=an_event(EventKind.RESOLVED, note="rolled back")
    ),
    "noise-by-two": a_view(resolved(Resolution.NOISE, approved_by=BOB, noise_reason="flaky probe")),
    "recovered-unfollowed": a_view(resolved(Resolution.RECOVERED, unfollowed=12_000), firing=0, resolved=1000),
    "unfollowed": a_view(an_incident(unfollowed=12_000), firing=3000, resolved=0),
    "no-cluster": a_view(an_incident(place=Place("1@grafana.prod.example.com", "pay", "checkout"))),
    "all-at-once": a_view(
        acknowledged(
            **SNOOZED,
            blind_since=minutes(4),
            flapping=True,
            confirm_by=minutes(15),
            unfollowed=7,
            place=Place("2@grafana"),
        ),
        last_note=NOTE,
    ),
    "test-over": a_view(resolved(Resolution.TEST, kind=AlertKind.TEST, title="Notification test", place=Place())),
    "korean": a_view(
        acknowledged(title=KOREAN, place=Place("서울", "결제", "결제")),
        series=(a_series("파드-가"), a_series("파드-나", value_peak=7.0)),
        last_note=an_event(EventKind.NOTED, actor=BOB, text=KOREAN),
    ),
    "rtl": a_view(an_incident(title=RTL, place=Place(RTL, RTL, RTL, RTL)), series=(a_series(RTL),)),
    "emoji": a_view(an_incident(title=EMOJI, place=Place(service=EMOJI)), series=(a_series(EMOJI),)),
    "hostile": a_view(
        an_incident(title=HOSTILE, place=Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)),
        series=(
            a_series(HOSTILE, links=Links(dashboard="javascript:alert(1)", runbook="https://x.example/>|<!here>")),
        ),
        last_note=an_event(EventKind.NOTED, text=HOSTILE),
    ),
    "hostile-over": a_view(
        resolved(
            Resolution.MANUAL,
            title=HOSTILE,
            place=Place("9@" + HOSTILE, HOSTILE, HOSTILE, HOSTILE),
            resolved_by=f"key:{HOSTILE}",
            approved_by=f"key:{HOSTILE}",
            approval_until=minutes(20),
            unfollowed=2**62,
            firing=500,
            snoozed_until=minutes(60),
        ),
        approval=an_approval(wanted=Wanted.NOISE, asked_by=f"key:{HOSTILE}", words=HOSTILE),
        firing=500,
        series=(a_series(HOSTILE),),
        last_note=an_event(EventKind.RESOLVED, actor=HOSTILE, note=HOSTILE),
    ),
    "longest": a_view(
        acknowledged(
            title=HOSTILE,
            place=Place("9@" + HOSTILE, HOSTILE, HOSTILE, HOSTILE),
            number=2**31,
            firing=500,
            unfollowed=2**62,
            snoozed_until=minutes(60),
            snoozed_by=f"key:{HOSTILE}",
            assignee=f"key:{HOSTILE}",
            confirm_by=minutes(15),
            flapping=True,
            blind_since=minutes(4),
            approval_until=minutes(20),
        ),
        approval=an_approval(asked_by=f"key:{HOSTILE}", words=HOSTILE),
        firing=2**31,
        resolved=2**31,
        series=(a_series(HOSTILE, links=Links(*[LONGEST_URL] * 5)), a_series(HOSTILE)),
        last_note=an_event(EventKind.NOTED, actor=HOSTILE, text=HOSTILE),
    ),
}
COMING = {
    "active": Coming(Timer.PAGE, minutes(5), 1, 3, ("@oncall",)),
    "active-assigned": Coming(Timer.PAGE, minutes(15), 2, 3, ("schedule:payments",), ("pager",)),
    "acknowledged": Coming(Timer.ASK_OWNER, minutes(63)),
    "korean": Coming(Timer.ASK_OWNER, minutes(63)),
}
"""By state, what its escalation does next, in the pictures."""
