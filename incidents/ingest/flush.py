"""What a batch has decided is written: a few statements of many rows, however many alerts and incidents there are."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from base.records import replace
from incidents.approvals.ending import end_overtaken
from incidents.escalation.following import tell_receivers
from incidents.escalation.planning import replan
from incidents.ingest.conclude import conclude, latest_ends
from incidents.ingest.desk import Case, Desk
from incidents.ingest.maintaining import windows_for
from incidents.model import SYSTEM, Episode, Incident, Severity
from incidents.outbox import Mention, NewCard, Priority
from incidents.policy import Route, Traits
from incidents.ports import UnitOfWork
from incidents.record import in_an_episode, moved, reminding, tell_and_remind, touched_episodes
from incidents.rules.escalation_plan import quiet_until
from incidents.schedules.now import with_people

logger = logging.getLogger(__name__)


async def flush(desk: Desk, uow: UnitOfWork) -> Mapping[int, int]:
    """Store all that is on the desk. The real id of each delivery, by the one below zero that it had."""
    changed = [case for case in desk.cases.values() if case.has_changed]
    new = sorted((case for case in desk.cases.values() if case.is_new), key=lambda case: case.incident.id)
    ids, windows, ends, present = await uow.together(
        uow.deliveries.add(desk.deliveries),
        windows_for(changed, uow),
        latest_ends(changed, uow),
        _present_episodes(changed, uow),
    )
    conclude(desk, changed, windows, ends)
    await uow.alerts.add(desk.alerts, deliveries=ids)
    await uow.series.save(list(desk.changed_series.values()), deliveries=ids)
    touched = [case for case in desk.cases.values() if case.changes or case.counted or case.values_changed]
    for case in touched:
        case.incident = case.written(desk.now)
    routed = [_routed(case, desk) for case in touched if case.is_new]
    await uow.outbox.add_cards([card for one in routed for card in _cards(one)])
    mentioning = [one for one in routed if one.route.mention]
    await _name_whom_to_mention(mentioning, desk, uow)
    await _write_down([case for case in touched if case.changes], present, desk, uow)
    await _mention(mentioning, uow)
    await _show_anew(touched, uow)
    await _escalate([case for case in touched if case.changes], routed, uow)
    await uow.incidents.save_locked([case.incident for case in touched if not case.is_new])
    # Last of all: who opens incidents waits for the counter until we have committed, so we must wait for nobody then.
    number = await _first_number(len(new), uow)
    for place, case in enumerate(new, start=number):
        case.incident = replace(case.incident, number=place)
    await uow.incidents.save_locked([case.incident for case in new])
    if desk.alerts and logger.isEnabledFor(logging.DEBUG):
        told = {reason.value: count for reason, count in Counter(one.reason for one in desk.alerts).items()}
        logger.debug("alerts taken", extra={"action": "alerts_taken", "reasons": told})
    return ids


async def _first_number(count: int, uow: UnitOfWork) -> int:
    return await uow.incidents.next_numbers(count) if count else 0


async def _present_episodes(changed: Iterable[Case], uow: UnitOfWork) -> dict[int, Episode]:
    """By incident, of those that have changed within one. (What changes nothing that is told may have none yet.)"""
    before = [case.changes[0].before for case in changed if case.changes and in_an_episode(case.changes)]
    return dict(await uow.episodes.current_of(before))


async def _write_down(changed: Sequence[Case], before: dict[int, Episode], desk: Desk, uow: UnitOfWork) -> None:
    """Episodes and timeline. ``before``: the present episodes of those that had changed before it was concluded."""
    late = [case.changes[0].before for case in changed if in_an_episode(case.changes)]
    before |= await uow.episodes.current_of([one for one in late if one.id not in before])
    await uow.episodes.save(
        [
            episode
            for case in changed
            for episode in touched_episodes(case.changes, before.get(case.incident.id), by=SYSTEM, now=desk.now)
        ]
    )
    await _tell(changed, uow)


async def _tell(changed: Sequence[Case], uow: UnitOfWork) -> None:
    """The timeline. Only events that people are reminded of need their ids, and are written one by one."""
    quiet: list[Case] = []
    reminding: list[Case] = []
    for case in changed:
        (reminding if any(change.remind for change in case.changes) else quiet).append(case)
    await uow.timeline.add_many([(case.incident.id, change.event) for case in quiet for change in case.changes])
    for case in reminding:
        await tell_and_remind(case.changes, case.incident, uow)


@dataclass(frozen=True, slots=True)
class _Routed:
    """A new incident and where it goes."""

    case: Case
    route: Route


def _routed(case: Case, desk: Desk) -> _Routed:
    """Once for good: the cards stay where they are when its severity rises or the routes change."""
    now = case.incident
    traits = Traits(now.place, now.severity, now.source, now.alert_name, now.rule_uid, case.labels)
    return _Routed(case, desk.policy.route_for(traits))


def _cards(routed: _Routed) -> list[NewCard]:
    incident = routed.case.incident
    priority = Priority.CRITICAL_CARD if incident.severity is Severity.CRITICAL else Priority.UPDATE
    return [NewCard(incident.id, channel, priority) for channel in routed.route.channels]


async def _name_whom_to_mention(routed: Sequence[_Routed], desk: Desk, uow: UnitOfWork) -> None:
    """In the event that tells of the opening: what is posted later mentions whom the route named now.

    The overrides are asked for once for each way, not for each incident.
    """
    people = {way: await with_people(way, desk.policy, uow) for way in {one.route.mention for one in routed}}
    for one in routed:
        opening = one.case.changes[0]
        told = {**opening.event.data, "notify": people[one.route.mention]}
        one.case.changes[0] = replace(opening, event=replace(opening.event, data=told))


async def _mention(routed: Sequence[_Routed], uow: UnitOfWork) -> None:
    """Once, in the thread of the first card. Nobody is told of what is held back, nor in their quiet hours."""
    routed = [one for one in routed if not _is_held_back(one.case.incident) and not _is_quiet(one.case, uow)]
    if not routed:
        return
    openings = await uow.timeline.openings([one.case.incident.id for one in routed])
    await uow.outbox.add_mentions(
        [
            Mention(incident.id, openings[incident.id], one.route.channel, reminding(incident))
            for one in routed
            for incident in (one.case.incident,)
        ]
    )


def _is_quiet(case: Case, uow: UnitOfWork) -> bool:
    """Whether people hear of it by the pages that wait for the end of their quiet hours."""
    return quiet_until(uow.now, uow.policy.paging, case.incident.severity) is not None


def _is_held_back(incident: Incident) -> bool:
    """Somebody has snoozed it, or it is in maintenance."""
    return incident.is_snoozed or incident.maintenance_id is not None


async def _show_anew(touched: Sequence[Case], uow: UnitOfWork) -> None:
    """The cards of those that had one, where people can see a difference."""
    seen = [case.incident.id for case in touched if not case.is_new and (case.changes or case.values_changed)]
    await uow.outbox.touch_cards(seen, priority=Priority.UPDATE)


async def _escalate(changed: Sequence[Case], routed: Sequence[_Routed], uow: UnitOfWork) -> None:
    routes = {one.case.incident.id: one.route for one in routed}
    moves = [moved(one.changes, one.incident, route=routes.get(one.incident.id)) for one in changed]
    await end_overtaken([(one.changes[0].before, one.incident) for one in changed], uow)
    await replan(moves, uow)
    await tell_receivers(moves, uow)
