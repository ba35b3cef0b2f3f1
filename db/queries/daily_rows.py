"""A counted day as rows for dashboards: what happened in each place, and how long what took."""

from collections.abc import Iterator, Mapping

from db.gate import Row
from incidents.daily.keeping import CountedDay
from incidents.daily.packed import TIMES
from incidents.daily.tally import COUNTS, Place, Tally


def rows_of_places(day: CountedDay) -> Iterator[Row]:
    for place, tally in day.places.items():
        counts = {name: tally.counts[name] for name in COUNTS}
        yield {"day": day.day, **place._asdict(), **counts, **_sums(tally)}


def _sums(tally: Tally) -> Mapping[str, object]:
    told = {name: getattr(tally, name) for name in TIMES}
    return {f"{name}_n": one.n for name, one in told.items()} | {
        f"{name}_seconds": one.seconds for name, one in told.items()
    }


def rows_of_times(day: CountedDay) -> Iterator[Row]:
    for place, tally in day.places.items():
        yield from _times(day, "place", place, tally)


def rows_of_all_times(day: CountedDay) -> Iterator[Row]:
    """Of all places together, by severity alone."""
    for cell, tally in day.cells[("severity",)].items():
        yield from _times(day, "severity", Place("", "", "", "", cell.severity or ""), tally)


def _times(day: CountedDay, level: str, place: Place, tally: Tally) -> Iterator[Row]:
    for figure in TIMES:
        for seconds, n in getattr(tally, figure).told():
            told = {"grouped_by": level, "figure": figure, "day": day.day, "seconds": seconds, "n": n}
            yield told | place._asdict()
