"""What keeps messages from where they belong in Slack, as the database knows it: for ``doctor`` and ``/readyz``."""

from datetime import UTC, datetime

from bongsu.config_watch import ConfigWatch
from bot.check import Finding, Level
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.channels import UnusableChannel
from incidents.escalation.overdue import Overdue, overdue
from incidents.policy import Policies, Policy
from incidents.tenants.model import Tenant
from incidents.tenants.workspaces import SlackWorkspace


async def check_showing(transactions: SqlTransactions, policy: Policy) -> list[Finding]:
    """Nothing where all is well. Raises Unavailable."""

    async def look(uow: SqlUnitOfWork) -> list[Finding]:
        since, (waiting, _) = await uow.outages.away_since(), await uow.publishing.depth()
        unusable = await uow.publishing.unusable_channels()
        late = overdue_told(await overdue(uow))
        return [*late, *away_told(since, waiting), *(channel_told(one, policy) for one in unusable)]

    return await transactions.read(look)


async def warnings(transactions: SqlTransactions, policies: Policies, config: ConfigWatch) -> list[str]:
    """The same in sentences alone, and whether ``bongsu.yaml`` can be read."""
    showing = await check_showing(transactions, policies.current)
    return [*config.warnings(), *(finding.what for finding in showing)]


def workspace_told(tenant: Tenant, workspace: SlackWorkspace | None, *, has_installs: bool) -> list[Finding]:
    """Of a tenant that is not the default one. Nothing where it has one, or none can have any."""
    how = f"`bongsu tenant invite {tenant.slug}` prints the address by which it is connected"
    if workspace is not None and workspace.gone_at is not None:
        since = f"{workspace.gone_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        what = (
            f"Slack has removed Bongsu from the workspace {workspace.name} ({workspace.gone_why}, {since}): all waits"
        )
        return [Finding(Level.ERROR, what, how)]
    if workspace is None and has_installs:
        return [Finding(Level.WARNING, "no Slack workspace is connected, so nothing is shown to anybody", how)]
    return []


def overdue_told(late: Overdue) -> list[Finding]:
    if late.first is None:
        return []
    steps = f"{late.steps:,} escalation {'step is' if late.steps == 1 else 'steps are'} late"
    what = f"{steps}, the oldest since {late.first.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    how = "somebody may not have been called: see what is open, and Bongsu's log for what holds them up"
    return [Finding(Level.WARNING, what, how)]


def away_told(since: datetime | None, waiting: int) -> list[Finding]:
    if since is None:
        return []
    what = (
        f"nothing has got through to Slack since {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {waiting:,} messages wait"
    )
    return [
        Finding(
            Level.WARNING,
            what,
            "all of it is kept and goes on by itself; see whether Slack itself says that it is down",
        )
    ]


def channel_told(unusable: UnusableChannel, policy: Policy) -> Finding:
    channel, code = unusable.channel, unusable.code
    how = f"invite @Bongsu to {channel}, unarchive it, or correct bongsu.yaml"
    if channel == policy.default_channel:
        what = f"Slack takes no messages in the default channel {channel} ({code}): they wait"
        return Finding(Level.ERROR, what, how)
    return Finding(
        Level.WARNING, f"Slack takes no messages in {channel} ({code}): they go to {policy.default_channel}", how
    )
