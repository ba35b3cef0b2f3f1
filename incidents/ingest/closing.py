"""Closing an incident whose last firing series has ended, unless something holds it open."""

from base.records import replace
from incidents import lifecycle
from incidents.ingest.desk import Case, Desk
from incidents.model import SYSTEM, Resolution
from incidents.reasons import Reason
from incidents.rules.closing import closing


def close_if_over(desk: Desk, case: Case) -> Reason:
    """Why it is over, or why not. What is closed already stays as it is."""
    if not case.incident.is_open:
        return Reason.ENDED_AFTER_CLOSING
    verdict = closing(case.incident, firing=case.firing, doubts=case.doubts)
    if verdict.resolution is not None:
        recovered_at = case.latest_end if verdict.resolution is Resolution.RECOVERED else None
        told = replace(case.incident, unfollowed=case.unfollowed)
        end = lifecycle.resolve(told, by=SYSTEM, now=desk.now, resolution=verdict.resolution, recovered_at=recovered_at)
        case.apply(end)
        desk.has_closed(case)
    return verdict.reason
