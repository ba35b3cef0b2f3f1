"""Laying out the desk: read and lock what the batch may touch of what is known, in one order for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from incidents.arrivals import StoredRequest
from incidents.errors import Conflict
from incidents.ingest.desk import Case, Desk
from incidents.ingest.sight import blinds_all
from incidents.model import Alert, Delivery, Incident, Series
from incidents.ports import UnitOfWork
from incidents.rules.blindness import blindness


async def lay_out(
    desk: Desk, batch: Sequence[Delivery], alerts: Sequence[Alert], *, tried_since: datetime | None, uow: UnitOfWork
) -> Mapping[str, StoredRequest]:
    """What an earlier run has stored, by request; None is asked for where none was tried.

    The bodies are locked first. Then incidents, by the keys that the alerts tell, which nearly always name all: so a
    series that is read once is true. By keys, also for ends, since everybody locks in their order. Raises Conflict
    where a series moved meanwhile, or came into doubt: run it again.
    """
    series_keys = {alert.series_key for alert in alerts}
    keys, since = {alert.incident_key for alert in alerts}, uow.now - desk.policy.reopen_window
    seen, stored, locked, series = await uow.together(
        uow.deliveries.lock_bodies((delivery.source, delivery.body_sha256) for delivery in batch),
        _stored(batch, tried_since, uow),
        uow.incidents.lock_for(keys=keys, ids=(), resolved_since=since),
        uow.series.latest(series_keys),
    )
    desk.seen, desk.series = dict(seen), series
    rules, elsewhere = _rules_in_doubt(alerts, desk.series), _unlocked(desk, locked)
    blinded = await uow.incidents.open_keys_of(rules) - keys if rules else set()
    if blinded:
        locked += await uow.incidents.lock_for(keys=blinded, ids=(), resolved_since=since)
    if elsewhere:  # also where one of them is locked by now: its series were read before
        moving = [key for key, one in desk.series.items() if one.incident_id in elsewhere]
        missing = elsewhere - {incident.id for incident in locked}
        others, read_again = await uow.together(
            uow.incidents.lock_for(keys=(), ids=missing, resolved_since=since), uow.series.latest(moving)
        )
        locked += others
        desk.series.update(read_again)
        if _unlocked(desk, locked) or _rules_in_doubt(alerts, desk.series) - rules:
            raise Conflict("series changed before their incidents were locked")
    for incident in locked:
        desk.add_case(Case(incident))
    if rules:
        await _open_the_book(desk, rules, uow)
    return stored


async def _stored(batch: Iterable[Delivery], since: datetime | None, uow: UnitOfWork) -> Mapping[str, StoredRequest]:
    """The body alone would not tell: another may have said the same since.

    Read after the bodies are locked, so that an earlier run that still commits has ended.
    """
    if since is None:
        return {}
    return await uow.deliveries.stored((delivery.request_id for delivery in batch), since=since)


def _unlocked(desk: Desk, locked: Iterable[Incident]) -> set[int]:
    """The incidents of the desk's series that are not among these."""
    return {series.incident_id for series in desk.series.values()} - {incident.id for incident in locked}


def _rules_in_doubt(alerts: Iterable[Alert], series: Mapping[str, Series]) -> set[str]:
    """The rules that can't see, or did not: what these alerts say may concern all their incidents."""
    return {alert.told.rule_uid for alert in alerts if _is_in_doubt(alert, series.get(alert.series_key))}


def _is_in_doubt(alert: Alert, series: Series | None) -> bool:
    if alert.told.kind.is_blindness or (series is not None and series.is_firing and series.doubt is not None):
        return True
    return alert.is_firing and blindness(alert.told) is not None


async def _open_the_book(desk: Desk, rules: set[str], uow: UnitOfWork) -> None:
    """Which series say that these rules can't see."""
    for series in await uow.series.firing_blindly(case.incident.id for case in desk.cases.values() if case.was_open):
        if series.rule_uid in rules:
            incident = desk.cases[series.incident_id].incident
            of = None if blinds_all(series, incident) else incident.id
            desk.blinders.setdefault(series.rule_uid, {})[series.key] = of
