"""Lists of alerts for clients, newest first: an index is walked in steps that grow, and what it passes is filtered.

Alerts are what intake writes most, so they have no index for each filter: a page passes ``MOST_SEARCHED`` at most.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, type_coerce

from db.gate import Gate, Row
from db.tables import alerts
from db.types import LongText
from incidents.errors import AlertNotFound
from incidents.inspection import Mark
from incidents.listing import AlertPage, AlertsWanted, ListedAlert, WholeAlert
from incidents.model import AlertStatus, Place, Severity

MOST_SEARCHED = 5000
_FIRST_STEP = 500
_STEPS_GROW = 5

_c = alerts.c
_PLACE = ("cluster", "namespace", "service", "phase")
_PLAIN = (
    "id", "delivery_id", "incident_id", "received_at", "source", "reason", "fingerprint", "rule_uid", "alert_name",
    "severity_raw", "starts_at", "ends_at", "summary",
)  # fmt: skip
_LISTED = tuple(_c[name] for name in (*_PLAIN, *_PLACE, "status", "severity"))
_ORDER = (_c.received_at.desc(), _c.id.desc())


class AlertListing:
    """The part of ``incidents.listing.Listing`` that is about alerts."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def alerts(self, wanted: AlertsWanted, *, after: Mark | None, limit: int) -> AlertPage:
        rest = _conditions(wanted)
        found: list[ListedAlert] = []
        at, step, left = after, _FIRST_STEP, MOST_SEARCHED
        while True:
            edge = await self._alerts_edge(wanted, at, min(step, left)) if rest else None
            some = self._alerts_between(wanted, at, edge, *_LISTED).where(*rest).limit(limit + 1 - len(found))
            found += [_listed(row) for row in await self._gate.rows(some)]
            if len(found) > limit:
                last = found[limit - 1]
                return AlertPage(found[:limit], Mark(last.received_at, last.id))
            left -= min(step, left)
            if edge is None or left <= 0:
                return AlertPage(found, edge)
            at, step = edge, step * _STEPS_GROW

    async def alert(self, alert_id: int) -> WholeAlert:
        columns = (*_LISTED, _c.labels, _c.annotations, _c.metric_values)
        row = await self._gate.row(self._gate.select_narrow(alerts, *columns).where(_c.id == alert_id))
        if row is None:
            raise AlertNotFound(alert_id)
        return WholeAlert(_listed(row), row["labels"], row["annotations"], row["metric_values"])

    async def raw_alert(self, alert_id: int) -> str:
        as_stored = type_coerce(_c.raw_payload, LongText)
        told = await self._gate.scalar(self._gate.select_narrow(alerts, as_stored).where(_c.id == alert_id))
        if told is None:
            raise AlertNotFound(alert_id)
        return str(told)

    async def _alerts_edge(self, wanted: AlertsWanted, at: Mark | None, step: int) -> Mark | None:
        """Where a step of so many ends; None: there are fewer."""
        row = await self._gate.row(
            self._alerts_between(wanted, at, None, _c.received_at, _c.id).offset(step - 1).limit(1)
        )
        return None if row is None else Mark(row["received_at"], row["id"])

    def _alerts_between(self, wanted: AlertsWanted, at: Mark | None, edge: Mark | None, *columns: Any) -> Select[Any]:
        """All that came before ``at`` back to ``edge``, which is part of it."""
        within = [_c.received_at >= wanted.since] if wanted.since is not None else []
        within += [_c.received_at < wanted.until] if wanted.until is not None else []
        if at is not None:
            within += [_c.received_at <= at.at, _or_tied(_c.received_at < at.at, at, _c.id < at.id)]
        if edge is not None:
            within += [_c.received_at >= edge.at, _or_tied(_c.received_at > edge.at, edge, _c.id >= edge.id)]
        if wanted.incident_id is None:
            statement, index = self._gate.select(alerts, *columns), "ix_alerts_received_at"
        else:
            statement, index = self._gate.select_narrow(alerts, *columns), "ix_alerts_incident_id"
            within.append(_c.incident_id == wanted.incident_id)
        return statement.with_hint(alerts, f"FORCE INDEX ({index})", "mysql").where(*within).order_by(*_ORDER)


def _or_tied(beside: ColumnElement[bool], mark: Mark, by_id: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(beside, and_(_c.received_at == mark.at, by_id))


def _conditions(wanted: AlertsWanted) -> Sequence[ColumnElement[bool]]:
    """What neither the walk's index nor the time narrows down."""
    several = (
        (_c.source, wanted.sources), (_c.status, wanted.statuses), (_c.cluster, wanted.clusters),
        (_c.namespace, wanted.namespaces), (_c.service, wanted.services), (_c.phase, wanted.phases),
        (_c.rule_uid, wanted.rule_uids),
    )  # fmt: skip
    return [column.in_(sorted(values)) for column, values in several if values]


def _listed(row: Row) -> ListedAlert:
    return ListedAlert(
        **{name: row[name] for name in _PLAIN},
        status=AlertStatus(row["status"]),
        place=Place(*(row[name] for name in _PLACE)),
        severity=Severity(row["severity"]),
    )
