"""Heartbeats for ``doctor``: when each was last heard of."""

from datetime import UTC, datetime

from bot.check import Finding, Level
from db.transactions import SqlTransactions
from db.unit_of_work import SqlUnitOfWork
from incidents.heartbeats.model import Pulse
from incidents.policy import Policy


async def check_heartbeats(transactions: SqlTransactions, policy: Policy) -> list[Finding]:
    """Nothing where none is configured. Raises Unavailable."""

    async def look(uow: SqlUnitOfWork) -> list[Finding]:
        pulses = {pulse.name: pulse for pulse in await uow.heartbeats.all()}
        return [heartbeat_told(name, pulses.get(name), now=uow.now) for name in sorted(policy.heartbeats)]

    return await transactions.read(look) if policy.heartbeats else []


def heartbeat_told(name: str, pulse: Pulse | None, *, now: datetime) -> Finding:
    """``pulse`` None: no process has read it in ``bongsu.yaml`` yet."""
    if pulse is None:
        how = "start `bongsu serve` with this bongsu.yaml"
        return Finding(Level.WARNING, f"heartbeat {name}: nobody listens for it yet", how)
    seen = "never seen" if pulse.last_seen_at is None else f"last seen {_moment(pulse.last_seen_at)}"
    if pulse.silent_since is None and pulse.expected_by > now:
        return Finding(Level.OK, f"heartbeat {name}: {seen}, expected by {_moment(pulse.expected_by)}")
    since = pulse.silent_since or pulse.expected_by
    how = f"see whether its sender runs and reaches /heartbeats/{name}, or its alert the webhook"
    return Finding(Level.WARNING, f"heartbeat {name}: silent since {_moment(since)}, {seen}", how)


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
