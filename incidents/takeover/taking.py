"""Taking some rows over, in one transaction: each once, however often it is tried."""

from collections.abc import Mapping, Sequence

from incidents.outbox import NewCard, Priority
from incidents.policy import Policy, Traits
from incidents.ports import UnitOfWork
from incidents.takeover.model import Kind, PastAlert, PastIncident, Taken


async def take_incidents(
    origin: str, told: Sequence[PastIncident], *, opened: Mapping[str, str], uow: UnitOfWork, dry_run: bool
) -> Taken:
    """In their order, which should be that in which they opened: so they get their numbers.

    ``opened``: what earlier calls of this run told, of which a dry run has stored nothing.
    """
    known = await uow.takeover.known(origin, Kind.INCIDENT, [one.their_id for one in told])
    new = [one for one in told if one.their_id not in known]
    names = await uow.takeover.open_names({one.incident_key for one in new if one.is_open})
    refused = _of_open_keys(new, {**opened, **names})
    taken = [one for one in new if one.their_id not in refused]
    if taken and not dry_run:
        await uow.takeover.add_incidents(origin, taken)
        await uow.takeover.recount_from(min(one.opened_at for one in taken))
    still_open = {one.incident_key: _named(one) for one in taken if one.is_open}
    return Taken(len(taken), len(told) - len(new), refused, still_open)


def _of_open_keys(told: Sequence[PastIncident], opened: Mapping[str, str]) -> Mapping[str, str]:
    """Those that can't be open, since another of their key is; why, by their id."""
    names = dict(opened)
    refused = dict[str, str]()
    for one in told:
        if not one.is_open:
            continue
        if one.incident_key in names:
            refused[one.their_id] = (
                f"{names[one.incident_key]} of the same rule and place is open, and only one can be: close either"
            )
        names.setdefault(one.incident_key, _named(one))
    return refused


def _named(incident: PastIncident) -> str:
    return f"their incident {incident.their_id}"


async def take_alerts(origin: str, told: Sequence[PastAlert], *, counts: bool, uow: UnitOfWork, dry_run: bool) -> Taken:
    """``counts``: incidents count their alerts, as the other tool did not."""
    known = await uow.takeover.known(origin, Kind.ALERT, [one.their_id for one in told])
    new = [one for one in told if one.their_id not in known]
    if not dry_run:
        await uow.takeover.link(origin, [one for one in told if one.their_id in known], counts=counts)
    if new and not dry_run:
        await uow.takeover.add_alerts(origin, new, counts=counts)
        await uow.takeover.recount_from(min(one.received_at for one in new))
    return Taken(len(new), len(told) - len(new))


async def show_open(incident_id: int, *, uow: UnitOfWork, policy: Policy) -> None:
    """An open one gets its series, and a card where its route says. Nobody is mentioned or paged."""
    await uow.takeover.add_series(incident_id, names=policy.labels.series)
    now = await uow.incidents.get(incident_id)
    labels = await uow.alerts.labels_of(incident_id)
    route = policy.route_for(Traits(now.place, now.severity, now.source, now.alert_name, now.rule_uid, labels))
    await uow.outbox.add_cards([NewCard(incident_id, channel, Priority.UPDATE) for channel in route.channels])
