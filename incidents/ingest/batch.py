"""Deliveries in, stored alerts and true incidents out. The rules decide in memory, one alert after the other."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from incidents.arrivals import StoredAlert
from incidents.ingest.dating import dated
from incidents.ingest.desk import Case, Desk
from incidents.ingest.ending import end
from incidents.ingest.firing import fire, is_news
from incidents.ingest.flush import flush
from incidents.ingest.heartbeats import hear, signs_among
from incidents.ingest.mapping import mapped
from incidents.ingest.outcome import Ingested
from incidents.ingest.prepare import prepare
from incidents.model import Alert, Delivery
from incidents.policy import Limit, Policy
from incidents.ports import UnitOfWork
from incidents.reasons import Reason
from incidents.redaction import redacted, redacted_delivery
from incidents.rules.duplicate import is_duplicate
from incidents.rules.limits_labels import bounded

_BREATH = 200
"""Alerts after which the event loop gets a turn: others wait for it, and a delivery may hold thousands."""


async def ingest(
    batch: Sequence[Delivery], *, uow: UnitOfWork, policy: Policy, tried_since: datetime | None = None
) -> list[Ingested]:
    """Store these deliveries as if they came one after the other; what became of each, in their order.

    ``tried_since`` is the database's time when storing the first of them was first tried, None where none was tried
    before: the reply to our COMMIT may have been lost. Raises Conflict where another process was faster: the
    transaction is to be run again.
    """
    seen = await uow.deliveries.lock_bodies((delivery.source, delivery.body_sha256) for delivery in batch)
    stored = await _stored(batch, tried_since, uow)
    new = [delivery for delivery in batch if delivery.request_id not in stored]
    alerts = {delivery.request_id: mapped(delivery, policy.labels, now=uow.now) for delivery in new}
    if policy.redact:
        alerts = {request_id: redacted(some, policy.redact) for request_id, some in alerts.items()}
        batch = [redacted_delivery(delivery, policy.redact) for delivery in batch]
    told = [one for some in alerts.values() for one in some]
    signs = signs_among(told, policy)
    desk = await prepare(new, [one for one in told if id(one) not in signs], seen, uow=uow, policy=policy)
    desk.signs = signs
    taken = [
        stored.get(delivery.request_id) or await _take(delivery, alerts[delivery.request_id], desk)
        for delivery in batch
    ]
    await _discard_unused(desk, uow)
    await hear(desk, uow)
    ids = await flush(desk, uow)
    done = [await _told(one, ids, uow) for one in taken]
    told_of = zip(done, batch, strict=True)
    return [replace(one, hidden=delivery.hidden) if delivery.hidden else one for one, delivery in told_of]


@dataclass(frozen=True, slots=True)
class _Taken:
    """``of`` is the delivery whose alerts it is about: its own, or the one that it repeats."""

    delivery_id: int
    of: int
    cases: tuple[Case, ...] = ()
    reasons: tuple[Reason, ...] = ()
    limited: Mapping[tuple[Limit, str], int] = field(default_factory=dict)


async def _discard_unused(desk: Desk, uow: UnitOfWork) -> None:
    """Incidents are opened for what looks like news; others of the batch may have made it none."""
    unused = [case.incident.id for case in desk.cases.values() if not case.has_begun]
    if unused:
        await uow.incidents.discard(unused)
    for incident_id in unused:
        del desk.cases[incident_id]


async def _stored(batch: Sequence[Delivery], since: datetime | None, uow: UnitOfWork) -> dict[str, _Taken]:
    """What an earlier run has stored, by request. The body alone would not tell: another may have said the same since.

    Read after the bodies are locked, so that an earlier run that still commits has ended.
    """
    if since is None:
        return {}
    found = await uow.deliveries.stored((delivery.request_id for delivery in batch), since=since)
    return {
        request_id: _Taken(one.delivery_id, one.duplicate_of or one.delivery_id) for request_id, one in found.items()
    }


async def _take(delivery: Delivery, alerts: Sequence[Alert], desk: Desk) -> _Taken:
    seen = desk.seen.get((delivery.source, delivery.body_sha256))
    if seen is not None and seen.request_id == delivery.request_id:
        return _Taken(seen.delivery_id, seen.delivery_id)
    if seen is not None and not any(alert.is_firing and alert.series_key not in desk.series for alert in alerts):
        known = [desk.series[alert.series_key] for alert in alerts if alert.series_key in desk.series]
        says_nothing = not any(alert.is_firing and is_news(desk, alert) for alert in alerts)
        if says_nothing and is_duplicate(seen, known, now=desk.now, window=desk.policy.duplicate_window):
            return _Taken(desk.take_duplicate(delivery, seen), seen.delivery_id)
    delivery_id, desk.limited = desk.take(delivery), Counter()
    decided = []
    for place, alert in enumerate(alerts, start=1):
        decided.append(_take_alert(alert, delivery_id, desk))
        if place % _BREATH == 0:
            await asyncio.sleep(0)
    cases = tuple(case for case, _ in decided if case is not None)
    return _Taken(delivery_id, delivery_id, cases, tuple(reason for _, reason in decided), desk.limited)


async def _told(taken: _Taken, ids: Mapping[int, int], uow: UnitOfWork) -> Ingested:
    """What became of it, once all is written and every incident has its number."""
    delivery_id, of = ids.get(taken.delivery_id, taken.delivery_id), ids.get(taken.of, taken.of)
    if taken.reasons:
        names = {case.incident.number: case.incident.name for case in taken.cases}
        told = tuple(names[number] for number in sorted(names))
        return Ingested(delivery_id, len(taken.reasons), told, taken.reasons, limited=taken.limited)
    names_before = tuple(incident.name for incident in await uow.deliveries.incidents_of(of))
    if of != delivery_id:
        return Ingested(delivery_id, 0, names_before, duplicate_of=of)
    # The reply to our COMMIT was lost: this very request is stored.
    return Ingested(delivery_id, await uow.deliveries.alerts_in(of), names_before)


def _take_alert(alert: Alert, delivery_id: int, desk: Desk) -> tuple[Case | None, Reason]:
    if id(alert) in desk.signs:
        desk.alerts.append(StoredAlert(delivery_id, _bounded(desk, alert), None, Reason.SIGN_OF_LIFE))
        return None, Reason.SIGN_OF_LIFE
    alert = dated(desk, alert)
    case, reason = fire(desk, alert, delivery_id) if alert.is_firing else end(desk, alert, delivery_id)
    if case is not None:
        case.counted += 1
    desk.alerts.append(StoredAlert(delivery_id, _bounded(desk, alert), case.incident.id if case else None, reason))
    return case, reason


def _bounded(desk: Desk, alert: Alert) -> Alert:
    """As it fits into its columns. What it is about was read from all of it."""
    told = bounded(alert.told, most=desk.policy.limits.labels, first=desk.policy.labels.read)
    if told is alert.told:
        return alert
    desk.limit(Limit.LABELS, told.rule_uid)
    return replace(alert, told=told)
