"""What is taken over from another tool: its rows become ours, and which of them did stands in ``imported_rows``."""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_

from base import codec
from db import rows
from db.gate import Gate, Row
from db.queries import counters as numbers
from db.queries import marks
from db.tables import alerts, counters, deliveries, incident_episodes, incident_events, incident_series, incidents
from db.takeover_tables import imported_rows
from incidents.arrivals import StoredAlert
from incidents.model import CLI, SYSTEM, AlertStatus, Event, EventKind, Incident, Place, Resolution
from incidents.reasons import Reason
from incidents.rules.series_name import series_name
from incidents.takeover.model import Kind, PastAlert, PastIncident

RECOUNT_MARK = "import:recount"
_SLACK = timedelta(minutes=1)
"""Their clocks, and the order in which they wrote: an alert may be told a moment before its incident, or after."""
_MOST_ALERTS = 5_000
"""Of an open incident, the newest that its series are read from."""
_NO_LINKS = dict.fromkeys(("dashboard", "panel", "runbook", "silence", "source"))

Linked = Mapping[str, int | None]
"""Our incident of each alert, by their id of that."""


class TakeoverQueries:
    """Implements ``incidents.takeover.keeping.Takeover``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def known(self, origin: str, kind: Kind, their_ids: Collection[str]) -> Mapping[str, int]:
        known = self._gate.select(imported_rows, imported_rows.c.their_id, imported_rows.c.our_id).where(
            imported_rows.c.origin == origin,
            imported_rows.c.kind == kind.value,
            imported_rows.c.their_id.in_(sorted(their_ids)),
        )
        return {row["their_id"]: row["our_id"] for row in await self._gate.rows(known)}

    async def open_names(self, incident_keys: Collection[str]) -> Mapping[str, str]:
        found = self._gate.select(incidents, incidents.c.open_key, incidents.c.number)
        those = await self._gate.rows(found.where(incidents.c.open_key.in_(sorted(incident_keys))))
        return {row["open_key"]: f"INC-{row['number']}" for row in those}

    async def add_incidents(self, origin: str, told: Sequence[PastIncident]) -> None:
        first = await numbers.take(self._gate, "incident_number", len(told))
        new = [_incident_row(one, origin, number, self._gate.now) for number, one in enumerate(told, first)]
        ids = await self._gate.insert_numbered(incidents, new)
        await self._gate.insert_many(incident_episodes, [_episode_row(*one) for one in zip(ids, told, strict=True)])
        events = [(id_, event) for id_, one in zip(ids, told, strict=True) for event in _events(one, origin)]
        await self._gate.insert_many(incident_events, [rows.event_values(*one) for one in events])
        await self._remember(origin, Kind.INCIDENT, [one.their_id for one in told], ids)

    async def add_alerts(self, origin: str, told: Sequence[PastAlert], *, counts: bool) -> None:
        linked = await self._linked(origin, told)
        of_all = await self._delivery(origin, told)
        stored = [StoredAlert(of_all, one.alert, linked[one.their_id], Reason.IMPORTED) for one in told]
        new = [rows.alert_values(one, {}, received_at=past.received_at) for one, past in zip(stored, told, strict=True)]
        ids = await self._gate.insert_numbered(alerts, new)
        await self._remember(origin, Kind.ALERT, [one.their_id for one in told], ids)
        if counts:
            await self._count(linked.values())

    async def link(self, origin: str, told: Sequence[PastAlert], *, counts: bool) -> int:
        known = await self.known(origin, Kind.ALERT, [one.their_id for one in told])
        loose = self._gate.select_narrow(alerts, alerts.c.id, alerts.c.delivery_id).where(
            alerts.c.id.in_(sorted(known.values())), alerts.c.incident_id.is_(None)
        )
        found = {row["id"]: row for row in await self._gate.rows(loose)}
        linked = await self._linked(origin, [one for one in told if known.get(one.their_id) in found])
        new = {known[their_id]: ours for their_id, ours in linked.items() if ours is not None}
        await self._gate.update_many(alerts, [{**found[id_], "incident_id": ours} for id_, ours in sorted(new.items())])
        if counts:
            await self._count(new.values())
        return len(new)

    async def open_ids(self, origin: str) -> Sequence[int]:
        found = self._gate.select(incidents, incidents.c.id).where(
            incidents.c.status.in_(("active", "acknowledged")),
            incidents.c.batch_token == _token(origin),
            incidents.c.check_at.is_(None),
        )
        return [row["id"] for row in await self._gate.rows(found.order_by(incidents.c.id))]

    async def add_series(self, incident_id: int, *, names: tuple[str, ...]) -> None:
        newest = (
            self._gate.select(alerts)
            .where(alerts.c.incident_id == incident_id)
            .order_by(alerts.c.received_at.desc(), alerts.c.id.desc())
            .limit(_MOST_ALERTS)
        )
        last: dict[str, Row] = {}
        for row in await self._gate.rows(newest):
            last.setdefault(row["series_key"], row)
        await self._gate.insert_many(incident_series, [_series_row(row, names) for row in reversed(last.values())])
        firing = sum(row["status"] == AlertStatus.FIRING.value for row in last.values())
        this = self._gate.update(incidents).where(incidents.c.id == incident_id)
        await self._gate.execute(this.values(firing=firing, series_count=len(last), check_at=self._gate.now))

    async def recount_from(self, earliest: datetime | None) -> datetime | None:
        stands = (await marks.read(self._gate, RECOUNT_MARK)).get(RECOUNT_MARK)
        if earliest is None or (stands is not None and stands <= earliest):
            return stands
        await marks.create(self._gate, {RECOUNT_MARK: earliest})
        await marks.move(self._gate, RECOUNT_MARK, earliest)
        return earliest

    async def recounted(self) -> None:
        await self._gate.execute(self._gate.delete(counters).where(counters.c.name == RECOUNT_MARK))

    async def _remember(self, origin: str, kind: Kind, theirs: Sequence[str], ours: Sequence[int]) -> None:
        """Two that take the same rows at once meet here: the second one's transaction fails, and finds them known."""
        both = sorted(zip(theirs, ours, strict=True))
        told = [{"origin": origin, "kind": kind.value, "their_id": one, "our_id": our} for one, our in both]
        await self._gate.insert_many(imported_rows, told)

    async def _delivery(self, origin: str, told: Sequence[PastAlert]) -> int:
        """One for all of them, of which each is kept as it was received: what they came in is not known."""
        at = max(one.received_at for one in told)
        envelope = {"imported": {"origin": origin, "rows": [told[0].their_id, told[-1].their_id]}}
        digest = hashlib.sha256(codec.dumps(envelope).encode()).hexdigest()
        row = {
            "received_at": at,
            "last_seen_at": at,
            "source": told[0].alert.source,
            "request_id": uuid.uuid4().hex,
            "headers": {},
            "envelope": envelope,
            "body_sha256": digest,
            "status": "processed",
        }
        return (await self._gate.insert_numbered(deliveries, [row]))[0]

    async def _linked(self, origin: str, told: Sequence[PastAlert]) -> Linked:
        named = {one.their_incident for one in told if one.their_incident is not None}
        known = await self.known(origin, Kind.INCIDENT, named)
        by_key = await self._by_key(origin, [one for one in told if one.their_incident is None])
        return {
            one.their_id: known.get(one.their_incident)
            if one.their_incident is not None
            else _open_then(by_key[one.alert.incident_key], one.received_at)
            for one in told
        }

    async def _by_key(self, origin: str, told: Sequence[PastAlert]) -> Mapping[str, Sequence[Row]]:
        """Of their incidents, those that were open somewhere in that time, the latest first."""
        found: dict[str, list[Row]] = defaultdict(list)
        if not told:
            return found
        first, last = min(one.received_at for one in told), max(one.received_at for one in told)
        columns = [incidents.c[name] for name in ("id", "incident_key", "start_time", "resolved_time")]
        then = self._gate.select(incidents, *columns).where(
            incidents.c.incident_key.in_(sorted({one.alert.incident_key for one in told})),
            or_(incidents.c.resolved_time.is_(None), incidents.c.resolved_time >= first - _SLACK),
            incidents.c.start_time <= last + _SLACK,
            incidents.c.batch_token == _token(origin),
        )
        for row in await self._gate.rows(then.order_by(incidents.c.start_time.desc())):
            found[row["incident_key"]].append(row)
        return found

    async def _count(self, incident_ids: Iterable[int | None]) -> None:
        for incident_id, count in sorted(Counter(id_ for id_ in incident_ids if id_ is not None).items()):
            this = self._gate.update(incidents).where(incidents.c.id == incident_id)
            await self._gate.execute(this.values(alert_count=incidents.c.alert_count + count))


