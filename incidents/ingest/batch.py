"""Deliveries in, stored alerts and true incidents out. The rules decide in memory, one alert after the other."""

import logging
from collections import Counter
from collections.abc import Sequence

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
    alerts = {delivery.request_id: mapped(delivery, policy.labels) for delivery in batch}
    desk = await prepare(batch, [one for some in alerts.values() for one in some], uow=uow, policy=policy)
    done = [await _take(delivery, alerts[delivery.request_id], desk, uow) for delivery in batch]
    await _flush(desk, uow)
    return done


async def _take(delivery: Delivery, alerts: Sequence[Alert], desk: Desk, uow: UnitOfWork) -> Ingested:
    body = (delivery.source, delivery.body_sha256)
    seen = desk.seen.get(body)
    if seen is not None and seen.request_id == delivery.request_id:
        return await _committed_before(seen, uow)
    known = [desk.series[alert.series_key] for alert in alerts if alert.series_key in desk.series]
    if seen is not None and is_duplicate(seen, known, now=desk.now, window=desk.policy.duplicate_window):
        return await _duplicate(delivery, seen, desk, uow)
    delivery_id = await uow.deliveries.add(delivery, after=seen)
    desk.seen[body] = SeenBody(delivery_id, delivery.request_id, desk.now)
    taken = [_take_alert(alert, delivery_id, desk) for alert in alerts]
    names = {case.incident.number: case.incident.name for case, _ in taken if case is not None}
    reasons = tuple(reason for _, reason in taken)
    return Ingested(delivery_id, len(taken), tuple(names[number] for number in sorted(names)), reasons)


async def _committed_before(seen: SeenBody, uow: UnitOfWork) -> Ingested:
    """The reply to our COMMIT was lost: this very request is stored, so tell what it did."""
    incidents = await uow.deliveries.incidents_of(seen.delivery_id)
    alerts = await uow.deliveries.alerts_in(seen.delivery_id)
    return Ingested(seen.delivery_id, alerts, tuple(incident.name for incident in incidents))


async def _duplicate(delivery: Delivery, seen: SeenBody, desk: Desk, uow: UnitOfWork) -> Ingested:
    delivery_id = await uow.deliveries.add_duplicate(delivery, of=seen.delivery_id)
    desk.seen[delivery.source, delivery.body_sha256] = SeenBody(seen.delivery_id, seen.request_id, desk.now)
    incidents = await uow.deliveries.incidents_of(seen.delivery_id)
    names = tuple(incident.name for incident in incidents)
    return Ingested(delivery_id, 0, names, duplicate_of=seen.delivery_id)


def _take_alert(alert: Alert, delivery_id: int, desk: Desk) -> tuple[Case | None, Reason]:
    case, reason = fire(desk, alert, delivery_id) if alert.is_firing else end(desk, alert, delivery_id)
    if case is not None:
        case.count(desk.now)
    desk.alerts.append(StoredAlert(delivery_id, alert, case.incident.id if case else None, reason))
    return case, reason


async def _flush(desk: Desk, uow: UnitOfWork) -> None:
    await uow.alerts.add(desk.alerts)
    await uow.series.save(list(desk.changed_series.values()))
    for case in desk.cases.values():
        await _flush_case(case, desk, uow)
    if desk.alerts:
        told = {reason.value: count for reason, count in Counter(one.reason for one in desk.alerts).items()}
        logger.debug("alerts taken", extra={"action": "alerts_taken", "reasons": told})


async def _flush_case(case: Case, desk: Desk, uow: UnitOfWork) -> None:
    incident = case.incident
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
