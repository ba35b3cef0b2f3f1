"""Whatever arrives in whatever batches, whatever people do and however time passes: it is as a simple model says."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db import tables
from db.engine import connect
from db.types import UtcDateTime
from incidents import actions
from incidents.errors import Refused
from incidents.model import Delivery, Resolution, SourceAlert
from tests.building import ALICE, BOB, a_delivery, because, firing, resolved
from tests.effort import times
from tests.integration.db.simple_model import Case, SimpleModel, Told
from tests.integration.db.stage import Row, Stage
from tests.migrated import unsynced

T = TypeVar("T")
Drawn = tuple[int, int, bool, int, Resolution | None]
Run = Callable[[Coroutine[Any, Any, T]], T]
PEOPLE = {str(who): who for who in (ALICE, BOB)}
ACTS = {
    "acknowledge": actions.acknowledge, "unacknowledge": actions.unacknowledge, "resolve": actions.resolve,
    "reopen": actions.reopen, "mark_noise": actions.mark_noise, "mark_real": actions.mark_real,
}  # fmt: skip
DOUBTS = (None, None, Resolution.NO_DATA, Resolution.SERIES_MISSING, Resolution.PAUSED)
AGES = (tables.incidents, tables.incident_episodes, tables.incident_series)
TOLD_BY_SENDER = {"starts_at", "ends_at"}
# Add Phase.shrink where one fails: it makes the example short, and takes minutes.
BOUNDED = settings(
    max_examples=times(7),
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    print_blob=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
_tenants = count(1000)

drawn_alert = st.tuples(
    st.integers(0, 2),
    st.integers(0, 1),
    st.booleans(),
    st.sampled_from([0, 0, 1, 1, -1]),
    st.sampled_from(DOUBTS),
)
"""Key, series, whether it fires, how much later it began than what is known of it, and why its end is no recovery."""
step = st.one_of(
    st.tuples(st.just("arrive"), st.lists(drawn_alert, min_size=1, max_size=2).map(lambda one: [one])),
    st.tuples(st.just("arrive"), st.lists(st.lists(drawn_alert, min_size=1, max_size=3), min_size=1, max_size=4)),
    st.tuples(st.just("arrive_again"), st.lists(st.integers(0, 99), min_size=1, max_size=3)),
    st.tuples(st.just("act"), st.integers(0, 9), st.integers(0, 19), st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("act"), st.integers(0, 9), st.integers(0, 19), st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 16, 31, 61, 500])),
)
"""One thing that happens: a method of ``Play``, and what it is given."""


def spoken(told: Told) -> SourceAlert:
    """As a sender tells it."""
    labels = {"service": told.key, "severity": "critical" if told.key.startswith("critical") else "warning"}
    if told.fires:
        return firing(told.series, since=told.start, **labels)
    return because(told.doubt and Resolution(told.doubt), resolved(told.series, since=told.start, **labels))


async def is_allowed(work: Coroutine[Any, Any, Any]) -> bool:
    try:
        await work
    except Refused:
        return False
    return True


class Play:
    """One example, in a tenant of its own. ``keys`` of incidents, with ``each`` so many series."""

    def __init__(self, stage: Stage, keys: Sequence[str], each: int) -> None:
        self.stage = Stage.on(stage.engines, tenant_id=next(_tenants))
        self.model = SimpleModel()
        self.keys, self.each = keys, each
        self.said: list[tuple[str, list[Told]]] = []
        self.reasons: list[tuple[str, str | None]] = []
        self.versions: dict[int, int] = {}

    async def arrive(self, drawn: list[list[Drawn]]) -> None:
        """Deliveries that are committed together."""
        await self._deliver([(f"body {len(self.said) + place}", self._news(some)) for place, some in enumerate(drawn)])

    async def arrive_again(self, which: list[int]) -> None:
        """Bodies that were sent before, in their order or not."""
        if self.said:
            await self._deliver([self.said[one % len(self.said)] for one in which])

    async def act(self, which: int, what: int, who: str) -> None:
        """Somebody does something that makes sense, or not: then they are told why not."""
        if not self.model.cases:
            return
        case = self.model.cases[which % len(self.model.cases)]
        makes_sense = ["acknowledge", "resolve", "resolve"] if case.is_open else ["reopen", "reopen", "mark_real"]
        choice = [*makes_sense * 3, *ACTS]
        act = choice[what % len(choice)]
        incident_id = (await self._rows_by_case())[case]["id"]
        work = self.stage.write(lambda uow: ACTS[act](incident_id, by=PEOPLE[who], uow=uow))
        assert await is_allowed(work) == getattr(self.model, act)(case, who)

    async def wait(self, minutes: int) -> None:
        await self._grow_older(timedelta(minutes=minutes))
        await self.stage.look()
        self.model.passes(minutes)

    async def check(self) -> None:
        """It is as the model says, and every alert is stored once, where the model says."""
        rows, cards = await self._rows_by_case(), await self._all(tables.outbox)
        series = await self._all(tables.incident_series)
        assert len(rows) == len(await self._all(tables.incidents))
        for case, row in rows.items():
            assert self._seen(row, series) == self._expected(case)
            assert [card["kind"] for card in cards if card["incident_id"] == row["id"]].count("card") == 1
            assert row["version"] >= self.versions.get(row["id"], 0)
            self.versions[row["id"]] = row["version"]
        still_open = [case.key for case in self.model.cases if case.is_open]
        assert len(set(still_open)) == len(still_open)
        names = {row["id"]: self._name(case) for case, row in rows.items()}
        stored = await self._all(tables.alerts)
        assert [(row["reason"], names.get(row["incident_id"])) for row in stored] == self.reasons

    def _news(self, drawn: list[Drawn]) -> list[Told]:
        found = []
        for which, number, fires, later, doubt in drawn:
            key = self.keys[which % len(self.keys)]
            series = f"{key}-{number % self.each}"
            known = self.model.known_start(series)
            start = 3 if known is None else max(0, known + later)
            found.append(Told(key, series, fires, start, None if fires or doubt is None else doubt.value))
        return found

    async def _deliver(self, some: list[tuple[str, list[Told]]]) -> None:
        self.said += [one for one in some if one not in self.said]
        batch: list[Delivery] = [a_delivery(*map(spoken, told), body=body) for body, told in some]
        done = await self.stage.take_batch(*batch)
        for (body, told), one in zip(some, done, strict=True):
            expected = [(reason, case and self._name(case)) for reason, case in self.model.deliver(body, told)]
            assert [reason.value for reason in one.reasons] == [reason for reason, _ in expected]
            self.reasons += expected

    def _name(self, case: Case) -> str:
        return f"{case.key} {self.model.of_key(case.key).index(case)}"

    async def _rows_by_case(self) -> dict[Case, Row]:
        """Of one key the first that opened is the first in both."""
        rows = await self._all(tables.incidents)
        return {
            case: [row for row in rows if row["service"] == key][place]
            for key in self.keys
            for place, case in enumerate(self.model.of_key(key))
        }

    def _seen(self, row: Row, of_all: list[Row]) -> dict[str, Any]:
        series = [one for one in of_all if one["incident_id"] == row["id"]]
        assert row["firing"] == sum(one["status"] == "firing" for one in series)
        assert row["open_key"] == (None if row["status"] == "resolved" else row["incident_key"])
        names = ("status", "acknowledged_by", "resolution", "episode", "flapping", "is_noise", "alert_count", "firing")
        return {name: row[name] for name in names} | {
            "series": {one["fingerprint"]: one["status"] == "firing" for one in series}
        }

    def _expected(self, case: Case) -> dict[str, Any]:
        return {
            "status": case.status,
            "acknowledged_by": case.owner,
            "resolution": case.resolution,
            "episode": case.episode,
            "flapping": case.flaps,
            "is_noise": case.is_noise,
            "alert_count": case.alerts,
            "firing": case.firing,
            "series": {name: row.fires for name, row in case.rows.items()},
        }

    async def _all(self, table: sa.Table) -> list[Row]:
        tenant_id = self.stage.transactions.tenant_id
        ordered = sa.select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id)
        return list(await self.stage.rows(ordered))

    async def _grow_older(self, passed: timedelta) -> None:
        """All that Bongsu remembers, but what the sender tells of its alerts."""
        for table in AGES:
            times = [c.name for c in table.c if isinstance(c.type, UtcDateTime) and c.name not in TOLD_BY_SENDER]
            await self.stage.grow_older(table, await self._all(table), times, passed)


@pytest.fixture
def run_and_stage(migrated_url: str) -> Iterator[tuple[Run[Any], Stage]]:
    """An event loop for the whole of a test, and a database that lives in it."""
    with asyncio.Runner() as runner:
        engines = unsynced(connect(migrated_url))
        yield runner.run, Stage.on(engines)
        runner.run(engines.dispose())


@pytest.mark.parametrize(("keys", "each"), [(("a", "b", "critical-c"), 2), (("a",), 1), (("critical-c",), 2)])
def test_whatever_happens_it_is_as_a_simple_model_says(
    run_and_stage: tuple[Run[Any], Stage], keys: tuple[str, ...], each: int
) -> None:
    run, stage = run_and_stage

    async def play(steps: list[tuple[Any, ...]]) -> None:
        play = Play(stage, keys, each)
        for name, *drawn in steps:
            await getattr(play, name)(*drawn)
            await play.check()

    @BOUNDED
    @given(st.lists(step, min_size=20, max_size=30))
    def any_play(steps: list[tuple[Any, ...]]) -> None:
        run(play(steps))

    any_play()
