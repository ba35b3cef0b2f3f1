"""One step that is due: whom it calls, where, and what is written of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from incidents.change import Change, changed
from incidents.escalation.model import EscalationPolicy, PlannedStep, Step, StepState
from incidents.escalation.planning import Move, first, page, policy_of, route_of
from incidents.model import Actor, EventKind, Incident
from incidents.policy import SCHEDULE
from incidents.ports import UnitOfWork
from incidents.rules.escalation_plan import next_page
from incidents.rules.escalation_policy import known
from incidents.schedules.now import with_people


@dataclass(frozen=True, slots=True)
class Call:
    """What one step does. ``people`` as mentions, with whoever is on call; ``direct`` are Slack user ids."""

    incident: Incident
    planned: PlannedStep
    policy: EscalationPolicy
    step: Step
    people: tuple[str, ...]
    direct: tuple[str, ...]

    def told(self) -> Mapping[str, Any]:
        """What its event says."""
        return {
            "policy": self.policy.name,
            "step": self.planned.position,
            "of": len(self.policy.steps),
            "round": self.planned.round,
            "mention": list(self.people),
            "broadcast": self.step.broadcast,
            "channels": [self.step.channel] if self.step.channel else [],
            "direct": list(self.direct),
            "webhooks": [self.step.webhook] if self.step.webhook else [],
        }

    def change(self, by: Actor, uow: UnitOfWork) -> Change:
        return changed(self.incident, self.incident, EventKind.ESCALATED, by, uow.now, self.told())


async def call(planned: PlannedStep, incident: Incident, uow: UnitOfWork) -> Call | None:
    """As the policy says now. None: it has no such step any more, and nothing in its place."""
    policy = known(uow.policy, planned.policy)
    if policy is None or planned.position > len(policy.steps):
        policy = await policy_of(Move(None, incident), uow)
        if policy is None or planned.position > len(policy.steps):
            return None
    step = policy.steps[planned.position - 1]
    mentioned = step.mention or (await route_of(Move(None, incident), uow)).mention
    people = tuple(await with_people(mentioned, uow.policy, uow))
    direct = await with_people(step.direct, uow.policy, uow)
    ids = tuple(one.strip("<@>") for one in direct if not one.startswith(SCHEDULE))
    return Call(incident, replace(planned, policy=policy.name), policy, step, people, ids)


def done(planned: PlannedStep, *, event_id: int | None, uow: UnitOfWork, reason: str | None = None) -> PlannedStep:
    return replace(planned, state=StepState.DONE, done_at=uow.now, event_id=event_id, reason=reason)


async def following(done_call: Call, uow: UnitOfWork) -> list[PlannedStep]:
    """The page that comes after this one; none where the policy ends."""
    before, policy = done_call.planned, done_call.policy
    paged = next_page(policy, position=before.position, round=before.round, began_at=before.began_at, done_at=uow.now)
    if paged is None:
        return []
    last = await uow.escalation.last_step(done_call.incident)
    return [page(done_call.incident, policy, paged, last + 1, uow)]


def from_last(
    last: PlannedStep, incident: Incident, policy: EscalationPolicy, step: int, uow: UnitOfWork
) -> PlannedStep | None:
    """What follows the last page; where the policy is another by now, or at its end, its first step."""
    if last.policy != policy.name:
        return first(incident, policy, step, uow)
    paged = next_page(policy, position=last.position, round=last.round, began_at=last.began_at, done_at=uow.now)
    return first(incident, policy, step, uow) if paged is None else page(incident, policy, paged, step, uow)
