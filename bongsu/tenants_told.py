"""What ``bongsu doctor`` says of tenants beside the default one. A single team sees none of it."""

from dataclasses import replace

from bongsu.arrivals import check_arrivals
from bongsu.config_file import ConfigFile
from bongsu.config_mistakes import InvalidConfig
from bongsu.heartbeats_told import check_heartbeats
from bongsu.settings import Settings
from bongsu.showing import check_showing, workspace_told
from bot.check import Finding, Level
from db.engine import Engines
from db.transactions import SqlTransactions
from incidents.errors import InvalidInput
from incidents.ports import UnitOfWork
from incidents.tenants.model import DEFAULT, Tenant
from incidents.tenants.workspaces import SlackWorkspace


async def check_tenants(engines: Engines, settings: Settings) -> list[Finding]:
    """Raises Unavailable."""
    tenants, workspaces = await SqlTransactions(engines, tenant_id=DEFAULT.id).read(_all)
    has_installs = settings.slack is not None and settings.slack.has_installs
    found = []
    for tenant in tenants:
        if not tenant.is_default:
            told = workspace_told(tenant, workspaces.get(tenant.id), has_installs=has_installs)
            told += await _check(engines, tenant, settings.config.of(tenant.slug))
            found += [replace(one, what=f"{tenant.slug}: {one.what}") for one in told]
    return found


async def _all(uow: UnitOfWork) -> tuple[list[Tenant], dict[int, SlackWorkspace]]:
    return await uow.tenants.all(), {one.tenant_id: one for one in await uow.slack_workspaces.all()}


async def _check(engines: Engines, tenant: Tenant, file: ConfigFile) -> list[Finding]:
    try:
        policy = file.policy()
    except InvalidConfig as error:
        where = file.path.name
        return [Finding(Level.ERROR, f"{one.where or where} is wrong", str(one)) for one in error.mistakes]
    except InvalidInput as error:
        return [Finding(Level.ERROR, f"{file.path.name} can't be read", error.problem)]
    transactions = SqlTransactions(engines, tenant_id=tenant.id)
    return [
        *await check_arrivals(transactions),
        *await check_showing(transactions, policy),
        *await check_heartbeats(transactions, policy),
    ]
