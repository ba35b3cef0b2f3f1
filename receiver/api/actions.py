"""What people do to incidents: the same use cases as Slack's buttons and commands."""

from incidents import actions
from incidents.ports import UnitOfWork
from receiver.api.acting import action, just, told, told_or_asked
from receiver.api.call import Answer, Call
from receiver.api.finding import incident_of
from receiver.api.mistakes import check_person, snoozing
from receiver.api.models.acting import Assignment, NoiseReason, Resolving, Snooze


async def _resolve(call: Call, uow: UnitOfWork) -> Answer:
    incident, note = await incident_of(call, uow), call.body(Resolving).note
    return told_or_asked(await actions.resolve(incident.id, note=note, by=call.by, uow=uow))


async def _noise(call: Call, uow: UnitOfWork) -> Answer:
    incident, reason = await incident_of(call, uow), call.body(NoiseReason).reason
    return told_or_asked(await actions.mark_noise(incident.id, reason=reason, by=call.by, uow=uow))


async def _known_assignee(call: Call) -> None:
    await check_person(call, call.body(Assignment).to, field="body.to")


async def _assign(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    return told(await actions.assign(incident.id, to=call.body(Assignment).to, by=call.by, uow=uow))


async def _snooze(call: Call, uow: UnitOfWork) -> Answer:
    incident, wanted = await incident_of(call, uow), call.body(Snooze)
    with snoozing(wanted.field):
        return told(await actions.snooze(incident.id, until=wanted.ends(uow.now), by=call.by, uow=uow))


OPERATIONS = (
    action("acknowledge", "Take an incident", just(actions.acknowledge), name="acknowledge_incident"),
    action(
        "confirm",
        "Say that its owner still has it",
        just(actions.confirm),
        name="confirm_incident",
        description="Where it got worse, or was taken long ago, its owner is asked. Without an answer it is nobody's.",
    ),
    action("unacknowledge", "Give an incident back", just(actions.unacknowledge), name="unacknowledge_incident"),
    action(
        "resolve",
        "Close an incident",
        _resolve,
        name="resolve_incident",
        body=Resolving,
        body_optional=True,
        examples={"with a note": {"note": "rolled back"}},
        may_ask=True,
        description="Also while series still fire: those that fire anew open it again. 202: nothing is closed "
        "yet, a second person was asked: `Location` is the approval, the answer is the incident.",
    ),
    action(
        "reopen",
        "Open an incident again",
        just(actions.reopen),
        name="reopen_incident",
        description="In the state it had: who had it has it again.",
    ),
    action(
        "noise",
        "Mark an incident as noise",
        _noise,
        name="mark_incident_noise",
        body=NoiseReason,
        body_optional=True,
        examples={"with a reason": {"reason": "the probe is flaky"}},
        may_ask=True,
        description="It is closed, and left out of MTTA and MTTR. 202: nothing is closed yet, a second "
        "person was asked: `Location` is the approval, the answer is the incident.",
    ),
    action(
        "real",
        "Say that it is no noise after all",
        just(actions.mark_real),
        name="mark_incident_real",
        description="While a series fires it is open again.",
    ),
    action(
        "assign",
        "Give an incident to a person, or to nobody",
        _assign,
        name="assign_incident",
        body=Assignment,
        examples={"to a person": {"to": "U0ALICE"}, "to nobody": {"to": None}},
        before=_known_assignee,
    ),
    action(
        "snooze",
        "Hear nothing of an incident for a while",
        _snooze,
        name="snooze_incident",
        body=Snooze,
        examples={"for so long": {"for": "2h"}},
        description="Where it is snoozed already the new end counts. It wakes earlier when it gets graver.",
    ),
    action("wake", "End a snooze", just(actions.wake), name="wake_incident"),
    action(
        "escalate",
        "Call the next ones now",
        just(actions.escalate),
        name="escalate_incident",
        description="Does the next step of its escalation policy, though somebody has it or it is snoozed.",
    ),
)
