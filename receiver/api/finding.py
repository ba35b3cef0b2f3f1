"""Which incident a path names, and whether it is still as its sender has read it."""

from collections.abc import Collection

from base import log_context
from incidents.model import Incident
from incidents.ports import UnitOfWork
from receiver.api.call import Call
from receiver.api.errors import VersionChanged
from receiver.api.models.incident import IncidentPath


async def incident_of(call: Call, uow: UnitOfWork) -> Incident:
    """Raises IncidentNotFound, of another tenant's, too."""
    return await find_incident(call.path(IncidentPath).incident, uow)


async def find_incident(ref: str, uow: UnitOfWork) -> Incident:
    """``INC-12`` or an id. Raises IncidentNotFound."""
    kind, _, number = ref.rpartition("-")
    incident = await (uow.incidents.by_number(int(number)) if kind else uow.incidents.get(int(number)))
    log_context.bind(incident=incident.id)
    return incident


async def require_version(call: Call, wanted: Collection[int], uow: UnitOfWork) -> None:
    """From here on nobody else changes it. Raises VersionChanged, which says what has happened, IncidentNotFound."""
    incident = await uow.incidents.lock((await incident_of(call, uow)).id)
    if incident.version in wanted:
        return
    since = max(1, min(20, incident.version - min(wanted)))
    events = await uow.timeline.of(incident.id, limit=since)
    changed = [{"at": one.at.isoformat(), "actor": one.actor, "kind": one.kind.value} for one in events]
    raise VersionChanged(incident.name, " or ".join(str(one) for one in sorted(wanted)), incident.version, changed)
