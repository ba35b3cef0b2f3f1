"""Where the database is: one host, or a list of which the first that takes writes is used."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncmy
from asyncmy.errors import MySQLError, OperationalError
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.faults import is_lost
from incidents.errors import InvalidInput

logger = logging.getLogger(__name__)

SETTING = "BONGSU_DATABASE_HOSTS"
REST_SECONDS = 10.0
"""For so long a host that could not be used is asked after all others."""
_CONNECT_SECONDS = 3.0
"""For one host, all that it takes to know that it can be used."""
_PORT = 3306
_CANNOT_CONNECT = 2003
_EXAMPLE = "write host:port,host:port, such as db1.internal:3306,db2.internal:3306"
_DONOR = "2"
"""Of wsrep_local_state: https://galeracluster.com/library/documentation/node-states.html"""
_CAUSAL = "SET SESSION wsrep_sync_wait = @@SESSION.wsrep_sync_wait | 1, @bongsu_cluster = 1"
"""Each transaction begins when the node has applied all that the cluster had committed before, on whatever node."""
_NO_HOST = frozenset("/@,;?#%'\" ")
"""Who writes one of these has written a URL, with a password perhaps: nothing of it is repeated."""


@dataclass(frozen=True, slots=True)
class Host:
    name: str
    port: int = _PORT

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def parse_hosts(text: str) -> tuple[Host, ...]:
    """In the order in which they are preferred; () for nothing. Raises InvalidInput, which says what to write."""
    if not text.strip():
        return ()
    hosts = tuple(_parse_host(entry.strip(), place) for place, entry in enumerate(text.split(","), 1))
    twice = next((host for place, host in enumerate(hosts) if host in hosts[:place]), None)
    if twice is not None:
        raise InvalidInput(SETTING, f"{twice} stands in it twice: {_EXAMPLE}")
    return hosts


def _parse_host(entry: str, place: int) -> Host:
    name, colon, port = entry.rpartition(":") if _has_port(entry) else (entry, "", "")
    if colon and not (port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65535):
        raise InvalidInput(SETTING, f"entry {place} has no port from 1 to 65535 after its colon: {_EXAMPLE}")
    is_bracketed = name.startswith("[") and name.endswith("]")
    name = name[1:-1] if is_bracketed else name
    if not name or (":" in name and not is_bracketed) or _NO_HOST & set(name):
        raise InvalidInput(SETTING, f"entry {place} is no host:port: {_EXAMPLE}")
    return Host(name, int(port) if colon else _PORT)


def _has_port(entry: str) -> bool:
    """An IPv6 address has colons of its own; with a port it stands in brackets."""
    return "]:" in entry or (":" in entry and not entry.startswith("["))


class Hosts:
    """Opens connections of one engine, all to the same host at a time.

    Of more than one host it takes the first that takes writes. When a new connection goes elsewhere than those before,
    they are replaced when they are next needed: no transaction reads on one host what another has yet to be told.
    """

    def __init__(self, hosts: Sequence[Host], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hosts = tuple(hosts)
        self._clock = clock
        self._rest_until: dict[Host, float] = {}
        self._used: Host | None = None
        self._generation = 0

    async def open(self, **arguments: Any) -> Any:
        """A connection of asyncmy. Raises what the only host said, or OperationalError that tells of each."""
        refusals: dict[Host, Exception] = {}
        for host in self._in_turn():
            try:
                return await self._open_at(host, arguments)
            except (MySQLError, OSError, EOFError) as error:
                if len(self._hosts) == 1:
                    raise
                self._rest_until[host] = self._clock() + REST_SECONDS
                refusals[host] = error
        for host in [host for host, error in refusals.items() if isinstance(error, _BusyError)]:
            with contextlib.suppress(MySQLError, OSError, EOFError):
                return await self._open_at(host, arguments, even_busy=True)
        told = "; ".join(f"{host} {_why(error)}" for host, error in refusals.items())
        raise OperationalError(_CANNOT_CONNECT, f"no host of {SETTING} takes writes: {told}")

    def distrust(self) -> None:
        """All connections there are may be dead without our knowing: none is used again."""
        self._generation += 1

    def watch(self, engine: AsyncEngine) -> None:
        """Have the engine's pool keep none that is on another host, or can't be used any more."""

        @event.listens_for(engine.sync_engine, "connect", insert=True)
        def on_connect(_connection: Any, record: Any) -> None:
            record.info["generation"] = self._generation

        @event.listens_for(engine.sync_engine, "checkout")
        def on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
            if record.info.get("generation") != self._generation:
                raise DisconnectionError("it is on a host that is used no more")

        @event.listens_for(engine.sync_engine, "handle_error")
        def on_error(context: ExceptionContext) -> None:
            if is_lost(context.original_exception):
                context.is_disconnect = True

    def _in_turn(self) -> Iterator[Host]:
        """In their order, those that rest after all others. Whoever asks one after its rest does so alone."""
        now = self._clock()
        resting = [host for host in self._hosts if self._rest_until.get(host, now) > now]
        for host in self._hosts:
            if host not in resting:
                if host in self._rest_until:
                    self._rest_until[host] = now + REST_SECONDS
                yield host
        yield from resting

    async def _open_at(self, host: Host, arguments: dict[str, Any], *, even_busy: bool = False) -> Any:
        async with asyncio.timeout(_CONNECT_SECONDS):
            connection = await asyncmy.connect(**{**arguments, "host": host.name, "port": host.port})
            try:
                is_busy = await _prepare_node(connection) and not even_busy
                if len(self._hosts) > 1:
                    await _require_writable(connection, is_busy=is_busy)
            except BaseException:
                connection.close()
                raise
        self._use(host)
        return connection

    def _use(self, host: Host) -> None:
        self._rest_until.pop(host, None)
        if host == self._used:
            return
        if self._used is not None:
            self._generation += 1
        if len(self._hosts) > 1:
            logger.warning("the database is used at %s", host, extra={"action": "database_host", "host": str(host)})
        self._used = host


class _BusyError(OperationalError):
    """It takes writes, but may stop for as long as it copies its data: so it comes after all others."""


async def _prepare_node(connection: Any) -> bool:
    """Of a Galera cluster: have it read what other nodes were told. True: it is the donor of one that joins."""
    async with connection.cursor() as cursor:
        await cursor.execute("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'")
        if (await cursor.fetchone() or ("", "OFF"))[1] != "ON":
            return False
        await cursor.execute(_CAUSAL)
        await cursor.execute("SHOW GLOBAL STATUS LIKE 'wsrep_local_state'")
        return bool((await cursor.fetchone() or ("", ""))[1] == _DONOR)


async def _require_writable(connection: Any, *, is_busy: bool) -> None:
    """A node of a Galera cluster that isn't ready refuses the question itself. Raises OperationalError."""
    if is_busy:
        raise _BusyError(_CANNOT_CONNECT, "copies its data to another node")
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT @@GLOBAL.read_only, @@GLOBAL.innodb_read_only")  # Aurora's readers say the latter
        told = await cursor.fetchone()
    if any(str(is_on).upper() not in {"0", "OFF"} for is_on in told):
        raise OperationalError(_CANNOT_CONNECT, "is read-only")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"does not answer within {_CONNECT_SECONDS:g} s"
    return str(error.args[-1] if error.args else type(error).__name__).splitlines()[0][:160]
