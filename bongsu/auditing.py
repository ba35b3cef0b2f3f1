"""The audit log in this process: what seals it, what shortens it, and what settings were loaded."""

import asyncio
import hashlib
import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import fields
from functools import partial

from prometheus_client import CollectorRegistry

from bongsu import __version__
from bongsu.config_file import ConfigFile
from db.transactions import SqlTransactions
from incidents.audit.recording import note
from incidents.audit.sealing import Secret
from incidents.errors import BongsuError
from incidents.model import Actor
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from jobs.audit import EVERY, PRUNED_EVERY, AuditMetrics, Sealer
from jobs.ticker import Ticker

logger = logging.getLogger(__name__)

_BY = Actor("system", origin="file")
_OURS = ("BONGSU_", "SLACK_")
_LOOKED_AT_EVERY = 2.0


def keep_audit(
    ticker: Ticker,
    transactions: SqlTransactions,
    policies: Policies,
    registry: CollectorRegistry,
    *,
    file: ConfigFile,
    secret: Secret,
) -> None:
    """Have the ticker do it."""
    fits = transactions.fits
    sealer = Sealer(transactions, policies, AuditMetrics(registry), secret=secret)
    ticker.every(EVERY, sealer.run, name="seal the audit log", when=fits)
    ticker.every(PRUNED_EVERY, sealer.prune, name="delete what is old of the audit log", when=fits)
    loads = Loads(transactions, policies, file)
    ticker.every(_LOOKED_AT_EVERY, loads.tick, name="write down what settings are in force", when=fits)


class Loads:
    """Writes down the settings with which this process starts, and each time that others are in force.

    Which ones they are the file's digest says, and which sections have changed: its values may be secrets.
    """

    def __init__(
        self, transactions: Transactions, policies: Policies, file: ConfigFile, environ: Mapping[str, str] | None = None
    ) -> None:
        self._transactions = transactions
        self._policies = policies
        self._file = file
        names = os.environ if environ is None else environ
        self._environment = sorted(name for name in names if name.startswith(_OURS))
        self._last: Policy | None = None
        self._sha256: str | None = None

    async def tick(self) -> None:
        """Where the database is away, a later one makes up for it."""
        current = self._policies.current
        if current is self._last:
            return
        sha256 = await asyncio.to_thread(_digest, self._file)
        work = partial(self._note, current=current, sha256=sha256)
        try:
            await self._transactions.write(work)
        except BongsuError as error:
            told = {"action": "settings_unwritten", "error": str(error)}
            logger.warning("the audit log does not say yet what settings are in force", extra=told)
            return
        self._last, self._sha256 = current, sha256

    async def _note(self, uow: UnitOfWork, *, current: Policy, sha256: str | None) -> None:
        process = f"{socket.gethostname()}:{os.getpid()}"
        data: dict[str, object] = {"process": process, "sections": _sections(self._last or Policy(), current)}
        if self._last is None:
            data |= {"version": __version__, "environment": self._environment}
        before = None if self._last is None else {"sha256": self._sha256}
        after = {"sha256": sha256}
        await note("settings.loaded", self._file.path.name, by=_BY, uow=uow, before=before, after=after, data=data)


def _sections(before: Policy, after: Policy) -> list[str]:
    """Which of them differ."""
    return [one.name for one in fields(Policy) if getattr(before, one.name) != getattr(after, one.name)]


def _digest(file: ConfigFile) -> str | None:
    """None: there is no file, or it can't be read."""
    try:
        return hashlib.sha256(file.path.read_bytes()).hexdigest()
    except OSError:
        return None
