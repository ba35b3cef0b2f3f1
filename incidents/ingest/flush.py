"""What a batch has decided is written: a few statements of many rows, however many alerts and incidents there are."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from incidents.ingest.conclude import conclude
from incidents.ingest.desk import Case, Desk
from incidents.model import SYSTEM, Severity
from incidents.ports import NewCard, Priority, UnitOfWork
from incidents.record import in_an_episode, tell_and_remind, touched_episodes

logger = logging.getLogger(__name__)


async def flush(desk: Desk, uow: UnitOfWork) -> Mapping[int, int]:
    """Store all that is on the desk. The real id of each delivery, by the one below zero that it had."""
    await conclude(desk, uow)
    ids = await uow.deliveries.add(desk.deliveries)
    await uow.alerts.add(desk.alerts, deliveries=ids)
    await uow.series.save(list(desk.changed_series.values()), deliveries=ids)
    touched = [case for case in desk.cases.values() if case.changes or case.counted or case.values_changed]
    for case in touched:
        case.incident = case.written(desk.now)
    await _write_down([case for case in touched if case.changes], desk, uow)
    await _ask_slack(touched, desk, uow)
    await _number([case for case in touched if case.is_new], uow)
    await uow.incidents.save_locked([case.incident for case in touched])
    if desk.alerts and logger.isEnabledFor(logging.DEBUG):
        told = {reason.value: count for reason, count in Counter(one.reason for one in desk.alerts).items()}
        logger.debug("alerts taken", extra={"action": "alerts_taken", "reasons": told})
    return ids


async def _write_down(changed: Sequence[Case], desk: Desk, uow: UnitOfWork) -> None:
    """Episodes and timeline."""
    present = [case.changes[0].before for case in changed if in_an_episode(case.changes)]
    before = await uow.episodes.current_of(present)
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


async def _ask_slack(touched: Sequence[Case], desk: Desk, uow: UnitOfWork) -> None:
    """A card for each new incident, and the others' cards anew where people can see a difference."""
    await uow.outbox.add_cards([_new_card(case, desk) for case in touched if case.is_new])
    seen = [case.incident.id for case in touched if not case.is_new and (case.changes or case.values_changed)]
    await uow.outbox.touch_cards(seen, priority=Priority.UPDATE)


def _new_card(case: Case, desk: Desk) -> NewCard:
    incident = case.incident
    priority = Priority.CRITICAL_CARD if incident.severity is Severity.CRITICAL else Priority.UPDATE
    return NewCard(incident.id, desk.policy.channel_for(incident.place, incident.severity), priority)


async def _number(new: Sequence[Case], uow: UnitOfWork) -> None:
    """In the order of their ids, and late: all who open incidents wait for the counter until we have committed."""
    first = await uow.incidents.next_numbers(len(new)) if new else 0
    for number, case in enumerate(sorted(new, key=lambda case: case.incident.id), start=first):
        case.incident = replace(case.incident, number=number)
