"""What escalation and maintenance did to an incident, in a sentence each, for thread and timeline."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.blocks.event_data import count_in, text_in, time_in
from bot.blocks.text import data, person, when
from bot.language import t
from incidents.model import Event, EventKind
from incidents.policy import SCHEDULE
from incidents.rules.escalates import Why

_LONGEST_NAME = 80


def _escalated(event: Event) -> str:
    told = event.data
    reached = _list([*_people(told), *_places(told)]) or t("this thread")
    if text_in(event, "reason") == Why.OUTSIDE.value:
        return t("Slack did not take a page for a minute, so it went out another way: {people}", people=reached)
    step, of = count_in(event, "step"), count_in(event, "of")
    if event.actor.startswith("system"):
        return t("Nobody has it yet, step {step} of {of}: {people}", step=step, of=of, people=reached)
    return t(
        "{person} called for help, step {step} of {of}: {people}",
        person=person(event.actor),
        step=step,
        of=of,
        people=reached,
    )


def _people(told: Mapping[str, Any]) -> Iterable[str]:
    """Named, not called: the reminder calls them. A group is known here by its handle or its id alone."""
    for one in dict.fromkeys([*_texts(told, "mention"), *(f"<@{one}>" for one in _texts(told, "direct"))]):
        if one.startswith("<@"):
            yield person(one.strip("<@>"))
        elif one.startswith(SCHEDULE):
            yield t("nobody on call for {schedule}", schedule=data(one.removeprefix(SCHEDULE), _LONGEST_NAME))
        else:
            yield data(one.removeprefix("<!subteam^").rstrip(">"), _LONGEST_NAME)


def _places(told: Mapping[str, Any]) -> Iterable[str]:
    yield from (data(one, _LONGEST_NAME) for one in _texts(told, "channels"))
    for one in _texts(told, "webhooks"):
        yield t("webhook {name}", name=data(one, _LONGEST_NAME))


def _owner_asked(event: Event) -> str:
    since = time_in(event, "since")
    if since is None:
        return t("It was taken long ago and is still open")
    return t("It was taken {time} and is still open", time=when(since))


def _still_open(_: Event) -> str:
    return t("It is still open")


def _maintenance_began(event: Event) -> str:
    return t("It is in maintenance: nobody is paged until the maintenance of {name} is over", name=_window(event))


def _maintenance_ended(event: Event) -> str:
    return t("Its maintenance is over ({name}): from now on people are paged again", name=_window(event))


def _window(event: Event) -> str:
    return data(text_in(event, "name"), _LONGEST_NAME)


def _list(named: Iterable[str]) -> str:
    return ", ".join(named)


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    value = told.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


PAGING: dict[EventKind, Callable[[Event], str]] = {
    EventKind.ESCALATED: _escalated,
    EventKind.OWNER_ASKED: _owner_asked,
    EventKind.STILL_OPEN: _still_open,
    EventKind.MAINTENANCE_BEGAN: _maintenance_began,
    EventKind.MAINTENANCE_ENDED: _maintenance_ended,
}
