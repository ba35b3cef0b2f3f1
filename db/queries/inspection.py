"""A close look at one incident: the way of its alerts, and all of them a page at a time. Read, never written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from db import rows
from db.gate import Gate, Row
from db.queries.views import ViewQueries
from db.tables import alerts, deliveries, incident_episodes, incident_series, incidents, outbox
from incidents.errors import IncidentGone
from incidents.inspection import (
    MOST_CARDS,
    MOST_LOOKED_AT,
    MOST_WAITING,
    AlertPage,
    Arrival,
    ArrivedAlert,
    CardState,
    Mark,
    Page,
    SeriesPage,
    ShownIn,
    Trace,
    Turn,
)
from incidents.model import AlertStatus, Episode, Incident, Place
from incidents.outbox import OutboxKind
from incidents.rules.shown_value import shown_value

T = TypeVar("T")
_ENDED = case((incident_series.c.status == AlertStatus.FIRING.value, 0), else_=1).label("ended")
_TOLD = tuple(
    alerts.c[name]
    for name in ("id", "delivery_id", "received_at", "status", "reason", "series_key", "fingerprint", "starts_at",
                 "ends_at", "metric_values")
)  # fmt: skip
_ARRIVED = (*_TOLD, *(alerts.c[name] for name in ("source", "rule_uid", "alert_name", "labels")))
_PLACE = tuple(alerts.c[name] for name in Place.__slots__)
_BELOW = (OutboxKind.THREAD.value, OutboxKind.REMINDER.value)


class InspectionQueries:
    """Implements ``incidents.views.Inspection``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._views = ViewQueries(gate)

    async def trace(self, incident_id: int) -> Trace:
        incident = await self._incident(incident_id)
        present, first = await self._episodes(incident)
        oldest, newest = await self._ends(incident)
        reasons = await self._reasons(incident_id)
        return Trace(
            now=self._gate.now,
            incident=incident,
            episode=present,
            first_opened_at=first,
            oldest=oldest,
            newest=newest,
            reasons=reasons,
            looked_at=sum(reasons.values()),
            cards=await self._cards(incident_id),
            waiting=await self._waiting(incident_id),
            merged_into=await self._views.merged_into(incident),
        )

    async def series(self, incident_id: int, turn: Turn, *, limit: int) -> SeriesPage:
        incident = await self._incident(incident_id)
        of_it = incident_series.c.incident_id == incident_id
        counted = self._gate.select_narrow(incident_series, func.count()).where(of_it)
        keys = (_ENDED, incident_series.c.starts_at, incident_series.c.id)
        statement = self._gate.select_narrow(incident_series, incident_series, _ENDED).where(of_it)
        if turn.mark is not None:
            statement = statement.where(_beyond(keys, (turn.mark.rank, turn.mark.at, turn.mark.id), up=not turn.back))
        ordered = statement.order_by(*(key.desc() if turn.back else key.asc() for key in keys))
        found = await self._gate.rows(ordered.limit(limit + 1))
        total = int(await self._gate.scalar(counted))
        return _page(incident, found, turn, limit, total, of=rows.series, mark=_series_mark)

    async def alerts(self, incident_id: int, turn: Turn, *, limit: int) -> AlertPage:
        incident = await self._incident(incident_id)
        at, id_ = alerts.c.received_at, alerts.c.id
        statement = self._arrived(incident_id, *_TOLD)
        if turn.mark is not None:
            # The first condition alone is what the index can walk by.
            edge = at >= turn.mark.at if turn.back else at <= turn.mark.at
            statement = statement.where(edge, _beyond((at, id_), (turn.mark.at, turn.mark.id), up=turn.back))
        ordered = statement.order_by(*(key.asc() if turn.back else key.desc() for key in (at, id_)))
        found = await self._gate.rows(ordered.limit(limit + 1))
        names = await self._names(incident, found)
        return _page(
            incident,
            found,
            turn,
            limit,
            incident.alert_count,
            of=lambda row: _arrived(row, names),
            mark=lambda row: Mark(row["received_at"], row["id"]),
        )

    def _arrived(self, incident_id: int, *columns: Any) -> Select[Any]:
        """Of its alerts. Where they are to be in the order of time, MySQL would rather walk through everybody's."""
        statement = self._gate.select_narrow(alerts, *columns).where(alerts.c.incident_id == incident_id)
        return statement.with_hint(alerts, "FORCE INDEX (ix_alerts_incident_id)", "mysql")

    async def _incident(self, incident_id: int) -> Incident:
        row = await self._gate.row(self._gate.select(incidents).where(incidents.c.id == incident_id))
        if row is None:
            raise IncidentGone(incident_id)
        return rows.incident(row)

    async def _episodes(self, incident: Incident) -> tuple[Episode, Any]:
        """The present one, and when the first one opened."""
        statement = self._gate.select_narrow(incident_episodes).where(
            incident_episodes.c.incident_id == incident.id, incident_episodes.c.number.in_((1, incident.episode))
        )
        found = {row["number"]: rows.episode(row) for row in await self._gate.rows(statement)}
        first = found.get(1)
        return found[incident.episode], first.opened_at if first else None

    async def _ends(self, incident: Incident) -> tuple[Arrival | None, Arrival | None]:
        """The oldest and the newest alert."""
        at, id_ = alerts.c.received_at, alerts.c.id
        of_it = self._arrived(incident.id, *_ARRIVED, *_PLACE).limit(1)
        oldest = await self._gate.row(of_it.order_by(at, id_))
        newest = await self._gate.row(of_it.order_by(at.desc(), id_.desc()))
        both = [row for row in (oldest, newest) if row is not None]
        sent = await self._deliveries(row["delivery_id"] for row in both)
        names = await self._names(incident, both)
        told = [_arrival(row, sent.get(row["delivery_id"]), names) for row in both]
        return (told[0], told[-1]) if told else (None, None)

    async def _deliveries(self, ids: Iterable[int]) -> Mapping[int, Row]:
        wanted = sorted(set(ids))
        columns = (deliveries.c.id, deliveries.c.last_seen_at, deliveries.c.default_labels)
        found = self._gate.select(deliveries, *columns).where(deliveries.c.id.in_(wanted))
        return {row["id"]: row for row in await self._gate.rows(found)} if wanted else {}

    async def _names(self, incident: Incident, arrived: Sequence[Row]) -> Mapping[str, str]:
        """By series key, as the incident calls its series; after a merge they are the other one's."""
        keys = sorted({row["series_key"] for row in arrived})
        where = [incident.id, *([incident.merged_into_id] if incident.merged_into_id is not None else [])]
        statement = self._gate.select_narrow(
            incident_series, incident_series.c.series_key, incident_series.c.name
        ).where(incident_series.c.incident_id.in_(where), incident_series.c.series_key.in_(keys))
        return {row["series_key"]: row["name"] for row in await self._gate.rows(statement)} if keys else {}

    async def _reasons(self, incident_id: int) -> Mapping[str, int]:
        newest = (
            self._arrived(incident_id, alerts.c.reason)
            .order_by(alerts.c.received_at.desc(), alerts.c.id.desc())
            .limit(MOST_LOOKED_AT)
            .subquery("newest")
        )
        counted = select(newest.c.reason, func.count().label("n")).group_by(newest.c.reason)
        return {row["reason"]: row["n"] for row in await self._gate.rows(counted)}

    async def _cards(self, incident_id: int) -> tuple[CardState, ...]:
        statement = (
            self._gate.select(outbox)
            .where(outbox.c.incident_id == incident_id, outbox.c.kind == OutboxKind.CARD.value)
            .order_by(outbox.c.channel)  # by id MariaDB would walk through all cards
            .limit(MOST_CARDS)
        )
        cards = await self._gate.rows(statement)
        ids = sorted({row["shown_in_id"] for row in cards if row["shown_in_id"] is not None})
        elsewhere = self._gate.select(outbox, outbox.c.id, outbox.c.kind).where(outbox.c.id.in_(ids))
        kinds = {row["id"]: row["kind"] for row in await self._gate.rows(elsewhere)} if ids else {}
        return tuple(_card(row, kinds.get(row["shown_in_id"])) for row in cards)

    async def _waiting(self, incident_id: int) -> int:
        """Counted where they are read: to look up all that is due would find what waits of others, too."""
        of_it = self._gate.select(outbox, func.count(outbox.c.due_at)).where(
            outbox.c.incident_id == incident_id, outbox.c.kind.in_(_BELOW)
        )
        return min(int(await self._gate.scalar(of_it)), MOST_WAITING)


