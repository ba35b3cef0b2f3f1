"""Whatever arrives and whatever people merge, undo and split: it is as a plain model says, and nothing is lost."""

import random
from collections.abc import Callable, Coroutine
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from db import tables
from db.types import UtcDateTime
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import InvalidInput, Refused
from tests.building import ALICE, firing, resolved
from tests.effort import times
from tests.integration.db.merge_model import Case, MergeModel
from tests.integration.db.stage import Row, Stage

KEYS, EACH = "abc", 3
AGES = (tables.incidents, tables.incident_episodes, tables.incident_series)
TOLD_BY_SENDER = {"starts_at", "ends_at"}
_tenants = count(5000)
STEPS = {
    "arrives": 9, "merge": 4, "unmerge": 3, "split": 2, "resolve": 1, "acknowledge": 1, "wait": 0.4,
}  # fmt: skip
"""What happens, and how often."""


class Play:
    """One example, in a tenant of its own."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.dice = dice
        self.stage = Stage.on(stage.engines, tenant_id=next(_tenants))
        self.model = MergeModel()
        self.starts: dict[str, int] = {}
        self.said = 0

    async def goes_on(self) -> None:
        [happens] = self.dice.choices(list(STEPS), list(STEPS.values()))
        await getattr(self, happens)()

    async def arrives(self) -> None:
        key, what = self.dice.choice(KEYS), self.dice.choice(["fires", "fires", "fires", "again", "ends"])
        series = f"{key}{self.dice.randrange(EACH)}"
        if what != "fires" and series not in self.starts:
            return
        if what == "fires":
            self.starts[series] = self.said + 1
            self.model.fires(key, series)
        elif what == "again":
            self.model.told_again(series)
        else:
            self.model.ends(series)
        say = resolved if what == "ends" else firing
        await self.stage.take(say(series, since=self.starts[series], service=key))
        self.said += 1

    async def merge(self) -> None:
        if one := self._drawn([case for case in self.model.cases if case.is_open]):
            other = self._drawn([case for case in self.model.cases if case.is_open and case is not one]) or one
            await self._allowed(
                self.model.merge(one, other),
                lambda uow: self._with(uow, one, lambda id_: self._merge(uow, id_, other)),
            )

    async def _merge(self, uow: SqlUnitOfWork, child_id: int, parent: Case) -> None:
        into = (await uow.incidents.by_number(parent.name)).id
        await actions.merge(child_id, into=into, by=ALICE, uow=uow)

    async def unmerge(self) -> None:
        if one := self._drawn([case for case in self.model.cases if case.parent]):
            await self._allowed(
                self.model.unmerge(one),
                lambda uow: self._with(uow, one, lambda id_: actions.unmerge(id_, by=ALICE, uow=uow)),
            )

    async def split(self) -> None:
        if one := self._drawn([case for case in self.model.cases if case.firing > 1]):
            known = [*sorted(one.rows), *(["stranger"] if self.dice.random() < 0.1 else [])]
            names = set(self.dice.sample(known, self.dice.randrange(len(known) + 1)))
            await self._allowed(
                self.model.split(one, names),
                lambda uow: self._with(uow, one, lambda id_: self._split(uow, id_, names)),
            )

    async def _split(self, uow: SqlUnitOfWork, incident_id: int, names: set[str]) -> None:
        known = {row.fingerprint: row.key for row in await uow.merges.series_of(incident_id)}
        await actions.split(incident_id, series_keys=[known.get(one, one) for one in names], by=ALICE, uow=uow)

    async def resolve(self) -> None:
        if one := self._drawn([]):
            await self._allowed(
                self.model.resolve(one),
                lambda uow: self._with(uow, one, lambda id_: actions.resolve(id_, by=ALICE, uow=uow)),
            )

    async def acknowledge(self) -> None:
        if one := self._drawn([]):
            await self._allowed(
                self.model.acknowledge(one, str(ALICE)),
                lambda uow: self._with(uow, one, lambda id_: actions.acknowledge(id_, by=ALICE, uow=uow)),
            )

    async def wait(self) -> None:
        for table in AGES:
            times = [c.name for c in table.c if isinstance(c.type, UtcDateTime) and c.name not in TOLD_BY_SENDER]
            await self.stage.grow_older(table, await self._all(table), times, timedelta(minutes=61))
        await self.stage.look()
        self.model.wait()

    def _drawn(self, sensible: list[Case]) -> Case | None:
        """Mostly one with which it makes sense."""
        cases = (self.dice.random() < 0.8 and sensible) or self.model.cases
        return self.dice.choice(cases) if cases else None

    async def _with(self, uow: SqlUnitOfWork, case: Case, act: Callable[[int], Coroutine[Any, Any, Any]]) -> None:
        await act((await uow.incidents.by_number(case.name)).id)

    async def _allowed(self, is_allowed: bool, work: Callable[[SqlUnitOfWork], Coroutine[Any, Any, Any]]) -> None:
        try:
            await self.stage.write(work)
        except (Refused, InvalidInput):
            assert not is_allowed
        else:
            assert is_allowed

    async def check(self) -> None:
        """What the database says of each incident is what the model says, and what it counts is what there is."""
        incidents, series = await self._all(tables.incidents), await self._all(tables.incident_series)
        by_number = {row["number"]: row for row in incidents}
        ids = {row["id"]: row["number"] for row in incidents}
        assert sorted(by_number) == [case.name for case in self.model.cases]
        for case in self.model.cases:
            row = by_number[case.name]
            own = [one for one in series if one["incident_id"] == row["id"]]
            assert self._seen(row, own, ids) == _expected(case)
            assert row["firing"] == sum(one["status"] == "firing" for one in own)
            assert row["series_count"] >= len(own)
            assert row["status"] == "resolved" or row["check_at"] is not None
        firing_rows = [one["series_key"] for one in series if one["status"] == "firing"]
        assert len(set(firing_rows)) == len(firing_rows)
        assert len(await self._all(tables.alerts)) == self.said

    def _seen(self, row: Row, own: list[Row], ids: dict[int, int]) -> dict[str, Any]:
        return {
            "status": row["status"],
            "flaps": row["flapping"],
            "into": ids.get(row["merged_into_id"]),
            "split_from": ids.get(row["split_from_id"]),
            "alerts": row["alert_count"],
            "series": {one["fingerprint"]: one["status"] == "firing" for one in own},
            "of": {one["fingerprint"]: ids[one["merged_from_id"]] for one in own if one["merged_from_id"]},
        }

    async def _all(self, table: sa.Table) -> list[Row]:
        tenant_id = self.stage.transactions.tenant_id
        ordered = sa.select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.id)
        return list(await self.stage.rows(ordered))


def _expected(case: Case) -> dict[str, Any]:
    status = ("acknowledged" if case.owner else "active") if case.is_open else "resolved"
    return {
        "status": status,
        "flaps": case.flaps,
        "into": case.parent and case.parent.name,
        "split_from": case.split_from and case.split_from.name,
        "alerts": case.alerts,
        "series": case.rows,
        "of": {series: of.name for series, of in case.of.items()},
    }


@pytest.mark.parametrize("seed", range(times(5)))
async def test_whatever_is_merged_undone_and_split_it_is_as_a_plain_model_says(stage: Stage, seed: int) -> None:
    play = Play(stage, random.Random(seed))
    for _ in range(60):
        await play.goes_on()
        await play.check()
