"""One transaction of one tenant, as the domain sees it."""

from collections.abc import Coroutine
from datetime import datetime
from typing import Any

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


class SqlUnitOfWork:
    """Implements ``incidents.ports.UnitOfWork``. Made by ``begin``, inside a transaction that somebody else ends."""

    def __init__(self, gate: Gate, policy: Policy) -> None:
        self.gate = gate
        self.policy = policy
        self.deliveries = DeliveryQueries(gate)
        self.alerts = AlertQueries(gate)
        self.incidents = IncidentQueries(gate)
        self.series = SeriesQueries(gate)
        self.timeline = TimelineQueries(gate)
        self.episodes = EpisodeQueries(gate)
        self.outbox = OutboxQueries(gate)
        self.views = ViewQueries(gate)
        self.inspection = InspectionQueries(gate)
        self.publishing = PublishingQueries(gate)
        self.outages = OutageQueries(gate)
        self.configuration = ConfigurationQueries(gate)
        self.reconciling = ReconcilingQueries(gate)
        self.rollups = RollupQueries(gate)
        self.old_data = OldDataQueries(gate)
        self.storms = StormQueries(gate)
        self.threads = ThreadQueries(gate)
        self.statistics = StatisticsQueries(gate)
        self.owners = OwnerQueries(gate)
        self.merges = MergeQueries(gate)
        self.homes = HomeQueries(gate)
        self.overrides = OverrideQueries(gate)
        self.escalation = EscalationQueries(gate)
        self.maintenance = MaintenanceQueries(gate)
        self.calendars = CalendarQueries(gate)
        self.handovers = HandoverQueries(gate)
        self.troubles = TroubleQueries(gate)
        self.turns = TurnQueries(gate)
        self.webhooks = WebhookQueries(gate)
        self.heartbeats = HeartbeatQueries(gate)
        self.digests = DigestQueries(gate)
        self.api_keys = ApiKeyQueries(gate)
        self.done_requests = DoneRequestQueries(gate)
        self.listing = ListingQueries(gate)
        self.search_words = SearchWordQueries(gate)
        self.audit = AuditQueries(gate)
        self.erasure = ErasureQueries(gate)
        self.approvals = ApprovalQueries(gate)
        self.daily_figures = DailyFigureQueries(gate)
        self.figures = FigureQueries(gate)
        self.tenants = TenantQueries(gate)
        self.slack_workspaces = WorkspaceQueries(gate)
        self.takeover = TakeoverQueries(gate)

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
