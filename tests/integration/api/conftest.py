"""The API on a real server and real databases, without Slack: who is who, a table says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from db.engine import Engines, connect
from db.migrate import DEFAULT_TENANT_ID
from incidents.access.model import ApiKey, KeyRole, NewKey, digest_of, hint_of, new_secret
from incidents.errors import InvalidInput, NotAssignable
from incidents.policy import Policies
from incidents.roles import Role
from receiver.api.cors import Cors
from receiver.api.dispatch import Dispatcher
from receiver.api.errors import NotAllowed, PersonUnknown
from receiver.api.limits import Limits, Tries
from receiver.api.metrics import ApiMetrics
from receiver.api.operation import PREFIX
from receiver.api.organisation import Organisation
from receiver.api.routes import add_api
from receiver.settings import ReceiverSettings
from tests.integration.db.stage import Stage
from tests.migrated import unsynced

TRUSTED_SITE = "https://ops.example.com"
ROLES = {"U0ALICE": Role.ADMIN, "U0BOB": Role.RESPONDER, "U0VIEWER": Role.VIEWER}


class KnownPeople:
    """``receiver.api.organisation.People`` of a workspace that is never away."""

    async def check(self, user_id: str, needed: Role) -> None:
        if user_id not in ROLES:
            raise PersonUnknown(user_id)
        if ROLES[user_id] < needed:
            raise NotAllowed(f"{user_id} may not do that: it takes the role {needed.name.lower()}")

    async def check_assignable(self, user_id: str) -> None:
        if user_id in {"U0BOT", "U0GONE"}:
            raise NotAssignable(user_id, is_bot=user_id == "U0BOT")
        if user_id not in ROLES:
            raise PersonUnknown(user_id)

    async def check_channel(self, channel_id: str) -> None:
        if channel_id == "C0ARCHIVED":
            raise InvalidInput("channel", "it is archived: choose another")


@dataclass
class Answered:
    status: int
    headers: Any
    json: Any
    text: str


@dataclass
class Api:
    """A running API. ``stages`` by tenant; ``changed`` counts commits that Slack would be told of.

    ``forgotten`` are ids of keys that the process was told to look up anew.
    """

    url: str
    session: aiohttp.ClientSession
    stages: dict[int, Stage]
    changed: list[int] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    secret: str = ""

    @property
    def stage(self) -> Stage:
        return self.stages[DEFAULT_TENANT_ID]

    async def key(self, role: KeyRole, *, name: str = "", tenant_id: int = DEFAULT_TENANT_ID, **more: Any) -> str:
        """A new key's secret."""
        secret = new_secret()
        new = NewKey(name or f"{role.value}-{secret[-6:]}", role, digest_of(secret), hint_of(secret), **more)
        await self.stages[tenant_id].write(lambda uow: uow.api_keys.add(new, by="test"))
        return secret

    async def call(
        self, method: str, path: str, *, secret: str | None = None, headers: dict[str, str] | None = None, **given: Any
    ) -> Answered:
        """``path`` is below the prefix. ``secret`` None: an admin's key."""
        told = {"Authorization": f"Bearer {secret or self.secret}", **(headers or {})}
        async with self.session.request(method, self.url + PREFIX + path, headers=told, **given) as answer:
            text = await answer.text()
            parsed = await answer.json(content_type=None) if text and "json" in answer.content_type else None
            return Answered(answer.status, answer.headers, parsed, text)

    async def patch(self, path: str, **given: Any) -> Answered:
        return await self.call("PATCH", path, **given)

    async def get(self, path: str, **given: Any) -> Answered:
        return await self.call("GET", path, **given)

    async def post(self, path: str, **given: Any) -> Answered:
        return await self.call("POST", path, **given)


@dataclass
class Houses:
    """``receiver.api.organisation.Organisations`` over the stages of an Api."""

    api: Api

    def of(self, tenant_id: int) -> Organisation:
        stage = self.api.stages[tenant_id]
        changed = self.api.changed
        return Organisation(
            tenant_id, stage.transactions, Policies(stage.policy), KnownPeople(), lambda: changed.append(tenant_id)
        )

    def forget_key(self, key_id: int) -> None:
        self.api.forgotten.append(key_id)

    async def key(self, digest: str) -> ApiKey | None:
        return await self.api.stage.read(lambda uow: uow.api_keys.by_digest(digest))


@pytest.fixture
async def engines(migrated_url: str) -> AsyncIterator[Engines]:
    made = unsynced(connect(migrated_url))
    yield made
    await made.dispose()


@asynccontextmanager
async def running(engines: Engines, settings: ReceiverSettings) -> AsyncIterator[Api]:
    """Its ``secret`` is an admin's key of the default tenant."""
    app = web.Application()
    async with aiohttp.ClientSession() as session:
        made = Api("", session, {DEFAULT_TENANT_ID: Stage.on(engines)})
        metrics = ApiMetrics(CollectorRegistry())
        dispatcher = Dispatcher(Houses(made), settings, Limits(settings), Tries(), metrics)
        add_api(app, dispatcher, Cors(settings.api_cors_origins))
        runner = web.AppRunner(app, auto_decompress=False)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        made.secret = await made.key(KeyRole.ADMIN, name="admin")
        yield made
        await runner.cleanup()


@pytest.fixture
async def api(engines: Engines) -> AsyncIterator[Api]:
    async with running(engines, ReceiverSettings(api_cors_origins=(TRUSTED_SITE,))) as made:
        yield made
