"""Writing changes down: incident, episodes, timeline, and what Slack must show of it. In one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.records import replace
from incidents import episodes, lifecycle
from incidents.approvals.ending import end_overtaken
from incidents.audit.recording import note_changes
from incidents.change import Change
from incidents.escalation.following import tell_receivers
from incidents.escalation.planning import Move, replan
from incidents.model import SYSTEM, Actor, Episode, Event, EventKind, Incident, Severity
from incidents.outbox import Priority
from incidents.policy import Route
from incidents.ports import UnitOfWork


async def record(change: Change, *, by: Actor, uow: UnitOfWork, then: Sequence[Change] = ()) -> Incident:
    """Store what a person or a key did, and ask for the card and for a thread entry that tells it.

    ``then``: what follows from it by itself. Raises Conflict where somebody else was faster.
    """
    changes = [change, *then]
    after = _watched(changes[-1].after, uow)
    event, *_ = await write_down(changes, after, by=by, uow=uow)
    await uow.outbox.touch_cards([change.after.id], priority=Priority.CLICK)
    if by != SYSTEM and event.id is not None:
        await uow.outbox.add_thread(change.after.id, event.id, priority=Priority.CLICK)
    return after


async def record_message(
    incident: Incident, kind: EventKind, told: Mapping[str, Any], *, by: Actor, uow: UnitOfWork
) -> Event:
    """Store what became of a message in the incident's thread, where everybody sees it: no entry tells it again.

    The card follows in its turn. Raises Conflict where somebody else was faster.
    """
    change = lifecycle.series_event(incident, kind, by=by, now=uow.now, data=told)
    [event] = await write_down([change], _watched(change.after, uow), by=by, uow=uow)
    await uow.outbox.touch_cards([change.after.id], priority=Priority.UPDATE)
    return event


async def record_many(changes: Sequence[Change], *, by: Actor, uow: UnitOfWork) -> None:
    """Store one step of each of these incidents, which are locked, within their episodes. Slack is not asked."""
    episodes_now = await uow.episodes.current_of([change.before for change in changes])
    touched = [touched_episodes([one], episodes_now[one.after.id], by=by, now=uow.now) for one in changes]
    await uow.episodes.save([episode for some in touched for episode in some])
    await _tell_many(changes, by=by, uow=uow)
    await uow.incidents.save_locked([change.after for change in changes])
    moves = [moved([change], change.after) for change in changes]
    await end_overtaken([(change.before, change.after) for change in changes], uow)
    await replan(moves, uow)
    await tell_receivers(moves, uow)


def _watched(incident: Incident, uow: UnitOfWork) -> Incident:
    """The clock looks at what was just opened by hand at once, to find out when it must look again."""
    return replace(incident, check_at=uow.now) if incident.is_open and incident.check_at is None else incident


async def _tell_many(changes: Sequence[Change], *, by: Actor, uow: UnitOfWork) -> None:
    """What people do is told in the audit log, too, which names the events: their ids cost SQLite a statement each."""
    told = [(change.after.id, change.event) for change in changes]
    if by == SYSTEM:
        await uow.timeline.add_many(told)
    else:
        await note_changes(changes, await uow.timeline.add_numbered(told), by=by, uow=uow)


async def write_down(
    changes: Sequence[Change],
    incident: Incident,
    *,
    by: Actor,
    uow: UnitOfWork,
    also: Sequence[Actor] = (),
) -> list[Event]:
    """Store one incident after its changes, in their order, with its episodes and events. Raises Conflict.

    ``also``: who else did some of them.
    """
    await uow.incidents.save(incident, expected_version=changes[0].before.version)
    before = await uow.episodes.current(changes[0].before) if in_an_episode(changes) else None
    await uow.episodes.save(touched_episodes(changes, before, by=by, now=uow.now))
    move = moved(changes, incident)
    await end_overtaken([(changes[0].before, incident)], uow)
    await replan([move], uow)
    events = await tell_and_remind(changes, incident, uow)
    await note_changes(changes, events, by=by, uow=uow, also=also)
    await tell_receivers([move], uow)
    return events


def moved(changes: Sequence[Change], incident: Incident, *, route: Route | None = None) -> Move:
    """What its escalation must know of these changes of an incident, which is ``incident`` after them."""
    return Move(changes[0].before if in_an_episode(changes) else None, incident, route)


async def tell_and_remind(changes: Sequence[Change], incident: Incident, uow: UnitOfWork) -> list[Event]:
    """Put them on the timeline, and ask for a message to whom they concern where they say so."""
    events = await uow.timeline.add(incident.id, [change.event for change in changes])
    for change, event in zip(changes, events, strict=True):
        if change.remind and event.id is not None:
            await uow.outbox.add_reminder(incident.id, event.id, priority=reminding(incident))
    return events


def reminding(incident: Incident) -> Priority:
    """How soon people must hear of it."""
    return Priority.CRITICAL_CARD if incident.severity is Severity.CRITICAL else Priority.CLICK


def in_an_episode(changes: Sequence[Change]) -> bool:
    """Whether they begin within an episode that is there already."""
    return not _opens(changes[0])


def touched_episodes(changes: Sequence[Change], before: Episode | None, *, by: Actor, now: datetime) -> list[Episode]:
    """The rows that these changes touch: the present episode, and each one that they open.

    ``before`` is the present one, None where the first change opens one.
    """
    pages = [_Page(before, before)] if before is not None else []
    for change in changes:
        if _opens(change):
            reason = str(change.event.data.get("reason", change.event.kind.value))
            pages.append(_Page(None, episodes.opened(change.after, now=now, reason=reason)))
        else:
            pages[-1].now = episodes.advanced(pages[-1].now, change, by=by)
    return [page.now for page in pages if page.now != page.before]


def _opens(change: Change) -> bool:
    return change.opens_episode or change.event.kind in _OPENINGS


_OPENINGS = frozenset({EventKind.OPENED, EventKind.DECLARED})


@dataclass(slots=True)
class _Page:
    before: Episode | None
    now: Episode
