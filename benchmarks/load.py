"""What happens to the processes of a marathon: alerts, clicks and SIGKILLs, all at random, until told to stop."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from benchmarks.loopback import Http
from benchmarks.processes import Process
from benchmarks.reckoning import MARK
from benchmarks.stage import AUTHORIZATION, Slack, rule
from bongsu.samples import Firing, body

SERVICES = 24
PODS = 3
PEOPLE = ("U0ALICE", "U0BOB", "U0CAROL")
_ALERT_EVERY = 0.15
_CLICK_EVERY = 1.2
_KILL_AFTER = (3.0, 9.0)


@dataclass
class Tally:
    """``confirmed``: the marks of the alerts that were answered 2xx."""

    sent: int = 0
    confirmed: set[int] = field(default_factory=set)
    clicks: int = 0
    kills: int = 0


@dataclass
class Load:
    http: Http
    url: str
    slack: Slack
    processes: Sequence[Process]
    tally: Tally = field(default_factory=Tally)
    chance: random.Random = field(default_factory=random.Random)
    _burning: dict[tuple[str, str], Firing] = field(default_factory=dict)

    async def run(self, seconds: float) -> None:
        """Returns when the time is up; every process runs again then."""
        tasks = [asyncio.create_task(work()) for work in (self._alerts, self._alerts, self._clicks, self._kills)]
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for process in self.processes:
            if not process.is_running:
                process.start()
        for error in ended:
            if not isinstance(error, asyncio.CancelledError) and isinstance(error, BaseException):
                raise error

    async def _alerts(self) -> None:
        while True:
            firings = self._notification()
            marks = [int(firing.annotations[MARK]) for firing in firings]
            answer = await self.http.post(f"{self.url}/webhooks/grafana", body(firings), AUTHORIZATION)
            if answer.is_ok:
                self.tally.confirmed.update(marks)
            await asyncio.sleep(self.chance.uniform(0, 2 * _ALERT_EVERY))

    def _notification(self) -> list[Firing]:
        """One to all pods of one service: each begins to fire, ends, or is told again."""
        service = f"service-{self.chance.randrange(SERVICES)}"
        pods = self.chance.sample(range(PODS), self.chance.randint(1, PODS))
        return [self._step(service, f"pod-{pod}") for pod in pods]

    def _step(self, service: str, pod: str) -> Firing:
        now, key = datetime.now(UTC), (service, pod)
        before = self._burning.get(key)
        if before is None or before.ended_at is not None:
            told = Firing(rule(service), {"pod": pod}, now, self.chance.random())
        elif self.chance.random() < 0.5:
            told = replace(before, ended_at=now)
        else:
            told = before
        self.tally.sent += 1
        told = replace(told, annotations={MARK: str(self.tally.sent)})
        self._burning[key] = told
        return told

    async def _clicks(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0, 2 * _CLICK_EVERY))
            cards = await self.slack.cards()
            if not cards:
                continue
            card = self.chance.choice(cards)
            named = [e["action_id"] for b in card["blocks"] for e in b.get("elements", []) if e.get("value")]
            await self.slack.click(card, self.chance.choice(named), user=self.chance.choice(PEOPLE))
            self.tally.clicks += 1

    async def _kills(self) -> None:
        """SIGKILL one of them, and start it again a moment later."""
        while True:
            await asyncio.sleep(self.chance.uniform(*_KILL_AFTER))
            process = self.chance.choice(self.processes)
            await asyncio.to_thread(process.kill)
            self.tally.kills += 1
            await asyncio.sleep(self.chance.uniform(0, 1))
            process.start()
