"""What an incident's change means for its escalation: planned, cancelled and planned anew in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from incidents.escalation.model import EscalationPolicy, PlannedStep, Timer
from incidents.model import Incident
from incidents.policy import LABEL, Policy, Route, Traits
from incidents.ports import UnitOfWork
from incidents.rules.escalates import Wanted, Why, escalates, stands
from incidents.rules.escalation_plan import Paged, first_page, quiet_until
from incidents.rules.escalation_policy import MORNING, policy_for


@dataclass(frozen=True, slots=True)
class Move:
    """An incident before and after what a transaction did to it. ``before`` None: it has opened here.

    ``route`` is the one that it takes, where that is known already; None: it is found.
    """

    before: Incident | None
    after: Incident
    route: Route | None = None

    @property
    def matters(self) -> bool:
        """Whether anything else is wanted now than before."""
        if self.before is None:
            return escalates(self.after)[0] is not Wanted.QUIET
        return stands(self.before) != stands(self.after) or _calls_though_flapping(self)

    @property
    def gets_graver(self) -> bool:
        return self.before is not None and self.after.severity.rank > self.before.severity.rank


async def replan(moves: Iterable[Move], uow: UnitOfWork) -> None:
    """The incidents are locked, or have opened here. Those of which nothing else is wanted now are left alone."""
    moved = [move for move in moves if move.matters]
    over = [move for move in moved if _ends(move)]
    for reason in sorted({escalates(move.after)[1] for move in over}):
        of_it = [move.after.id for move in over if escalates(move.after)[1] is reason]
        await uow.escalation.cancel(of_it, reason=reason.value)
    fresh = [move for move in moved if move.before is None]
    others = [move for move in moved if move.before is not None and not _ends(move)]
    planned = [step for move in fresh for step in await _steps(move, await policy_of(move, uow), uow, after=0)]
    for move in others:
        planned += await _plan_anew(move, uow)
    await uow.escalation.plan(planned)


def _ends(move: Move) -> bool:
    return escalates(move.after)[0] is Wanted.QUIET and not _calls_though_flapping(move)


def _calls_though_flapping(move: Move) -> bool:
    """What keeps coming back calls nobody, unless it gets graver."""
    return escalates(move.after)[1] is Why.FLAPPING and move.gets_graver


async def _plan_anew(move: Move, uow: UnitOfWork) -> list[PlannedStep]:
    """What is planned under the same policy stays as it is; all else is cancelled, and planned from now on."""
    policy, standing = await policy_of(move, uow), await uow.escalation.planned([move.after.id])
    kept = [step for step in standing if _still_holds(step, move, policy)]
    dropped = [step for step in standing if step not in kept]
    if dropped:
        await uow.escalation.cancel_steps(dropped, reason=Why.CHANGED.value)
    wanted = await _steps(move, policy, uow, after=await uow.escalation.last_step(move.after))
    timers = {step.timer for step in kept}
    return [step for step in wanted if step.timer not in timers]


def _still_holds(step: PlannedStep, move: Move, policy: EscalationPolicy | None) -> bool:
    before, after = move.before, move.after
    if before is None or policy is None or step.policy != policy.name or step.episode != after.episode:
        return False
    if step.timer is Timer.PAGE:
        return escalates(before)[0] is Wanted.PAGES and escalates(after)[0] is Wanted.PAGES
    same_owner = before.owner == after.owner and before.acknowledged_time == after.acknowledged_time
    was_asked = (before.confirm_by is None) != (after.confirm_by is None)
    return same_owner and not (step.timer is Timer.ASK_OWNER and was_asked)


async def policy_of(move: Move, uow: UnitOfWork) -> EscalationPolicy | None:
    """By the route that its place, severity and labels take now; None: nobody is ever called about it."""
    return policy_for(uow.policy, await route_of(move, uow), move.after.severity)


async def route_of(move: Move, uow: UnitOfWork) -> Route:
    """Labels are those of the last alert, which are looked up where a route asks for any."""
    if move.route is not None:
        return move.route
    now = move.after
    labels = await uow.alerts.labels_of(now.id) if _asks_for_labels(uow.policy) else {}
    return uow.policy.route_for(Traits(now.place, now.severity, now.source, now.alert_name, now.rule_uid, labels))


def _asks_for_labels(policy: Policy) -> bool:
    return any(field.startswith(LABEL) for route in policy.routes for field in route.fields)


async def _steps(move: Move, policy: EscalationPolicy | None, uow: UnitOfWork, *, after: int) -> list[PlannedStep]:
    """Those that begin now. ``after``: the number of the last one of this episode."""
    has_owner = escalates(move.after)[0] is Wanted.OWNER
    if policy is None and not has_owner and await _mentions_later(move, uow):
        policy = MORNING
    if policy is None:
        return []
    if has_owner:
        return _timers(move.after, policy, uow.now, after)
    begins = first(move.after, policy, after + 1, uow)
    return [] if begins is None else [begins]


async def _mentions_later(move: Move, uow: UnitOfWork) -> bool:
    """Whether it opened, or was given back, in quiet hours for which its route's mention waits."""
    if quiet_until(uow.now, uow.policy.paging, move.after.severity) is None:
        return False
    return bool((await route_of(move, uow)).mention)


def first(incident: Incident, policy: EscalationPolicy, step: int, uow: UnitOfWork) -> PlannedStep | None:
    """The policy's first page, counted from now. None: it pages nobody."""
    paged = first_page(policy, since=uow.now)
    return None if paged is None else page(incident, policy, paged, step, uow)


def page(incident: Incident, policy: EscalationPolicy, paged: Paged, step: int, uow: UnitOfWork) -> PlannedStep:
    """What would fall into quiet hours waits for their end."""
    quiet = quiet_until(paged.due_at, uow.policy.paging, incident.severity)
    return PlannedStep(
        incident_id=incident.id,
        episode=incident.episode,
        step=step,
        timer=Timer.PAGE,
        policy=policy.name,
        position=paged.position,
        round=paged.round,
        began_at=paged.began_at,
        due_at=quiet or paged.due_at,
    )


def _timers(incident: Incident, policy: EscalationPolicy, now: datetime, after: int) -> list[PlannedStep]:
    """Of what somebody has: nobody is asked again while an answer is waited for."""
    waits = incident.confirm_by is not None
    wanted = [
        (Timer.ASK_OWNER, None if waits else policy.acknowledge_timeout),
        (Timer.STILL_OPEN, policy.unresolved_reminder),
    ]
    due = [(timer, now + delay) for timer, delay in wanted if delay is not None]
    return [
        timed(incident, policy, timer, began_at=now, due_at=at, step=after + place)
        for place, (timer, at) in enumerate(due, start=1)
    ]


def timed(
    incident: Incident, policy: EscalationPolicy, timer: Timer, *, began_at: datetime, due_at: datetime, step: int
) -> PlannedStep:
    """One that is no page."""
    return PlannedStep(
        incident_id=incident.id,
        episode=incident.episode,
        step=step,
        timer=timer,
        policy=policy.name,
        position=0,
        round=0,
        began_at=began_at,
        due_at=due_at,
    )
