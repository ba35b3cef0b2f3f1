"""The future of an incident that nobody takes. Pure: it asks neither a clock nor a database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import Severity
from incidents.policy import SCHEDULE, Paging, Policy, Route
from incidents.rules.escalation_plan import Paged, first_page, next_page, quiet_until
from incidents.schedules import on_call


@dataclass(frozen=True, slots=True)
class Page:
    """A step as it is done at ``at``: later than it was due where quiet hours held it back."""

    paged: Paged
    step: Step
    at: datetime

    @property
    def was_held_back(self) -> bool:
        return self.at > self.paged.due_at


def pages(escalation: EscalationPolicy, paging: Paging, severity: Severity, *, since: datetime) -> Iterator[Page]:
    """All that come, each done when it is due or as its quiet hours end. Where the policy repeats they never end."""
    paged = first_page(escalation, since=since)
    while paged is not None:
        at = quiet_until(paged.due_at, paging, severity) or paged.due_at
        yield Page(paged, escalation.steps[paged.position - 1], at)
        paged = next_page(escalation, position=paged.position, round=paged.round, began_at=paged.began_at, done_at=at)


def people(mentions: Iterable[str], policy: Policy, *, at: datetime) -> list[str]:
    """Each once, with whoever is on call then by the schedules, in words. What people have taken over isn't known."""
    told: dict[str, str] = {}
    for one in mentions:
        person, words = _person(one, policy, at)
        told[person] = max(told.get(person, ""), words, key=len)
    return list(told.values())


def _person(mention: str, policy: Policy, at: datetime) -> tuple[str, str]:
    """The mention that comes of it, and that in words."""
    schedule = policy.schedules.get(mention.removeprefix(SCHEDULE)) if mention.startswith(SCHEDULE) else None
    if schedule is None:
        return mention, mention
    if schedule.calendar is not None:
        return mention, f"on call: {schedule.name} (its calendar says who)"
    person = on_call(schedule, at)
    if person is None:
        return mention, f"nobody on call: {schedule.name}"
    return f"<@{person}>", f"<@{person}> (on call: {schedule.name})"


def time_zone(policy: Policy, route: Route, escalation: EscalationPolicy | None) -> tzinfo:
    """That of the first schedule that is paged, else that of the quiet hours, else UTC."""
    steps = () if escalation is None else escalation.steps
    named = [*(one for step in steps for one in (*step.mention, *step.direct)), *route.mention]
    for one in named:
        if one.startswith(SCHEDULE) and one.removeprefix(SCHEDULE) in policy.schedules:
            return policy.schedules[one.removeprefix(SCHEDULE)].zone
    return UTC if policy.paging.quiet_hours is None else policy.paging.quiet_hours.zone
