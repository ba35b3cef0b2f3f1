"""Alerts that always fire: they are stored as all are, a heartbeat was heard, and no incident opens."""

from collections.abc import Iterable, Mapping

from incidents.ingest.desk import Desk
from incidents.model import Alert
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.rules.watchdog import signs_of_life


def signs_among(alerts: Iterable[Alert], policy: Policy) -> Mapping[int, tuple[str, ...]]:
    """By the identity of each that is one: the heartbeats that it is a beat of."""
    watched = [one for one in policy.heartbeats.values() if one.match or one.patterns]
    if not watched:
        return {}
    signs = {id(alert): signs_of_life(alert, watched) for alert in alerts}
    return {alert_id: names for alert_id, names in signs.items() if names}


async def hear(desk: Desk, uow: UnitOfWork) -> None:
    """All that the batch told, in one statement. Before incidents get their numbers, for which everybody waits."""
    names = {name for names in desk.signs.values() for name in names}
    if names:
        await uow.heartbeats.heard({name: desk.policy.heartbeats[name].within for name in names})
