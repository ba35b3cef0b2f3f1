"""One transaction of one tenant, as the domain sees it."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from db import schema
from db.gate import Gate
from db.queries.alerts import AlertQueries
from db.queries.api_keys import ApiKeyQueries
from db.queries.approvals import ApprovalQueries
from db.queries.audit import AuditQueries
from db.queries.calendars import CalendarQueries
from db.queries.configuration import ConfigurationQueries
from db.queries.daily_figures import DailyFigureQueries
from db.queries.deliveries import DeliveryQueries
from db.queries.digests import DigestQueries
from db.queries.done_requests import DoneRequestQueries
from db.queries.erasure import ErasureQueries
from db.queries.escalation import EscalationQueries
from db.queries.figures import FigureQueries
from db.queries.handovers import HandoverQueries
from db.queries.heartbeats import HeartbeatQueries
from db.queries.homes import HomeQueries
from db.queries.incidents import IncidentQueries
from db.queries.inspection import InspectionQueries
from db.queries.listing import ListingQueries
from db.queries.maintenance import MaintenanceQueries
from db.queries.merges import MergeQueries
from db.queries.outages import OutageQueries
from db.queries.outbox import OutboxQueries
from db.queries.overrides import OverrideQueries
from db.queries.owners import OwnerQueries
from db.queries.publishing import PublishingQueries
from db.queries.reconciling import ReconcilingQueries
from db.queries.retention import OldDataQueries
from db.queries.rollups import RollupQueries
from db.queries.search_words import SearchWordQueries
from db.queries.series import SeriesQueries
from db.queries.statistics import StatisticsQueries
from db.queries.storms import StormQueries
from db.queries.takeover import TakeoverQueries
from db.queries.tenants import TenantQueries
from db.queries.threads import ThreadQueries
from db.queries.timeline import EpisodeQueries, TimelineQueries
from db.queries.troubles import TroubleQueries
from db.queries.turns import TurnQueries
from db.queries.views import ViewQueries
from db.queries.webhooks import WebhookQueries
from db.queries.workspaces import WorkspaceQueries
from incidents.policy import Policy

Queries = TypeVar("Queries")


def _of(make: Callable[[Gate], Queries]) -> cached_property[Queries]:
    """Made once somebody asks for it: of all there are, a transaction uses a few."""
    return cached_property(lambda uow: make(uow.gate))


class SqlUnitOfWork:
    """Implements ``incidents.ports.UnitOfWork``. Made by ``begin``, inside a transaction that somebody else ends."""

    deliveries = _of(DeliveryQueries)
    alerts = _of(AlertQueries)
    incidents = _of(IncidentQueries)
    series = _of(SeriesQueries)
    timeline = _of(TimelineQueries)
    episodes = _of(EpisodeQueries)
    outbox = _of(OutboxQueries)
    views = _of(ViewQueries)
    inspection = _of(InspectionQueries)
    publishing = _of(PublishingQueries)
    outages = _of(OutageQueries)
    configuration = _of(ConfigurationQueries)
    reconciling = _of(ReconcilingQueries)
    rollups = _of(RollupQueries)
    old_data = _of(OldDataQueries)
    storms = _of(StormQueries)
    threads = _of(ThreadQueries)
    statistics = _of(StatisticsQueries)
    owners = _of(OwnerQueries)
    merges = _of(MergeQueries)
    homes = _of(HomeQueries)
    overrides = _of(OverrideQueries)
    escalation = _of(EscalationQueries)
    maintenance = _of(MaintenanceQueries)
    calendars = _of(CalendarQueries)
    handovers = _of(HandoverQueries)
    troubles = _of(TroubleQueries)
    turns = _of(TurnQueries)
    webhooks = _of(WebhookQueries)
    heartbeats = _of(HeartbeatQueries)
    digests = _of(DigestQueries)
    api_keys = _of(ApiKeyQueries)
    done_requests = _of(DoneRequestQueries)
    listing = _of(ListingQueries)
    search_words = _of(SearchWordQueries)
    audit = _of(AuditQueries)
    erasure = _of(ErasureQueries)
    approvals = _of(ApprovalQueries)
    daily_figures = _of(DailyFigureQueries)
    figures = _of(FigureQueries)
    tenants = _of(TenantQueries)
    slack_workspaces = _of(WorkspaceQueries)
    takeover = _of(TakeoverQueries)

    def __init__(self, gate: Gate, policy: Policy) -> None:
        self.gate = gate
        self.policy = policy

    @property
    def now(self) -> datetime:
        return self.gate.now

    async def together(self, *work: Coroutine[Any, Any, Any]) -> tuple[Any, ...]:
        return await self.gate.together(*work)

    async def settle(self) -> None:
        await self.gate.settle()

    async def commit(self) -> None:
        """At the very end, by whoever has begun it."""
        await self.gate.commit()

    async def give_up(self) -> None:
        """Instead, where the work has failed."""
        await self.gate.give_up()


async def begin(
    connection: AsyncConnection, *, tenant_id: int, program: schema.Program, policy: Policy | None = None
) -> SqlUnitOfWork:
    """Read the database's clock, once, and bind everything to this tenant. ``policy`` None: nothing is configured.

    Raises OlderDatabase or NewerDatabase where the program must not use these tables.
    """
    began = await schema.begin(connection, program)
    gate = Gate(connection, tenant_id=tenant_id, now=began.now, id_step=began.id_step, in_cluster=began.in_cluster)
    return SqlUnitOfWork(gate, policy or Policy())