def _beyond(keys: Sequence[ColumnElement[Any]], values: Sequence[Any], *, up: bool) -> ColumnElement[bool]:
    """The rows that come after these values where all keys rise, or with ``up`` False before them."""
    after = [
        and_(*(keys[k] == values[k] for k in range(at)), keys[at] > values[at] if up else keys[at] < values[at])
        for at in range(len(keys))
    ]
    return or_(*after)


def _page(
    incident: Incident,
    found: Sequence[Row],
    turn: Turn,
    limit: int,
    total: int,
    *,
    of: Callable[[Row], T],
    mark: Callable[[Row], Mark],
) -> Page[T]:
    """``found`` has one row more than a page where there are more in the direction that was read in."""
    shown = list(found[:limit])
    more = len(found) > limit
    if turn.back:
        shown.reverse()
    has_before = more if turn.back else turn.mark is not None
    has_after = turn.back or more
    return Page(
        incident=incident,
        rows=tuple(of(row) for row in shown),
        before=Turn(mark(shown[0]), back=True) if shown and has_before else None,
        after=Turn(mark(shown[-1])) if shown and has_after else None,
        total=total,
    )


def _series_mark(row: Row) -> Mark:
    return Mark(row["starts_at"], row["id"], row["ended"])


def _arrived(row: Row, names: Mapping[str, str]) -> ArrivedAlert:
    return ArrivedAlert(
        id=row["id"],
        delivery_id=row["delivery_id"],
        received_at=row["received_at"],
        status=AlertStatus(row["status"]),
        reason=row["reason"],
        name=names.get(row["series_key"]) or row["fingerprint"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        value=shown_value(row["metric_values"]),
    )


def _arrival(row: Row, sent: Row | None, names: Mapping[str, str]) -> Arrival:
    return Arrival(
        alert=_arrived(row, names),
        source=row["source"],
        rule_uid=row["rule_uid"],
        alert_name=row["alert_name"],
        place=Place(row["cluster"], row["namespace"], row["service"], row["phase"]),
        labels=row["labels"],
        last_seen_at=sent["last_seen_at"] if sent else None,
        default_labels=(sent["default_labels"] or {}) if sent else {},
    )


def _card(row: Row, shown_in: str | None) -> CardState:
    elsewhere = shown_in if row["ts"] is None and shown_in in set(ShownIn) else None
    return CardState(
        channel=row["channel"],
        channel_id=row["channel_id"],
        ts=row["ts"],
        shown_rev=row["sent_rev"],
        wanted_rev=row["desired_rev"],
        due_at=row["due_at"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        is_plain=row["refused_sha256"] is not None,
        shown_in=ShownIn(elsewhere) if elsewhere else None,
        first_sent_at=row["first_sent_at"],
        sent_at=row["sent_at"],
    )
