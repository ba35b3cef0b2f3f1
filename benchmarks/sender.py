"""The load generator, a process of its own: `python -m benchmarks.sender` with a Job as JSON on standard input.

It shares the machine with what it measures, so it must be cheap: every body is made before the clock starts, and HTTP
is written by hand. It prints what it saw as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from benchmarks.bodies import MIXES
from benchmarks.loopback import require_loopback
from benchmarks.processes import ROOT, environment, python

_GIVES_UP_AFTER = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to send, and how.

    ``rate``: webhooks a second at random times (Poisson), however long the answers take; None: each connection sends
    its next webhook once the last one is answered. ``most``: bodies, after which it ends early. Seconds of ``warm_up``
    are sent like the others and not counted.
    """

    url: str
    token: str
    mix: str = "steady"
    wave: int = 0
    series: int = 10
    connections: int = 16
    rate: float | None = None
    warm_up: float = 3.0
    seconds: float = 10.0
    most: int = 15_000


@dataclass(slots=True)
class Sent:
    """``webhooks`` were answered 2xx within ``seconds``, after the warm-up; ``in_all`` with it and with the last ones.

    ``p50`` and ``p99``: seconds from when a webhook was to be sent until its answer.
    """

    webhooks: int
    seconds: float
    in_all: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return self.webhooks / self.seconds


class SenderError(RuntimeError):
    """The load did not run as told, for instance as an answer was not 2xx."""


async def send(job: Job) -> Sent:
    """Run the job in a process of its own. Raises SenderError."""
    process = await asyncio.create_subprocess_exec(
        *python("-m", "benchmarks.sender"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment({}),
        cwd=ROOT,
    )
    try:
        told, errors = await process.communicate(json.dumps(asdict(job)).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise SenderError(errors.decode(errors="replace")[-2000:])
    return Sent(**json.loads(told))


class _Connection:
    """One kept connection that sends a body and waits for its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._head = head

    async def post(self, body: bytes) -> None:
        """Raises SenderError unless it is answered 2xx."""
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
        told = await self._reader.readexactly(int(length))
        if head[9:10] != b"2":
            raise SenderError(f"{head.decode(errors='replace')}{told.decode(errors='replace')}")

    def close(self) -> None:
        self._writer.close()


async def _connect(job: Job) -> _Connection:
    parts = urlsplit(require_loopback(job.url))
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {job.token}\r\n"
        "Content-Type: application/json\r\nUser-Agent: Grafana\r\nContent-Length: "
    )
    return _Connection(reader, writer, head.encode())


@dataclass(slots=True)
class _Run:
    """One pass over the bodies. Times are of ``time.perf_counter``."""

    job: Job
    bodies: Iterator[bytes]
    began: float = 0.0
    answered: list[tuple[float, float]] = field(default_factory=list)
    """When a webhook was to be sent, and when it was answered."""

    @property
    def end(self) -> float:
        return self.began + self.job.warm_up + self.job.seconds

    async def closed(self, connection: _Connection) -> None:
        """Until the time is up or no body is left."""
        for body in self.bodies:
            due = time.perf_counter()
            if due >= self.end:
                return
            await connection.post(body)
            self.answered.append((due, time.perf_counter()))

    async def open(self, connection: _Connection, waiting: "asyncio.Queue[tuple[float, bytes] | None]") -> None:
        """Until there is nothing more to wait for."""
        while (told := await waiting.get()) is not None:
            due, body = told
            await connection.post(body)
            self.answered.append((due, time.perf_counter()))

    async def schedule(self, rate: float, waiting: "asyncio.Queue[tuple[float, bytes] | None]") -> None:
        """Let webhooks go at their times, whether or not the ones before are answered."""
        chance, due = random.Random(0), self.began
        for body in self.bodies:
            due += chance.expovariate(rate)
            if due >= self.end:
                break
            await asyncio.sleep(due - time.perf_counter())
            waiting.put_nowait((due, body))
        for _ in range(self.job.connections):
            waiting.put_nowait(None)

    def sent(self) -> Sent:
        """What is counted: closed loops by when they were answered, so that no second counts what another did."""
        counted_from = self.began + self.job.warm_up
        until = min(self.end, max(answered for _, answered in self.answered))
        counted = [(due, answered) for due, answered in self.answered if counted_from <= answered <= until]
        waits = sorted(answered - due for due, answered in self.answered if due >= counted_from)
        if not counted or not waits:
            raise SenderError("nothing was answered after the warm-up")
        p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        return Sent(len(counted), until - counted_from, len(self.answered), p50, p99)


async def _work(job: Job) -> Sent:
    bodies = list(islice(MIXES[job.mix](job.series, job.wave), job.most))
    connections = [await _connect(job) for _ in range(job.connections)]
    run = _Run(job, iter(bodies), time.perf_counter())
    try:
        async with asyncio.timeout(job.warm_up + job.seconds + _GIVES_UP_AFTER), asyncio.TaskGroup() as tasks:
            if job.rate is None:
                for connection in connections:
                    tasks.create_task(run.closed(connection))
            else:
                waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
                tasks.create_task(run.schedule(job.rate, waiting))
                for connection in connections:
                    tasks.create_task(run.open(connection, waiting))
    finally:
        for connection in connections:
            connection.close()
    return run.sent()


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_work(Job(**json.load(sys.stdin))))), sys.stdout)
