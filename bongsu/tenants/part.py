"""One tenant's part of the process."""

import logging
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from bongsu.auditing import keep_audit
from bongsu.config_file import ConfigFile
from bongsu.config_watch import ConfigMetrics, ConfigWatch
from bongsu.organisations import SlackPeople
from bongsu.showing import warnings, workspace_told
from bongsu.tenants.clockwork import wind_up
from bongsu.tenants.shared import Shared
from bongsu.tenants.workspace import Workspace, build_workspace
from db.engine import Engines
from db.transactions import SqlTransactions
from incidents.errors import InvalidInput
from incidents.policy import Policies, Policy
from incidents.tenants.model import Tenant
from jobs.ticker import JobMetrics, Ticker
from receiver.api.organisation import Organisation
from receiver.commit import BatchLimits, Commits

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TenantPart:
    """Its own settings, rows, workspace and clock. Nothing of it runs before ``start``."""

    tenant: Tenant
    transactions: SqlTransactions
    policies: Policies
    config: ConfigWatch
    registry: CollectorRegistry
    workspace: Workspace
    store: Commits
    organisation: Organisation
    ticker: Ticker
    has_installs: bool

    async def start(self) -> None:
        """Slack and the database may be away: then what needs them waits."""
        self.ticker.start()
        await self.workspace.start()

    def stop_clock(self) -> None:
        self.ticker.stop()

    async def stop(self) -> None:
        """What is under way comes to its end."""
        self.stop_clock()
        await self.workspace.stop()

    async def warnings(self) -> list[str]:
        """For readiness, in sentences. Raises Unavailable."""
        told = await warnings(self.transactions, self.policies, self.config)
        if self.tenant.is_default:
            return told
        missing = workspace_told(self.tenant, self.workspace.connection, has_installs=self.has_installs)
        return [f"{self.tenant.slug}: {one}" for one in (*(finding.what for finding in missing), *told)]


def build_part(shared: Shared, tenant: Tenant) -> TenantPart:
    """The default tenant's policy was read with the settings: a mistake in it has kept the process from starting."""
    file = shared.settings.config.of(tenant.slug)
    policies = Policies(shared.settings.policy if tenant.is_default else _policy(file))
    transactions = SqlTransactions(shared.engines, tenant_id=tenant.id, policies=policies)
    registry = CollectorRegistry()
    ticker = Ticker(JobMetrics(registry))
    workspace = build_workspace(
        shared,
        transactions,
        policies,
        registry,
        token=shared.slack.bot_token if tenant.is_default else "",
        token_file=shared.slack.bot_token_file if tenant.is_default else None,
    )
    config = ConfigWatch(file, policies, transactions, ConfigMetrics(registry), changed=workspace.publisher.wake)
    wind_up(ticker, transactions, policies, registry, workspace=workspace, config=config, holder=shared.holder)
    keep_audit(ticker, transactions, policies, registry, file=file, secret=shared.settings.audit_secret)
    people = SlackPeople(workspace.doorkeeper, policies, tenant.slug)
    organisation = Organisation(tenant.id, transactions, policies, people, workspace.hurry)
    patience, limits = shared.settings.receiver.patience, _batch_limits(shared.engines)
    store = Commits(transactions, policies, shared.receiver_metrics, patience=patience, limits=limits)
    return TenantPart(
        tenant, transactions, policies, config, registry, workspace, store, organisation, ticker,
        shared.slack.has_installs,
    )  # fmt: skip


def _policy(file: ConfigFile) -> Policy:
    """A mistake in another's file keeps nobody from starting: the watch finds it again, and lets it be known."""
    try:
        return file.policy()
    except InvalidInput as error:
        told = {"action": "config_invalid", "file": str(file.path)}
        logger.error("%s is not in force: %s", file.path.name, error, extra=told)  # noqa: TRY400
        return Policy()


def _batch_limits(engines: Engines) -> BatchLimits:
    """SQLite has one writer at a time."""
    return BatchLimits(writers=1) if engines.dialect == "sqlite" else BatchLimits()
