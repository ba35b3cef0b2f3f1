"""Reading ``bongsu.yaml`` again where it has changed: what is valid is in force at once, and else the old stays."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from bongsu.config_file import ConfigFile, parse_policy, read_file
from bongsu.config_mistakes import InvalidConfig
from incidents.configuration import LONGEST_MISTAKE, BrokenConfig, ConfigHour
from incidents.errors import BongsuError, InvalidInput
from incidents.outbox import Priority
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork

logger = logging.getLogger(__name__)

Stamp = tuple[int, int, int] | None
"""When it was changed, in nanoseconds, its size and its inode; None: there is no file."""

_NEVER: Stamp = (-1, -1, -1)
_CARDS_AT_ONCE = 500


class ConfigMetrics:
    """Made once, on the registry that it is handed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.valid = Gauge(
            "bongsu_config_valid",
            "1 while bongsu.yaml is in force, 0 while it can't be",
            registry=registry,
        )
        self.loaded = Gauge(
            "bongsu_config_loaded_timestamp_seconds",
            "When what is in force was read",
            registry=registry,
        )


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a look at the file found. ``policy`` None: ``error`` says why it can't be in force."""

    policy: Policy | None = None
    error: InvalidInput | None = None


class ConfigWatch:
    """One for each tenant of a process. ``changed`` wakes the publisher. Nothing in the file needs a restart."""

    def __init__(
        self,
        file: ConfigFile,
        policies: Policies,
        transactions: Transactions,
        metrics: ConfigMetrics,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._file = file
        self._policies = policies
        self._transactions = transactions
        self._metrics = metrics
        self._changed = changed
        self._stamp: Stamp = _NEVER
        self._last: Stamp = _NEVER
        self._was_there = file.required
        self._asked = False
        self._error: InvalidInput | None = None
        self._told: str | None = None
        self._tells_otherwise = False
        metrics.valid.set(1)
        metrics.loaded.set_to_current_time()

    def ask(self) -> None:
        """Read it at the next tick, whether or not it seems to have changed: somebody has sent SIGHUP."""
        self._asked = True

    def warnings(self) -> list[str]:
        """For readiness: what keeps the file from being in force."""
        return [] if self._error is None else [f"{self._error}; what it said before stays in force"]

    async def tick(self) -> None:
        """Look at the file, let it be known whether it can be read, and show what it changes."""
        await self._look()
        await self._tell()
        await self._show_anew()

    async def _look(self) -> None:
        """A file that changes between two looks is still being written. The first look finds what changed since start.

        One that is gone is a mistake, too: nobody means to send everything to the default channel by that.
        """
        stamp = await asyncio.to_thread(_stamp, self._file)
        is_settled, self._last = stamp == self._last, stamp
        self._was_there = self._was_there or stamp is not None
        if not self._was_there or (not self._asked and (stamp == self._stamp or not is_settled)):
            return
        was_asked, self._asked = self._asked, False
        looked = await asyncio.to_thread(_read, self._file)
        self._stamp = stamp
        if looked.policy is not None:
            self._take(looked.policy, anyway=was_asked)
        elif looked.error is not None:
            self._refuse(looked.error)

    def _take(self, policy: Policy, *, anyway: bool) -> None:
        if policy == self._policies.current and self._error is None and not anyway:
            return
        self._tells_otherwise |= _on_cards(policy) != _on_cards(self._policies.current)
        self._policies.current, self._error = policy, None
        self._metrics.valid.set(1)
        self._metrics.loaded.set_to_current_time()
        told = {"action": "config_loaded", "file": str(self._file.path), "routes": len(policy.routes)}
        logger.info("%s was read again and is in force", self._file.path.name, extra=told)
        self._changed()

    def _refuse(self, error: InvalidInput) -> None:
        if self._error is not None and str(self._error) == str(error):
            return
        self._error = error
        self._metrics.valid.set(0)
        told = {"action": "config_invalid", "file": str(self._file.path)}
        logger.error("%s is not in force, what it said before stays: %s", self._file.path.name, error, extra=told)

    async def _tell(self) -> None:
        """Once, to all processes and to who runs Bongsu; where the database is away, later."""
        wanted = "" if self._error is None else _briefly(self._error)
        if wanted == self._told:
            return
        admins = self._policies.current.channel_for_admins
        try:
            await self._transactions.write(lambda uow: note(wanted, uow, admins=admins))
        except BongsuError as error:
            logger.warning("nobody is told of bongsu.yaml yet", extra={"action": "config_untold", "error": str(error)})
            return
        self._told = wanted
        self._changed()

    async def _show_anew(self) -> None:
        """Cards say whom they call next, which another policy may tell otherwise; where the database is away, later."""
        if not self._tells_otherwise:
            return
        try:
            planned = await self._transactions.read(lambda uow: uow.escalation.planned_incidents())
            for first in range(0, len(planned), _CARDS_AT_ONCE):
                await self._transactions.write(partial(_touch, planned[first : first + _CARDS_AT_ONCE]))
        except BongsuError as error:
            told = {"action": "config_cards_wait", "error": str(error)}
            logger.warning("cards do not say yet what bongsu.yaml has changed", extra=told)
            return
        self._tells_otherwise = False
        self._changed()


def _on_cards(policy: Policy) -> tuple[object, ...]:
    """What the cards of open incidents say of it."""
    return policy.routes, policy.escalations


async def _touch(incident_ids: Sequence[int], uow: UnitOfWork) -> None:
    await uow.outbox.touch_cards(incident_ids, priority=Priority.UPDATE)


async def note(mistake: str, uow: UnitOfWork, *, admins: str) -> None:
    """``mistake`` "": there is none. The notice of the hour in which it began tells how it stands."""
    if not mistake:
        mended = await uow.configuration.mended()
        if mended is not None:
            await uow.outbox.touch_notice(_subject(mended))
        return
    broken = await uow.configuration.broke(mistake)
    await uow.outbox.add_notice_once(_subject(broken), channel=admins)
    await uow.outbox.touch_notice(_subject(broken))


def _subject(broken: BrokenConfig) -> str:
    since: datetime = broken.since
    return ConfigHour.of(since).subject


def _stamp(file: ConfigFile) -> Stamp:
    try:
        told = file.path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino


def _read(file: ConfigFile) -> _Looked:
    try:
        return _Looked(parse_policy(read_file(file.path), name=file.path.name))
    except InvalidInput as error:
        is_gone = isinstance(error.__cause__, FileNotFoundError)
        return _Looked(error=_gone(file) if is_gone and not file.required else error)


def _gone(file: ConfigFile) -> InvalidInput:
    """Of a file that needs not be there, and was: no setting names its path, so it is told by its own name."""
    what_to_do = "put it back, or an empty file in its place for the defaults"
    return InvalidInput("settings", f"{file.path.name} is gone: {what_to_do}")


def _briefly(error: InvalidInput) -> str:
    """The first mistake, in as many characters as there is room for."""
    told = str(error.mistakes[0]) if isinstance(error, InvalidConfig) else error.problem
    return told if len(told) <= LONGEST_MISTAKE else f"{told[: LONGEST_MISTAKE - 1]}…"
