"""``bongsu escalation simulate``: the future of an incident as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from base.durations import written
from bongsu.escalation.choice import choice
from bongsu.escalation.future import Page, pages, people
from incidents.escalation.model import EscalationPolicy, Step
from incidents.policy import Policy, Route, Traits
from incidents.rules.escalation_policy import policy_for
from incidents.rules.worsening import CONFIRM_WITHIN

MOST_ROWS = 100

_LEFT_OUT = "Snoozes, maintenance, storms, and what people have taken over are not looked at."


@dataclass(frozen=True, slots=True)
class Imagined:
    """An incident that opens at ``since``, aware, of which ``route`` is the way. Times are told in ``zone``."""

    policy: Policy
    traits: Traits
    route: Route
    since: datetime
    zone: tzinfo

    @property
    def escalation(self) -> EscalationPolicy | None:
        return policy_for(self.policy, self.route, self.traits.severity)

    def moment(self, at: datetime) -> str:
        """``Sun 2026-03-29 03:05 CEST``"""
        return f"{at.astimezone(self.zone):%a %Y-%m-%d %H:%M %Z}"


def future(imagined: Imagined, *, hours: int) -> str:
    """Of the next so many hours, if nobody takes it; then what happens if somebody does."""
    head = [_headline(imagined.traits), *_ways(imagined), ""]
    if imagined.escalation is None:
        return _lines(head[:-1])
    coming = pages(imagined.escalation, imagined.policy.paging, imagined.traits.severity, since=imagined.since)
    seen, following = _seen(coming, until=imagined.since + timedelta(hours=hours))
    rows = [_opening(imagined), *(_row(one, imagined, of=len(imagined.escalation.steps)) for one in seen)]
    first, *_ = (one for one in (*seen, following) if one is not None)
    taken = _taken(imagined, imagined.escalation, first.at)
    return _lines([*head, *_table(rows, imagined), _ending(imagined, following), "", *taken, "", _LEFT_OUT])


def _seen(coming: Iterator[Page], *, until: datetime) -> tuple[list[Page], Page | None]:
    """Those that are shown, and the one after them; None: there is none."""
    seen: list[Page] = []
    for page in coming:
        if page.at > until or len(seen) == MOST_ROWS:
            return seen, page
        seen.append(page)
    return seen, None


def _lines(told: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in told)


def _headline(traits: Traits) -> str:
    names = ("severity", "service", "namespace", "cluster", "phase")
    told = [(name, traits.told(name)) for name in names] + list(traits.labels.items())
    return "An incident: " + " · ".join(f"{name} {value}" for name, value in told if value)


def _ways(imagined: Imagined) -> list[str]:
    route = imagined.route
    line = "no route takes it" if route.line is None else f"route in line {route.line}"
    how = choice(imagined.policy, route, imagined.traits.severity)
    return [f"  {line}: to {', '.join(route.channels)}", f"  {how}"]


_HEADINGS = ("step", "round", "tells", "where")


def _opening(imagined: Imagined) -> tuple[str, ...]:
    told = ", ".join(people(imagined.route.mention, imagined.policy, at=imagined.since)) or "nobody by name"
    return "0s", imagined.moment(imagined.since), "opens", "", told, _cards(imagined.route)


def _cards(route: Route) -> str:
    return f"card in {' and '.join(route.channels)}"


def _row(page: Page, imagined: Imagined, *, of: int) -> tuple[str, ...]:
    step = page.step
    mentioned = people(step.mention or imagined.route.mention, imagined.policy, at=page.at)
    return (
        written(page.at - imagined.since),
        imagined.moment(page.at),
        f"{page.paged.position}/{of}",
        str(page.paged.round),
        ", ".join(mentioned) or "nobody by name",
        ", ".join(_where(step, imagined, at=page.at)) + _held_back(page, imagined),
    )


def _where(step: Step, imagined: Imagined, *, at: datetime) -> Iterator[str]:
    yield f"thread and {imagined.route.channel}" if step.broadcast else "thread"
    if step.channel is not None:
        yield step.channel
    if step.direct:
        told = people([_mention(one) for one in step.direct], imagined.policy, at=at)
        yield f"direct message to {' and '.join(told)}"
    if step.webhook is not None:
        yield f"webhook {step.webhook}"


def _mention(addressee: str) -> str:
    return addressee if ":" in addressee else f"<@{addressee}>"


def _held_back(page: Page, imagined: Imagined) -> str:
    if not page.was_held_back:
        return ""
    return f" (due {page.paged.due_at.astimezone(imagined.zone):%H:%M}, held back by quiet hours)"


def _table(rows: Sequence[tuple[str, ...]], imagined: Imagined) -> list[str]:
    told = [("after", f"at ({imagined.zone})", *_HEADINGS), *rows]
    widths = [max(len(row[column]) for row in told) for column in range(len(told[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in told
    ]


def _ending(imagined: Imagined, following: Page | None) -> str:
    if following is None:
        return "After that nobody is paged again."
    more = "" if not following.was_held_back else ", as the quiet hours end"
    return f"The next page comes at {imagined.moment(following.at)}{more}."


def _taken(imagined: Imagined, escalation: EscalationPolicy, at: datetime) -> list[str]:
    """What becomes of whoever takes it as the first page comes."""
    lines = [f"If somebody takes it at {imagined.moment(at)}, nobody is paged any more."]
    if escalation.acknowledge_timeout is not None:
        asked, within = imagined.moment(at + escalation.acknowledge_timeout), written(CONFIRM_WITHIN)
        lines.append(f"  {asked}  they are asked whether they still work on it; without an answer within {within}")
        lines.append(f"  {' ' * len(asked)}  it is nobody's again, and paged from the first step")
    if escalation.unresolved_reminder is not None:
        told, every = imagined.moment(at + escalation.unresolved_reminder), written(escalation.unresolved_reminder)
        lines.append(f"  {told}  they hear that it is still open, and again every {every}")
    return lines
