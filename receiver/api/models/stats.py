"""Figures of some days, as the API tells them. How each is computed: docs/explanation/figures.md."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from incidents.daily.asking import Group, Question, Stats
from incidents.daily.keeping import GroupBy, Where
from incidents.daily.tally import LEFT_OUT, Tally
from incidents.model import Resolution, Severity
from incidents.statistics import FEWEST, Rule, Share, Spread
from receiver.api.shapes import Asked, Text, Told

MOST_DAYS = 400
DEFAULT_DAYS = 30
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(told: object) -> datetime:
    """Raises ValueError."""
    if not isinstance(told, str) or not _MOMENT.fullmatch(told):
        raise ValueError("write 2026-01-31 or, with a zone, 2026-01-31T09:00:00Z (a + in a URL is %2B)")
    try:
        time = datetime.fromisoformat(told.upper())
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"there is no such time: {error}") from error
    if time < _EARLIEST:
        raise ValueError("that is before 1970")
    return time


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}),
]
"""A date is its beginning in UTC."""
Name = Annotated[Text, StringConstraints(max_length=255)]


class StatsQuery(Asked):
    since: Moment | None = Field(
        default=None,
        description="The day (UTC) that it begins with; without it 30 days, today included. A date or a time",
        examples=["2026-01-01"],
    )
    until: Moment | None = Field(
        default=None,
        description="It ends before this; what is no midnight (UTC) takes in the whole day. Without it: now",
        examples=["2026-02-01"],
    )
    service: list[Name] | None = Field(default=None, max_length=50, description="One of these, by its whole name")
    cluster: list[Name] | None = Field(default=None, max_length=50, description="One of these, by its whole name")
    severity: list[Severity] | None = Field(default=None, max_length=50, description="One of these")
    group_by: GroupBy | None = Field(default=None, description="Figures of each of these, too")

    @property
    def where(self) -> Where:
        services, clusters = (
            tuple(dict.fromkeys(name.rstrip(" ") for name in names or [])) for names in (self.service, self.cluster)
        )
        return Where(services, clusters, tuple(dict.fromkeys(self.severity or [])))


class SpreadShape(Told):
    """Times in seconds. All but ``n`` are null below five samples."""

    n: int = Field(description="How many samples there are")
    median_seconds: float | None = Field(description="Right to 2 %")
    p90_seconds: float | None = Field(description="How long 90 % took at most, right to 2 %")
    mean_seconds: float | None

    @classmethod
    def of(cls, spread: Spread) -> "SpreadShape":
        shown = (spread.median, spread.p90, spread.mean)
        median, p90, mean = (None if one is None else round(one.total_seconds(), 3) for one in shown)
        return cls(n=spread.n, median_seconds=median, p90_seconds=p90, mean_seconds=mean)


class ShareShape(Told):
    """``n`` of ``of``. ``percent`` is null where they are fewer than five."""

    n: int
    of: int
    percent: int | None

    @classmethod
    def told(cls, n: int, of: int) -> "ShareShape":
        return cls(n=n, of=of, percent=Share(n, of).percent if of >= FEWEST else None)


class FiguresShape(Told):
    """Occurrences that opened, or ended, in the time that was asked for."""

    alerts: int = Field(
        description="That were received, re-sent ones included, by their own severity: up to two minutes "
        "behind `counted_until`"
    )
    opened: int
    ended: int
    open_now: int | None = Field(description="Open at this moment, whenever it opened. null for a day")
    oldest_open_since: datetime | None = Field(description="When the one began that is open longest")
    time_to_acknowledge: SpreadShape = Field(description="MTTA: from the alert's arrival to the first response")
    time_to_recover: SpreadShape = Field(description="MTTR: of what really recovered, by the source's times")
    time_to_close: SpreadShape = Field(description="Of what somebody closed by hand")
    coverage: ShareShape = Field(description="Of those that ended: how many time_to_recover speaks of")
    acknowledged_within_5_min: ShareShape
    acknowledged_within_15_min: ShareShape
    recovered_untouched: ShareShape = Field(description="Of those that recovered: before anybody responded")
    false_recoveries: ShareShape = Field(description="Of the recoveries: opened again within the reopen window")
    left_out: dict[Resolution, int] = Field(description="Ends that prove nothing, by their resolution")

    @classmethod
    def of(cls, group: Group, *, by_day: bool = False) -> "FiguresShape":
        tally = group.tally
        counts = tally.counts
        return cls(
            alerts=counts["alerts"],
            opened=counts["opened"],
            ended=counts["ended"],
            open_now=None if by_day else group.open_now,
            oldest_open_since=group.oldest_open,
            time_to_acknowledge=SpreadShape.of(tally.mtta.spread()),
            time_to_recover=SpreadShape.of(tally.mttr.spread()),
            time_to_close=SpreadShape.of(tally.close.spread()),
            coverage=ShareShape.told(tally.mttr.n, counts["ended"]),
            acknowledged_within_5_min=ShareShape.told(counts["acknowledged_in_5min"], counts["known_in_5min"]),
            acknowledged_within_15_min=ShareShape.told(counts["acknowledged_in_15min"], counts["known_in_15min"]),
            recovered_untouched=ShareShape.told(counts["recovered_untouched"], counts["recovered"]),
            false_recoveries=ShareShape.told(counts["false_recoveries"], counts["recoveries_told"]),
            left_out=_left_out(tally),
        )


def _left_out(tally: Tally) -> dict[Resolution, int]:
    return {one: tally.counts[one.value] for one in LEFT_OUT if tally.counts[one.value]}


class GroupShape(Told):
    """``key``: a service, cluster or severity, or a day such as 2026-01-31."""

    key: str
    figures: FiguresShape


class RuleShape(Told):
    """``name`` is ``""`` where none is known."""

    rule_uid: str
    name: str
    count: int

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "list[RuleShape]":
        return [cls(rule_uid=rule.uid, name=rule.name, count=rule.count) for rule in rules]


class StatsShape(Told):
    """Figures of whole days (UTC)."""

    since: datetime
    until: datetime = Field(description="What came at or after it is not in it")
    counted_until: datetime = Field(
        description="Until when openings and ends are in it. Alerts, and what was done to incidents that had opened "
        "before, lag up to two minutes behind that. In the first minute of a new database nothing is counted yet: then "
        "it is `since`, and all but what is open now is zero"
    )
    group_by: GroupBy | None
    total: FiguresShape
    groups: list[GroupShape] = Field(description="Days in their order; others by how many opened")
    more_groups: int = Field(description="Of which there are too many to be told; the total has them")
    noisiest_by_incidents: list[RuleShape]
    noisiest_by_alerts: list[RuleShape]

    @classmethod
    def of(cls, question: Question, stats: Stats, *, now: datetime) -> "StatsShape":
        by_day = question.group_by is GroupBy.DAY
        until = min(question.until, now)
        return cls(
            since=question.since,
            until=until,
            counted_until=min(stats.counted_until, until),
            group_by=question.group_by,
            total=FiguresShape.of(stats.whole),
            groups=[GroupShape(key=key, figures=FiguresShape.of(g, by_day=by_day)) for key, g in stats.groups.items()],
            more_groups=stats.more_groups,
            noisiest_by_incidents=RuleShape.of(stats.by_incidents),
            noisiest_by_alerts=RuleShape.of(stats.by_alerts),
        )


def days_of(asked: StatsQuery, now: datetime) -> tuple[datetime, datetime]:
    """The time that is asked for, until now at most."""
    until = min(asked.until or now, now)
    return asked.since or until - timedelta(days=DEFAULT_DAYS - 1), until
