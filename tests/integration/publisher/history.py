"""One history of incidents: alerts, people, time, publishers that die and a Slack that fails; and the rest after it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from prometheus_client import CollectorRegistry

from bot.blocks.card import nowhere
from bot.blocks.rollup import SERVICES, WORST, rollup
from bot.message import Message
from bot.publisher.content import unless_refused
from bot.publisher.shown import card_now
from bot.publisher.slack import Slack
from bot.publisher.storm import StormMetrics, Storms
from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.actions.together import holder_of
from incidents.errors import Refused
from incidents.ingest import ingest
from incidents.model import Actor, Incident, SourceAlert, Status
from incidents.outbox import OutboxKind
from incidents.policy import Policies, Policy, StormPolicy
from incidents.ports import UnitOfWork
from incidents.storms import storm_named
from tests.building import ALICE, a_delivery, firing, resolved
from tests.integration.publisher.sleeper import Moment, Sleeper
from tests.integration.publisher.stage import Json, Row, Stage, Timed


async def _snooze(incident_id: int, *, by: Actor, uow: UnitOfWork) -> Incident:
    """So long that short pauses of a history pass it by, and the longest ends it."""
    return await actions.snooze(incident_id, until=uow.now + timedelta(minutes=240), by=by, uow=uow)


ACTS: Mapping[str, Callable[..., Any]] = {
    "acknowledge": actions.acknowledge,
    "resolve": actions.resolve,
    "reopen": actions.reopen,
    "mark_noise": actions.mark_noise,
    "note": partial(actions.add_note, text="seen"),
    "snooze": _snooze,
    "wake": actions.wake,
}
STORM = StormPolicy(above=3)
_COMES_TO_REST_WITHIN = 120
"""Looks, a third of a minute apart: leases end, what was refused is tried again, storms calm."""
_tenants = count(1000)


@dataclass
class History:
    """``said`` are the alerts that were answered, ``done`` counts what people did to each incident."""

    stage: Stage
    storms: Storms
    said: list[tuple[str, str]] = field(default_factory=list)
    done: Counter[int] = field(default_factory=Counter)
    began: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    sleepers: list[Sleeper] = field(default_factory=list)

    @classmethod
    async def begin(cls, stage: Stage) -> "History":
        """On a clean workspace, in a tenant of its own, with publishers that remember nothing."""
        await stage.do("reset")
        tenant_id, hands = next(_tenants), []
        for hand in stage.hands:
            transactions = Timed(hand.transactions.engines, stage.clock, stage.policy, tenant_id=tenant_id)
            slack = Slack(hand.client, stage.metrics, clock=stage.clock.monotonic)
            courier = replace(hand.courier, transactions=transactions, slack=slack)
            hands.append(replace(hand, transactions=transactions, courier=courier))
        metrics = StormMetrics(CollectorRegistry())
        storms = Storms(hands[0].transactions, Policies(Policy(storm=STORM)), metrics, clock=stage.clock.monotonic)
        return cls(replace(stage, hands=hands), storms)

    async def fires(self, name: str, severity: str, *, reply_is_lost: bool) -> None:
        """For the first time, again, or still. A sender whose reply is lost sends the same request once more."""
        since = self.began[name]
        await self._arrives(firing(name, since=since, cluster=name, severity=severity), again=reply_is_lost)

    async def ends(self, name: str, *, reply_is_lost: bool) -> None:
        since = self.began[name]
        self.began[name] += 1
        await self._arrives(resolved(name, since=since, until=since + 0.5, cluster=name), again=reply_is_lost)

    async def _arrives(self, alert: SourceAlert, *, again: bool) -> None:
        stage, since = self.stage, self.stage.clock.now
        request = a_delivery(alert, body=f"body {len(self.said)}")
        await stage.write(lambda uow: ingest([request], uow=uow, policy=stage.policy))
        if again:
            await stage.write(lambda uow: ingest([request], uow=uow, policy=stage.policy, tried_since=since))
        self.said.append((alert.fingerprint, alert.status.value))

    async def clicks(self, which: int, act: str) -> None:
        """Somebody does what makes sense, or is told why it doesn't."""
        incidents = await self._rows("incidents")
        if not incidents:
            return
        incident_id = incidents[which % len(incidents)]["id"]
        with suppress(Refused):
            await self.stage.write(lambda uow: ACTS[act](incident_id, by=ALICE, uow=uow))
            self.done[incident_id] += 1

    async def merges(self, which: int, other: int) -> None:
        """Somebody merges it into the other, or undoes that; both tell of it."""
        incidents = await self._rows("incidents")
        if not incidents:
            return
        child, parent = incidents[which % len(incidents)], incidents[other % len(incidents)]["id"]
        holder = await self.stage.read(lambda uow: _holder(child["id"], uow))
        with suppress(Refused):
            if child["merged_into_id"] is None:
                await self.stage.write(lambda uow: actions.merge(child["id"], into=parent, by=ALICE, uow=uow))
                self.done.update([child["id"], parent])
            else:
                await self.stage.write(lambda uow: actions.unmerge(child["id"], by=ALICE, uow=uow))
                self.done.update([child["id"], holder])

    async def passes(self, minutes: float) -> None:
        """The publishers are all away meanwhile; then the clock looks."""
        self.stage.clock.advance(minutes * 60)
        await self.stage.look()

    async def works(self, seconds: int) -> None:
        """The publishers do what they can."""
        for _ in range(seconds):
            await self.storms.look()
            await self.stage.run(1)

    async def claims_and_dies(self, hand: int) -> None:
        await self.stage.write(lambda uow: uow.publishing.claim(holder=self.stage.hands[hand].name))

    async def falls_asleep(self, hand: int, moment: Moment) -> None:
        """In the middle of a call to Slack."""
        sleeper = await Sleeper.put(self.stage.hands[hand], self.stage, moment)
        if sleeper is not None:
            self.sleepers.append(sleeper)

    async def wakes(self) -> None:
        """Slack answers who sends late: nobody would delete a late second post whose reply is lost, too."""
        sleeper = self.sleepers.pop(0)
        if sleeper.moment is Moment.BEFORE:
            await self.stage.heals()
        await sleeper.wakes()

    async def dies(self) -> None:
        await self.sleepers.pop(0).dies()

    async def comes_to_rest(self) -> None:
        """Slack is well, nobody sleeps, and nothing more happens. AssertionError where it never ends."""
        await self.stage.heals()
        while self.sleepers:
            await self.wakes()
        for _ in range(_COMES_TO_REST_WITHIN):
            await self.works(1)
            if await self._rests():
                return
            self.stage.clock.advance(20)
        raise AssertionError([dict(row) for row in await self._rows("outbox") if row["due_at"]])

    async def _rests(self) -> bool:
        waiting, _ = await self.stage.read(lambda uow: uow.publishing.depth())
        return not waiting and all(row["settled_at"] for row in await self._rows("storms"))

    async def check(self) -> None:
        """At rest: nothing is lost, nothing is there twice, and Slack shows what the database says."""
        assert [(row["fingerprint"], row["status"]) for row in await self._rows("alerts")] == self.said
        rows = {row["id"]: row for row in await self._rows("outbox")}
        shown = await self.stage.messages()
        messages = {_row_of(one): one for one in shown}
        assert len(messages) == len(shown)
        noted = {id_: row["ts"] for id_, row in rows.items() if row["ts"]}
        assert {id_: one["ts"] for id_, one in messages.items() if not _is_orphan(rows[id_])} == noted
        await self._each_incident_is_shown(rows)
        self._each_act_is_told(rows, messages)
        for id_, wanted in (await self.stage.read(self._truth)).items():
            assert (messages[id_]["text"], messages[id_]["blocks"]) == (wanted.text, wanted.blocks or [])

    async def _each_incident_is_shown(self, rows: Mapping[int, Row]) -> None:
        """By a card of its own, by a roll-up, or, where nobody need look at it any more, by a digest."""
        for incident in await self._rows("incidents"):
            [own] = [row for row in rows.values() if _is(row, OutboxKind.CARD) and row["incident_id"] == incident["id"]]
            if own["ts"] is None:
                other = rows[own["shown_in_id"]]
                assert other["ts"] is not None
                assert incident["status"] == Status.RESOLVED.value

    def _each_act_is_told(self, rows: Mapping[int, Row], messages: Mapping[int, Json]) -> None:
        """Once, under the card; so is each reminder that still asked for something."""
        entries = [row for row in rows.values() if _is(row, OutboxKind.THREAD)]
        assert Counter(row["incident_id"] for row in entries) == +self.done
        cards = {row["incident_id"]: row for row in rows.values() if _is(row, OutboxKind.CARD)}
        for row in rows.values():
            if not _is(row, OutboxKind.THREAD, OutboxKind.REMINDER):
                continue
            if row["ts"] is not None:
                assert messages[row["id"]]["thread_ts"] == cards[row["incident_id"]]["ts"]
            else:
                assert row["shown_in_id"] is not None or _is(row, OutboxKind.REMINDER)

    async def _truth(self, uow: SqlUnitOfWork) -> dict[int, Message]:
        """By outbox row, what each card and roll-up that is in Slack must say."""
        wanted: dict[int, Message] = {}
        for row in await uow.gate.rows(uow.gate.select(tables.outbox).where(tables.outbox.c.ts.is_not(None))):
            if _is(row, OutboxKind.CARD):
                told = await card_now(row["incident_id"], uow, link_to=nowhere)
            elif _is(row, OutboxKind.ROLLUP) and not await self._was_told_elsewhere():
                told = rollup(await uow.storms.view(storm_named(row["subject"]), worst=WORST, services=SERVICES))
            else:
                continue
            wanted[row["id"]] = unless_refused(told, row["refused_sha256"])
        return wanted

    async def _was_told_elsewhere(self) -> bool:
        """A digest shows some of a storm's incidents: its roll-up counts these as on their way, and is not compared."""
        return any(_is(row, OutboxKind.DIGEST) for row in await self._rows("outbox"))

    async def _rows(self, table: str) -> list[Row]:
        """This tenant's, in the order of their ids."""
        of = tables.metadata.tables[table]
        return await self.stage.read(lambda uow: uow.gate.rows(uow.gate.select(of).order_by(of.c.id)))


async def _holder(incident_id: int, uow: SqlUnitOfWork) -> int:
    return (await holder_of(await uow.incidents.get(incident_id), uow)).id


def _is(row: Row, *kinds: OutboxKind) -> bool:
    return row["kind"] in {kind.value for kind in kinds}


def _is_orphan(row: Row) -> bool:
    """It was in Slack, which had not said so, when an outage made it needless: nobody looks for it any more."""
    below_a_card = _is(row, OutboxKind.THREAD, OutboxKind.REMINDER)
    return below_a_card and row["ts"] is None and row["post_started_at"] is not None


def _row_of(message: Json) -> int:
    """The outbox row that a message shows, as its metadata tells."""
    row_id: int = message["metadata"]["event_payload"]["outbox_id"]
    return row_id
