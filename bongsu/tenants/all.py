"""All tenants that this process serves. Those that are made while it runs are taken up by it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from base import log_context
from bongsu.tenants.metrics import FiguresOfAll
from bongsu.tenants.part import TenantPart
from bongsu.tenants.tokens import Tokens
from db.transactions import SqlTransactions
from incidents.audit.recording import note
from incidents.errors import BongsuError, Unavailable
from incidents.model import SYSTEM
from incidents.ports import UnitOfWork
from incidents.tenants.model import DEFAULT, Tenant
from incidents.tenants.workspaces import SlackWorkspace
from receiver.api.organisation import Organisation
from receiver.commit import Commits

logger = logging.getLogger(__name__)

LOOKED_FOR_EVERY = 3.0
"""Seconds between two looks for new tenants."""


class NotServedYet(Unavailable):
    """It was made a moment ago. A later try finds it."""

    def __init__(self, tenant_id: int) -> None:
        BongsuError.__init__(self, f"this process does not serve tenant {tenant_id} yet: try again in a moment")


class Tenants:
    """The default tenant is there from the start, whether or not the database is; others once they were found."""

    def __init__(self, build: Callable[[Tenant], TenantPart], figures: FiguresOfAll, tokens: Tokens) -> None:
        self._build = build
        self._tokens = tokens
        self._figures = figures
        self._parts: dict[int, TenantPart] = {}
        self._looking = asyncio.Lock()
        self._stopping = False
        self.default = self._add(DEFAULT)

    @property
    def parts(self) -> list[TenantPart]:
        """Those that are served, oldest first."""
        return list(self._parts.values())

    @property
    def transactions(self) -> SqlTransactions:
        """Of the default tenant: what is asked of all is asked with these."""
        return self.default.transactions

    def of(self, tenant_id: int) -> TenantPart:
        """Raises NotServedYet."""
        part = self._parts.get(tenant_id)
        if part is None:
            raise NotServedYet(tenant_id)
        return part

    def organisation(self, tenant_id: int) -> Organisation:
        """Raises NotServedYet."""
        return self.of(tenant_id).organisation

    async def start(self) -> None:
        """Slack may be away for long: nobody waits for another's."""
        await asyncio.gather(self.default.start(), self.look())

    async def look(self) -> None:
        """Begin those that were made since. Where the database is away, at a later look."""
        async with self._looking:
            try:
                told, workspaces = await self.transactions.read(_all)
            except BongsuError:
                return  # the transactions have said it, or readiness does
            new = [tenant for tenant in told if tenant.id not in self._parts and not self._stopping]
            await _all_apart(self._add(tenant).start() for tenant in new)
            ours = {one.tenant_id: one for one in workspaces if one.tenant_id in self._parts}
            await _all_apart(self._parts[id_].workspace.follow(one, self._tokens) for id_, one in ours.items())

    def _add(self, tenant: Tenant) -> TenantPart:
        part = self._parts[tenant.id] = self._build(tenant)
        self._figures.add(part)
        if not tenant.is_default:
            logger.info("tenant %s is served", tenant.slug, extra={"action": "tenant_served", "tenant": tenant.slug})
        return part

    async def stop(self) -> None:
        """What is under way comes to its end; nothing new begins."""
        self._stopping = True
        for part in self.parts:
            part.stop_clock()
        await asyncio.gather(*(part.stop() for part in self.parts))

    def read_settings_again(self) -> None:
        """Somebody has sent SIGHUP."""
        for part in self.parts:
            part.config.ask()

    def wake(self, tenant_id: int) -> None:
        """Something of this tenant was committed."""
        self.of(tenant_id).workspace.wake()

    def of_slack(self, slack_ids: Collection[str]) -> TenantPart | None:
        """Whose workspace has one of these ids: a workspace's own goes before that of its organisation.

        Without any it is the default tenant's. None: nobody's.
        """
        if not slack_ids:
            return self.default
        by_id = {slack_id: part for part in self._parts.values() for slack_id in part.workspace.slack_ids}
        return next((by_id[one] for one in slack_ids if one in by_id), None)

    async def lost(self, part: TenantPart, *, why: str, at: datetime) -> None:
        """Slack has removed us from its workspace. Raises Unavailable: then Slack is to say so again."""
        workspace = part.workspace.connection
        if workspace is None:
            return
        slack_id = workspace.slack_id
        if await self.transactions.write(partial(_gone, slack_id=slack_id, why=why, at=at)):
            told = {"action": "slack_gone", "tenant": part.tenant.slug, "workspace": slack_id, "why": why}
            logger.error("slack has removed us from a workspace: what is to be shown there is kept", extra=told)
            await self._tokens.forget(slack_id)
        await self.look()

    async def warnings(self) -> list[str]:
        """Of all, for readiness. Raises Unavailable."""
        return [warning for part in self.parts for warning in await part.warnings()]


async def _all_apart(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """What begins in them goes on for long, also where a request was the first to ask for it."""
    await asyncio.gather(*(asyncio.create_task(work, context=log_context.apart()) for work in works))


async def _gone(uow: UnitOfWork, *, slack_id: str, why: str, at: datetime) -> bool:
    is_gone = await uow.slack_workspaces.gone(slack_id, why=why, at=at)
    if is_gone:
        await note("workspace.gone", f"workspace {slack_id}", by=SYSTEM, uow=uow, data={"why": why})
    return is_gone


async def _all(uow: UnitOfWork) -> tuple[list[Tenant], list[SlackWorkspace]]:
    return await uow.tenants.all(), await uow.slack_workspaces.all()


class AllStores:
    """Implements ``receiver.intake.Stores``."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    def of(self, tenant_id: int) -> Commits:
        """Raises NotServedYet."""
        return self._tenants.of(tenant_id).store
