"""What figures are made from: the episodes of a time, by the indexes on when they opened and were resolved."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Select, func

from db.gate import Gate, Row
from db.queries.browsing import matching
from db.queries.rollups import OTHER
from db.rows import incident
from db.tables import alert_rollups, incident_episodes, incidents
from incidents.browse import OPEN, Matching
from incidents.model import AlertKind, Incident, Resolution, Severity
from incidents.statistics import NOISIEST, Past, PastEpisode, Rule

MOST_EPISODES = 5_000
"""That opened, and that were resolved, each."""
MOST_SUMS = 100_000
_AT_ONCE = 5000

_episode, _rollup = incident_episodes.c, alert_rollups.c
_HOUR = timedelta(hours=1)
_Origin = tuple[str, str, str]


class StatisticsQueries:
    """Implements ``incidents.statistics.Statistics``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def past(self, wanted: Matching, *, within: timedelta) -> Past:
        asked = self._gate.now - within
        since = max([asked, *[await self._begin(time, asked) for time in (_episode.opened_at, _episode.resolved_at)]])
        found = await self._episodes(wanted, since)
        origins = await self._origins(wanted, found)
        alerts_since = await self._first_hour(since)
        alerts = await self._alerts(wanted, alerts_since, origins)
        return Past(
            since=since,
            now=self._gate.now,
            episodes=[past_episode(row) for row in found],
            open_now=await self._open_now(wanted),
            oldest=await self._oldest(wanted),
            alerts=await self._named(alerts, {row["rule_uid"]: row["alert_name"] for row in found}),
            alerts_since=alerts_since,
            is_cut=since > asked,
        )

    async def _begin(self, time: Column[datetime], asked: datetime) -> datetime:
        """The time asked for, or a later one, since which not more than so many episodes have that time."""
        statement = self._gate.select(incident_episodes, time).where(time >= asked).order_by(time.desc())
        found: datetime | None = await self._gate.scalar(statement.offset(MOST_EPISODES).limit(1))
        return asked if found is None else found + timedelta(microseconds=1)

    async def _episodes(self, wanted: Matching, since: datetime) -> Sequence[Row]:
        """All of each incident of which one opened or ended in this time: what these go on with may be older.

        Few incidents have older ones, which is as well: SQLite looks for lists of them by their tenant alone.
        """
        found = {
            (row["incident_id"], row["number"]): row
            for time in (_episode.opened_at, _episode.resolved_at)
            for row in await self._gate.rows(self._with_incidents(wanted).where(time >= since))
        }
        begun = {incident_id for incident_id, number in found if number == 1}
        older = sorted({incident_id for incident_id, _ in found} - begun)
        for at in range(0, len(older), _AT_ONCE):
            some = self._with_incidents(wanted).where(_episode.incident_id.in_(older[at : at + _AT_ONCE]))
            found |= {(row["incident_id"], row["number"]): row for row in await self._gate.rows(some)}
        return list(found.values())

    def _with_incidents(self, wanted: Matching) -> Select[Any]:
        """An episode's tenant is its incident's, too: asked for both, SQLite would begin with all of the tenant's."""
        of_it = incidents.c.id == _episode.incident_id
        return self._gate.select(incident_episodes, *OF_EPISODES).join(incidents, of_it).where(*matching(wanted))

    async def _origins(self, wanted: Matching, found: Sequence[Row]) -> Collection[_Origin] | None:
        """Of those that were found, and of what is open. None: of all."""
        if wanted == Matching():
            return None
        by = (incidents.c.rule_uid, incidents.c.service, incidents.c.cluster)
        statement = self._gate.select(incidents, *by).where(incidents.c.status.in_(sorted(OPEN)), *matching(wanted))
        return {_origin(row) for row in (*found, *await self._gate.rows(statement.distinct()))}

    async def _open_now(self, wanted: Matching) -> int:
        statement = self._gate.select(incidents, func.count()).where(incidents.c.status.in_(sorted(OPEN)))
        return int(await self._gate.scalar(statement.where(*matching(wanted))))

    async def _oldest(self, wanted: Matching) -> Incident | None:
        statement = self._gate.select(incidents).where(incidents.c.status.in_(sorted(OPEN)), *matching(wanted))
        row = await self._gate.row(statement.order_by(incidents.c.start_time, incidents.c.id).limit(1))
        return None if row is None else incident(row)

    async def _first_hour(self, since: datetime) -> datetime:
        hour = since.replace(minute=0, second=0, microsecond=0)
        statement = self._gate.select(alert_rollups, _rollup.hour).where(_rollup.hour >= hour)
        found: datetime | None = await self._gate.scalar(
            statement.order_by(_rollup.hour.desc()).offset(MOST_SUMS).limit(1)
        )
        return hour if found is None else found + _HOUR

    async def _alerts(self, wanted: Matching, since: datetime, origins: Collection[_Origin] | None) -> Counter[str]:
        """By rule. ``origins`` None: of all; else of these, since words are of incidents, not of sums."""
        by = (_rollup.rule_uid, _rollup.service, _rollup.cluster)
        statement = self._gate.select(alert_rollups, *by, func.sum(_rollup.alerts).label("alerts"))
        statement = statement.where(_rollup.hour >= since, _rollup.rule_uid != OTHER).group_by(*by)
        if wanted.severities:
            statement = statement.where(_rollup.severity.in_(sorted(wanted.severities)))
        counted: Counter[str] = Counter()
        for row in await self._gate.rows(statement):
            if origins is None or _origin(row) in origins:
                counted[row["rule_uid"]] += int(row["alerts"])
        return counted

    async def _named(self, alerts: Counter[str], names: Mapping[str, str]) -> list[Rule]:
        ordered = sorted(((uid, n) for uid, n in alerts.items() if n and uid), key=lambda one: (-one[1], one[0]))
        return [Rule(uid, names.get(uid) or await self._name(uid), n) for uid, n in ordered[:NOISIEST]]

    async def _name(self, rule_uid: str) -> str:
        statement = self._gate.select(incidents, incidents.c.alert_name).where(incidents.c.rule_uid == rule_uid)
        return str(await self._gate.scalar(statement.order_by(incidents.c.resolved_time.desc()).limit(1)) or "")