def _open_then(those: Sequence[Row], at: datetime) -> int | None:
    for row in those:
        ended = row["resolved_time"]
        if row["start_time"] - _SLACK <= at and (ended is None or at <= ended + _SLACK):
            return int(row["id"])
    return None


def _token(origin: str) -> str:
    """By which incidents of one origin are told from others."""
    return f"import:{hashlib.sha256(origin.encode()).hexdigest()[:24]}"


def _incident_row(told: PastIncident, origin: str, number: int, now: datetime) -> dict[str, Any]:
    """An open one was heard of now, by whoever says that it is open: so its silence begins now."""
    as_it_is = Incident(
        id=0,
        number=number,
        incident_key=told.incident_key,
        title=told.title,
        status=told.status,
        severity=told.severity,
        source=told.source,
        rule_uid=told.rule_uid,
        alert_name=told.alert_name,
        place=told.place,
        start_time=told.start_time,
        last_alert_time=now if told.is_open else told.last_alert_time or told.resolved_time or told.start_time,
        episode=1,
        version=1,
        acknowledged_time=told.acknowledged_time,
        acknowledged_by=told.acknowledged_by,
        resolved_time=told.resolved_time,
        resolved_by=told.resolved_by,
        resolution=told.resolution,
        assignee=told.assignee,
        alert_count=told.alert_count or 0,
        is_noise=told.is_noise,
        noise_reason=told.noise_reason,
        event_count=len(_events(told, origin)),
    )
    fixed = ("number", "incident_key", "source", "rule_uid", "alert_name")
    return {
        **rows.bulk_values(as_it_is),
        **{name: getattr(as_it_is, name) for name in fixed},
        **asdict(told.place),
        "batch_token": _token(origin),
        "created_at": told.opened_at,
    }


