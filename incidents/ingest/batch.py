"""Deliveries in, stored alerts and true incidents out. The rules decide in memory, one alert after the other."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from incidents.ingest.conclude import conclude
from incidents.ingest.dating import dated
from incidents.ingest.desk import Case, Desk
from incidents.ingest.ending import end
from incidents.ingest.firing import fire
from incidents.ingest.mapping import mapped
from incidents.ingest.outcome import Ingested
from incidents.ingest.prepare import prepare
from incidents.model import SYSTEM, Alert, Delivery, Severity
from incidents.policy import Policy
from incidents.ports import Priority, SeenBody, StoredAlert, UnitOfWork
from incidents.reasons import Reason
from incidents.record import write_down
from incidents.rules.duplicate import is_duplicate

logger = logging.getLogger(__name__)


async def ingest(batch: Sequence[Delivery], *, uow: UnitOfWork, policy: Policy) -> list[Ingested]:
    """Store these deliveries as if they came one after the other; what became of each, in their order.

    Raises Conflict where another process was faster: the transaction is to be run again.
    """
    alerts = {delivery.request_id: mapped(delivery, policy.labels, now=uow.now) for delivery in batch}
    desk = await prepare(batch, [one for some in alerts.values() for one in some], uow=uow, policy=policy)
    taken = [await _take(delivery, alerts[delivery.request_id], desk, uow) for delivery in batch]
    await _flush(desk, uow)
    told = [await _told(one, uow) for one in taken]
    return [replace(one, hidden=delivery.hidden) for one, delivery in zip(told, batch, strict=True)]


@dataclass(frozen=True, slots=True)
class _Taken:
    """``of`` is the delivery whose alerts it is about: its own, or the one that it repeats."""

    delivery_id: int
    of: int
    cases: tuple[Case, ...] = ()
    reasons: tuple[Reason, ...] = ()


async def _take(delivery: Delivery, alerts: Sequence[Alert], desk: Desk, uow: UnitOfWork) -> _Taken:
    body = (delivery.source, delivery.body_sha256)
    seen = desk.seen.get(body)
    if seen is not None and seen.request_id == delivery.request_id:
        return _Taken(seen.delivery_id, seen.delivery_id)
    known = [desk.series[alert.series_key] for alert in alerts if alert.series_key in desk.series]
    if seen is not None and is_duplicate(seen, known, now=desk.now, window=desk.policy.duplicate_window):
        desk.seen[body] = SeenBody(seen.delivery_id, seen.request_id, desk.now)
        return _Taken(await uow.deliveries.add_duplicate(delivery, of=seen.delivery_id), seen.delivery_id)
    delivery_id = await uow.deliveries.add(delivery, after=seen)
    desk.seen[body] = SeenBody(delivery_id, delivery.request_id, desk.now)
    decided = [_take_alert(alert, delivery_id, desk) for alert in alerts]
    cases = tuple(case for case, _ in decided if case is not None)
    return _Taken(delivery_id, delivery_id, cases, tuple(reason for _, reason in decided))


async def _told(taken: _Taken, uow: UnitOfWork) -> Ingested:
    """What became of it, once all is written and every incident has its number."""
    if taken.reasons:
        names = {case.incident.number: case.incident.name for case in taken.cases}
        told = tuple(names[number] for number in sorted(names))
        return Ingested(taken.delivery_id, len(taken.reasons), told, taken.reasons)
    names_before = tuple(incident.name for incident in await uow.deliveries.incidents_of(taken.of))
    if taken.of != taken.delivery_id:
        return Ingested(taken.delivery_id, 0, names_before, duplicate_of=taken.of)
    # The reply to our COMMIT was lost: this very request is stored.
    return Ingested(taken.delivery_id, await uow.deliveries.alerts_in(taken.of), names_before)


def _take_alert(alert: Alert, delivery_id: int, desk: Desk) -> tuple[Case | None, Reason]:
    alert = dated(desk, alert)
    case, reason = fire(desk, alert, delivery_id) if alert.is_firing else end(desk, alert, delivery_id)
    if case is not None:
        case.counted += 1
    desk.alerts.append(StoredAlert(delivery_id, alert, case.incident.id if case else None, reason))
    return case, reason


async def _flush(desk: Desk, uow: UnitOfWork) -> None:
    await conclude(desk, uow)
    await uow.alerts.add(desk.alerts)
    await uow.series.save(list(desk.changed_series.values()))
    for case in desk.cases.values():
        await _flush_case(case, desk, uow)
    await _number(desk, uow)
    if desk.alerts:
        told = {reason.value: count for reason, count in Counter(one.reason for one in desk.alerts).items()}
        logger.debug("alerts taken", extra={"action": "alerts_taken", "reasons": told})


async def _number(desk: Desk, uow: UnitOfWork) -> None:
    """Last of all: everybody who opens an incident waits for the counter until we have committed."""
    new = sorted((case for case in desk.cases.values() if case.is_new), key=lambda case: case.incident.id)
    numbers = await uow.incidents.number([case.incident.id for case in new])
    for case in new:
        case.incident = replace(case.incident, number=numbers[case.incident.id])


async def _flush_case(case: Case, desk: Desk, uow: UnitOfWork) -> None:
    incident = case.incident = case.written(desk.now)
    if case.changes:
        await write_down(case.changes, incident, by=SYSTEM, uow=uow)
    elif case.counted:
        await uow.incidents.save(incident, expected_version=incident.version)
    if case.is_new:
        channel = desk.policy.channel_for(incident.place, incident.severity)
        await uow.outbox.add_card(incident.id, channel=channel, priority=_priority(case))
    elif case.changes or case.values_changed:
        await uow.outbox.touch_cards([incident.id], priority=Priority.UPDATE)


def _priority(case: Case) -> Priority:
    return Priority.CRITICAL_CARD if case.incident.severity is Severity.CRITICAL else Priority.UPDATE
