"""Several changes of one incident at once: all of them or none."""

from dataclasses import dataclass

from incidents import actions
from incidents.access.model import Scope
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork
from receiver.api.acting import REFUSALS, told, told_or_asked, where_approval
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.mistakes import check_person, snoozing, told_in
from receiver.api.models.acting import IncidentChanges
from receiver.api.models.incident import IncidentPath, IncidentShape
from receiver.api.operation import Operation


async def _known_assignee(call: Call) -> None:
    wanted = call.body(IncidentChanges)
    if wanted.names("assignee"):
        await check_person(call, wanted.assignee, field="body.assignee")


async def _edit(call: Call, uow: UnitOfWork) -> Answer:
    """Noise comes last: it ends the episode that the others are changes of."""
    wanted, incident = call.body(IncidentChanges), await incident_of(call, uow)
    edit = _Edit(wanted, by=call.by, uow=uow)
    for step in (edit.title, edit.severity, edit.assignee, edit.snooze, edit.noise):
        incident = await step(incident)
    return told_or_asked(incident) if wanted.is_noise else told(incident)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Each step answers the incident after it. What is as it is wanted already is left alone."""

    wanted: IncidentChanges
    by: Actor
    uow: UnitOfWork

    async def title(self, incident: Incident) -> Incident:
        if not self.wanted.names("title"):
            return incident
        with told_in("body.title"):
            return await actions.set_title(incident.id, to=self.wanted.title, by=self.by, uow=self.uow)

    async def severity(self, incident: Incident) -> Incident:
        if not self.wanted.names("severity"):
            return incident
        return await actions.set_severity(incident.id, to=self.wanted.severity, by=self.by, uow=self.uow)

    async def assignee(self, incident: Incident) -> Incident:
        if not self.wanted.names("assignee"):
            return incident
        return await actions.assign(incident.id, to=self.wanted.assignee, by=self.by, uow=self.uow)

    async def snooze(self, incident: Incident) -> Incident:
        until = self.wanted.snoozed_until
        if not self.wanted.names("snoozed_until") or until == incident.snoozed_until:
            return incident
        if until is None:
            return await actions.wake(incident.id, by=self.by, uow=self.uow)
        with snoozing("body.snoozed_until"):
            return await actions.snooze(incident.id, until=until, by=self.by, uow=self.uow)

    async def noise(self, incident: Incident) -> Incident:
        reason = self.wanted.noise_reason or ""
        is_so = self.wanted.is_noise is incident.is_noise and reason in {"", incident.noise_reason}
        if is_so or not self.wanted.names("is_noise"):
            return incident
        if self.wanted.is_noise:
            return await actions.mark_noise(incident.id, reason=reason, by=self.by, uow=self.uow)
        return await actions.mark_real(incident.id, by=self.by, uow=self.uow)


OPERATIONS = (
    Operation(
        method="PATCH",
        path="/incidents/{incident}",
        name="edit_incident",
        may_ask=True,
        location=where_approval,
        summary="Change an incident",
        description="Several fields at once: where one can't be changed, nothing is.",
        tag="actions",
        scope=Scope.WRITE,
        path_model=IncidentPath,
        body=IncidentChanges,
        examples={
            "graver, and somebody's": {"severity": "critical", "assignee": "U0ALICE"},
            "noise": {"is_noise": True, "noise_reason": "the probe is flaky"},
        },
        answer=IncidentShape,
        before=_known_assignee,
        work=_edit,
        refusals=REFUSALS,
        has_version=True,
    ),
)
