"""Looking at the incidents that are due: each is locked, judged by the rules, and told when it is to be looked at next.

The lock is the transaction's. However many processes look, and whichever dies, what is due is done once.
"""

from collections.abc import Sequence
from datetime import datetime

from base.records import replace
from incidents import lifecycle
from incidents.approvals.expiring import expired
from incidents.change import Change
from incidents.model import SYSTEM, EventKind, Incident, Resolution, Severity
from incidents.outbox import Priority
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.reasons import Reason
from incidents.record import write_down
from incidents.rules.critical_still_firing import comes_back_at
from incidents.rules.flapping import quiet_at
from incidents.rules.next_check import next_check
from incidents.rules.snooze import wakes
from incidents.rules.stale import heard_at, staleness
from incidents.rules.trial import over_at
from incidents.rules.worsening import is_unconfirmed
from incidents.rules.worst_end import worst_end


async def look_at_due(uow: UnitOfWork, policy: Policy, limit: int) -> int:
    """Look at the first ``limit`` incidents that are due and that nobody else holds; at how many."""
    due = await uow.incidents.lock_due(limit=limit)
    for incident in due:
        await _look(incident, uow, policy)
    return len(due)


async def _look(incident: Incident, uow: UnitOfWork, policy: Policy) -> None:
    changes = await _changes(incident, uow, policy)
    after = changes[-1].after if changes else incident
    after = replace(
        after, check_at=next_check(after, now=uow.now, stale_after=policy.source(incident.source).stale_after)
    )
    if not changes:
        await uow.incidents.save(after, expected_version=incident.version)
        return
    await write_down(_unless_over(changes), after, by=SYSTEM, uow=uow)
    urgent = after.severity is Severity.CRITICAL
    await uow.outbox.touch_cards([after.id], priority=Priority.CRITICAL_CARD if urgent else Priority.UPDATE)


def _unless_over(changes: Sequence[Change]) -> Sequence[Change]:
    """Nobody is asked to take again what has ended in the same look."""
    if changes[-1].after.is_open:
        return changes
    return [replace(one, remind=one.remind and one.event.kind is not EventKind.WOKE) for one in changes]


async def _changes(incident: Incident, uow: UnitOfWork, policy: Policy) -> Sequence[Change]:
    changes = await expired(incident, uow)
    incident = changes[-1].after if changes else incident
    changes += _wake(incident, uow)
    incident = changes[-1].after if changes else incident
    if not incident.is_open:
        return [*changes, *await _come_back(incident, uow)]
    if _is_due(over_at(incident), uow):
        return [*changes, *await _end_test(incident, uow)]
    if is_unconfirmed(incident, now=uow.now):
        changes.append(lifecycle.lapse(incident, by=SYSTEM, now=uow.now))
        incident = changes[-1].after
    if _is_due(quiet_at(incident), uow):
        return [*changes, await _end_quiet(incident, uow)]
    return [*changes, *_judge_silence(incident, uow, policy)]


def _is_due(at: datetime | None, uow: UnitOfWork) -> bool:
    return at is not None and at <= uow.now


def _wake(incident: Incident, uow: UnitOfWork) -> list[Change]:
    reason = wakes(incident, now=uow.now)
    return [] if reason is None else [lifecycle.wake(incident, by=SYSTEM, now=uow.now, reason=reason)]


async def _come_back(incident: Incident, uow: UnitOfWork) -> list[Change]:
    """Unless its key has another incident by now, in which people handle what fires."""
    if not _is_due(comes_back_at(incident), uow):
        return []
    if await uow.incidents.open_for_key(incident.incident_key) is not None:
        return []
    return [lifecycle.come_back(incident, by=SYSTEM, now=uow.now)]


async def _end_test(incident: Incident, uow: UnitOfWork) -> list[Change]:
    """No sender tells the end of a test: its series end with it."""
    await uow.series.end_firing(incident)
    over = replace(incident, firing=0)
    told = lifecycle.resolve(over, by=SYSTEM, now=uow.now, resolution=Resolution.TEST, reason=Reason.TEST_OVER)
    return [told]


async def _end_quiet(incident: Incident, uow: UnitOfWork) -> Change:
    resolution = worst_end(incident.doubts)
    ends = await uow.series.latest_ends([incident.id]) if resolution is Resolution.RECOVERED else {}
    return lifecycle.resolve(
        incident,
        by=SYSTEM,
        now=uow.now,
        resolution=resolution,
        reason=Reason.QUIET,
        recovered_at=ends.get((incident.id, incident.episode)),
    )


def _judge_silence(incident: Incident, uow: UnitOfWork, policy: Policy) -> list[Change]:
    match staleness(incident, now=uow.now, stale_after=policy.source(incident.source).stale_after):
        case Reason.STALE:
            return [_end_stale(incident, uow)]
        case Reason.SILENT:
            since = heard_at(incident, now=uow.now)
            return [lifecycle.ask(incident, since=since, by=SYSTEM, now=uow.now)]
        case _:
            return []


def _end_stale(incident: Incident, uow: UnitOfWork) -> Change:
    return lifecycle.resolve(
        incident,
        by=SYSTEM,
        now=uow.now,
        resolution=Resolution.STALE,
        reason=Reason.STALE,
        still_firing=incident.firing,
    )