def _episode_row(incident_id: int, told: PastIncident) -> dict[str, Any]:
    by_hand = told.resolved_by is not None and told.resolved_by != str(SYSTEM)
    responded = [
        (told.acknowledged_time, told.acknowledged_by),
        (told.resolved_time if by_hand else None, told.resolved_by),
    ]
    at, by = next(((at, by) for at, by in responded if at is not None), (None, None))
    return {
        "incident_id": incident_id,
        "number": 1,
        "opened_at": told.opened_at,
        "opened_reason": Reason.OPENED.value,
        "started_at": told.start_time,
        "severity": told.severity.value,
        "inherited": False,
        "acknowledged_at": told.acknowledged_time,
        "acknowledged_by": told.acknowledged_by,
        "responded_at": at,
        "responded_by": by,
        "resolved_at": told.resolved_time,
        "resolved_by": told.resolved_by,
        "resolution": told.resolution.value if told.resolution else None,
        "recovered_at": told.resolved_time if told.resolution is Resolution.RECOVERED else None,
    }


def _events(told: PastIncident, origin: str) -> list[Event]:
    """Each says that it was taken over: the audit log of their time was theirs."""
    from_there = {"imported": origin}
    opened = {"reason": Reason.OPENED.value, "their_id": told.their_id, **from_there}
    events = [Event(told.opened_at, str(SYSTEM), EventKind.OPENED, opened)]
    if told.acknowledged_time is not None:
        who = told.acknowledged_by or str(SYSTEM)
        events.append(Event(told.acknowledged_time, who, EventKind.ACKNOWLEDGED, from_there))
    if told.note:
        events.append(Event(told.opened_at, str(CLI), EventKind.NOTED, {"text": told.note, **from_there}))
    if told.resolved_time is not None and told.resolution is not None:
        ended = {"resolution": told.resolution.value, "still_firing": 0, "note": "", **from_there}
        events.append(Event(told.resolved_time, told.resolved_by or str(SYSTEM), EventKind.RESOLVED, ended))
    return events


def _place(alert: Row) -> Place:
    return Place(*(alert[name] for name in Place.__slots__))


def _series_row(alert: Row, names: tuple[str, ...]) -> dict[str, Any]:
    is_over = alert["status"] == AlertStatus.RESOLVED.value
    same = ("incident_id", "series_key", "source", "rule_uid", "fingerprint", "status", "starts_at", "summary")
    return {
        **{name: alert[name] for name in same},
        "name": series_name(alert["labels"], names, _place(alert), alert["fingerprint"]),
        "ends_at": alert["ends_at"] if is_over else None,
        "links": _NO_LINKS,
        "last_delivery_id": alert["delivery_id"],
        "last_alert_at": alert["received_at"],
        "ended_episode": 1 if is_over else None,
    }