OF_EPISODES = (
    _episode.incident_id, _episode.number, _episode.opened_at, _episode.started_at, _episode.opened_reason,
    _episode.inherited, _episode.responded_at, _episode.resolved_at, _episode.resolution, _episode.recovered_at,
    incidents.c.rule_uid, incidents.c.service, incidents.c.cluster, incidents.c.namespace, incidents.c.phase,
    incidents.c.alert_name, incidents.c.source,
    incidents.c.kind, incidents.c.severity, incidents.c.episode.label("last"), incidents.c.resolution.label("ended_as"),
)  # fmt: skip


def past_episode(row: Row) -> PastEpisode:
    resolution = row["ended_as"] if row["number"] == row["last"] else row["resolution"]
    return PastEpisode(
        incident_id=row["incident_id"],
        number=row["number"],
        opened_at=row["opened_at"],
        started_at=row["started_at"],
        opened_reason=row["opened_reason"],
        inherited=row["inherited"],
        responded_at=row["responded_at"],
        resolved_at=row["resolved_at"],
        resolution=Resolution(resolution) if resolution else None,
        recovered_at=row["recovered_at"],
        rule_uid=row["rule_uid"],
        rule_name=row["alert_name"],
        source=row["source"],
        kind=AlertKind(row["kind"]),
        severity=Severity(row["severity"]),
        service=row["service"],
        cluster=row["cluster"],
        namespace=row["namespace"],
        phase=row["phase"],
    )


def _origin(row: Row) -> _Origin:
    """As the sums have it: texts that differ by blanks at their end are one there."""
    return (row["rule_uid"].rstrip(" "), row["service"].rstrip(" "), row["cluster"].rstrip(" "))
