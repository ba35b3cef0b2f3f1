"""What happens next to an incident if nobody does anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.escalation.model import PlannedStep, Timer
from incidents.escalation.planning import Move, page, route_of
from incidents.model import Incident
from incidents.ports import UnitOfWork
from incidents.rules.escalation_plan import next_page
from incidents.rules.escalation_policy import known


@dataclass(frozen=True, slots=True)
class Coming:
    """The step that is planned next. ``at`` is aware UTC. ``step`` and ``of`` are 0 for what is no page.

    ``mention`` as the policy names them, else as the route does; ``elsewhere`` are channels and webhooks by name.
    """

    timer: Timer
    at: datetime
    step: int = 0
    of: int = 0
    mention: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


async def coming(incident: Incident, uow: UnitOfWork) -> Coming | None:
    """None: nothing is planned."""
    planned = await uow.escalation.planned([incident.id]) if incident.is_open else []
    return await _told(planned[0], incident, uow) if planned else None


async def ahead(incident: Incident, uow: UnitOfWork, *, most: int = 5) -> list[Coming]:
    """What happens to it if nobody does anything, soonest first: what is planned, and the pages that follow it."""
    planned = await uow.escalation.planned([incident.id]) if incident.is_open else []
    pages = [step for step in planned if step.timer is Timer.PAGE]
    policy = known(uow.policy, pages[0].policy) if pages else None
    while policy is not None and pages and len(pages) < most:
        last = pages[-1]
        paged = next_page(policy, position=last.position, round=last.round, began_at=last.began_at, done_at=last.due_at)
        if paged is None:
            break
        pages.append(page(incident, policy, paged, last.step + 1, uow))
    every = [*(step for step in planned if step.timer is not Timer.PAGE), *pages]
    every.sort(key=lambda step: step.due_at)
    return [await _told(step, incident, uow) for step in every[:most]]


async def _told(step: PlannedStep, incident: Incident, uow: UnitOfWork) -> Coming:
    policy = known(uow.policy, step.policy)
    if step.timer is not Timer.PAGE or policy is None or step.position > len(policy.steps):
        return Coming(step.timer, step.due_at)
    told = policy.steps[step.position - 1]
    mention = told.mention or (await route_of(Move(None, incident), uow)).mention
    elsewhere = [one for one in (told.channel, told.webhook) if one]
    everybody = [*mention, *told.direct]
    return Coming(step.timer, step.due_at, step.position, len(policy.steps), everybody, elsewhere)
