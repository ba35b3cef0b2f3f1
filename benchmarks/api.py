"""How long clients of the API wait beside very many incidents, and beside a hundredth of them."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import quote

from benchmarks.api_data import ALERTS, PEOPLE, SERVICES, TEAMS, fill
from benchmarks.figures import Figure, at_most, middle
from benchmarks.ground import Ground
from benchmarks.loopback import Http, Json
from benchmarks.processes import environment, python

_TIMES = 100
_WARM_UP = 10
_SHARE = 100
_PAUSE = 1 / 45
"""Seconds between two requests: a key may send 50 a second."""
_LIST, _TEXT = 50, 300
"""Most milliseconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` of the n-th time, for so many incidents. ``follows``: so many pages of 200 come first, unmeasured."""

    path: Callable[[int, int], str]
    most: float = _LIST
    follows: int = 0


def _service(n: int) -> str:
    return f"{SERVICES[n % len(SERVICES)]}-{n // 10 % TEAMS}"


def _any(n: int, incidents: int) -> int:
    """A number of an incident, anywhere."""
    return n * 7919 % incidents + 1


REQUESTS: Mapping[str, Request] = {
    "one incident": Request(lambda n, most: f"/incidents/INC-{_any(n, most)}"),
    "the newest": Request(lambda _n, _: "/incidents"),
    "the newest, 20,000 behind the first": Request(lambda _n, _: "/incidents?limit=200", follows=100),
    "what is open": Request(lambda _n, _: "/incidents?status=active,acknowledged&sort=severity"),
    "the gravest": Request(lambda _n, _: "/incidents?sort=severity"),
    "last resolved": Request(lambda _n, _: "/incidents?sort=-resolved_time&noise=false"),
    "a service's": Request(lambda n, _: f"/incidents?service={_service(n)}"),
    "a service's, gravest first": Request(lambda n, _: f"/incidents?service={_service(n)}&sort=severity"),
    "a cluster's critical noise": Request(
        lambda n, _: f"/incidents?cluster=prod-{n % 7}&severity=critical&noise=true&phase=dev"
    ),
    "a person's": Request(lambda n, _: f"/incidents?assignee=U0P{n % PEOPLE}&status=resolved"),
    "what flaps": Request(lambda _n, _: "/incidents?flapping=true&sort=start_time"),
    "text, a rare word": Request(lambda n, most: f"/incidents?text=build{_any(n, most) // 10}", _TEXT),
    "text, the beginning of a rare word": Request(
        lambda n, most: f"/incidents?text=build{_any(n, most) // 100}", _TEXT
    ),
    "text, words that all have": Request(lambda _n, _: "/incidents?text=latency prod", _TEXT),
    "text, some have, gravest first": Request(lambda n, _: f"/incidents?text=disk {_service(n)}&sort=severity", _TEXT),
    "text, nothing has both": Request(lambda _n, _: "/incidents?text=full looping", _TEXT),
    "text, among what is open": Request(lambda _n, _: "/incidents?text=checkout&status=active", _TEXT),
    "timeline": Request(lambda n, most: f"/incidents/INC-{_any(n, most)}/timeline"),
    "series": Request(lambda n, most: f"/incidents/INC-{_any(n, most)}/series"),
    "alerts of an incident": Request(lambda n, most: f"/incidents/INC-{_any(n, most)}/alerts"),
    "the newest alerts": Request(lambda _n, _: "/alerts"),
    "alerts, 20,000 behind the first": Request(lambda _n, _: "/alerts?limit=200", follows=100),
    "alerts of a service": Request(lambda n, _: f"/alerts?service={_service(n)}&status=firing"),
    "alerts of a rule": Request(lambda n, _: f"/alerts?rule_uid=rule-{n % 400}"),
    "one alert": Request(lambda n, most: f"/alerts/{_any(n, most * ALERTS)}"),
}
"""By name, in their order. Each is sent many times, with other values where it has any."""


class NotAnsweredError(RuntimeError):
    """A request that is measured was refused."""


async def measure(ground: Ground) -> list[Figure]:
    many, few = ground.options.incidents, max(1, ground.options.incidents // _SHARE)
    small = await _waits(ground, few)
    large = await _waits(ground, many)
    against = f"beside {few:,} incidents"
    return [
        Figure(
            f"{ground.kind}: p95 of {name} (p50 {middle(large[name]):.1f}), beside {many:,} incidents",
            _p95(large[name]), "ms", against, _p95(small[name]), at_most(request.most, "ms"),
        )
        for name, request in REQUESTS.items()
    ]  # fmt: skip


async def _waits(ground: Ground, incidents: int) -> dict[str, list[float]]:
    """Seconds that each took, by name."""
    database = await fill(ground, incidents)
    secret = await asyncio.to_thread(_key, ground, database)
    async with ground.serving(f"api, {incidents:,}", database, publishes=False) as here:
        client = _Client(here.http, f"{here.url}/api/v1", secret)
        return {name: await _of(client, request, incidents) for name, request in REQUESTS.items()}


async def _of(client: "_Client", request: Request, incidents: int) -> list[float]:
    cursor = ""
    for n in range(request.follows):
        _, body = await client.get(request.path(n, incidents) + cursor)
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    paths = [request.path(n, incidents) + cursor for n in range(_WARM_UP + _TIMES)]
    return [(await client.get(path))[0] for path in paths][_WARM_UP:]


@dataclass
class _Client:
    """Sends one request after the other, at the pace that a key may have."""

    http: Http
    url: str
    secret: str
    due: float = 0.0

    async def get(self, path: str) -> tuple[float, Json]:
        """Seconds, and what was answered. Raises NotAnsweredError."""
        await asyncio.sleep(max(0.0, self.due - time.monotonic()))
        began = time.monotonic()
        self.due = began + _PAUSE
        url = self.url + quote(path, safe="/?&=,:-")
        answer = await self.http.get(url, {"Authorization": f"Bearer {self.secret}"})
        if not answer.is_ok:
            raise NotAnsweredError(f"{path}: {answer.status} {answer.body}")
        return time.monotonic() - began, answer.body


def _key(ground: Ground, database: str) -> str:
    command = python("-m", "bongsu", "apikey", "create", "--name", "benchmark", "--role", "read")
    env = environment({"BONGSU_DATABASE_URL": database})
    return subprocess.run(
        command, env=env, cwd=ground.folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _p95(seconds: Sequence[float]) -> float:
    """In milliseconds: the smallest that 95 % are not above."""
    return sorted(seconds)[ceil(len(seconds) * 0.95) - 1] * 1000
