"""Whether what was clicked is still what its id says: compared here, for all that is pressed, chosen or submitted.

A database that was restored from a backup gives ids out again, while messages that it has forgotten stay in Slack, with
buttons that work. So beside an id each carries the mark of a birth (``incidents.birth``). Before any listener runs,
what it carries is bound to the request's task; and whatever that does in the database begins with the comparison, in
the same transaction. Ids without a mark, which older messages carry, count as they are.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from incidents.errors import AnotherIncident, AnotherThing
from incidents.ports import UnitOfWork

_LARGEST_ID = 2**63 - 1

T = TypeVar("T")
Work = Callable[[UnitOfWork], Awaitable[T]]


class Thing(StrEnum):
    """What has an id, as the values that carry it call that id."""

    INCIDENT = "id"
    STORM = "storm"
    APPROVAL = "approval"
    WINDOW = "window"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Clicked:
    """One thing as it was when what carries its id was drawn."""

    thing: Thing
    id: int
    birth: str


_clicked: ContextVar[tuple[Clicked, ...]] = ContextVar("clicked", default=())


def bind(body: Mapping[str, Any]) -> None:
    """From here on in this task, and in those that it starts: for Bolt, whose middleware has no inside."""
    _clicked.set(clicked_in(body))


def compared(work: Work[T]) -> Work[T]:
    """``work`` for what was clicked. It raises AnotherIncident or AnotherThing, and what looking for them raises."""
    things = _clicked.get()
    if not things:
        return work

    async def checked(uow: UnitOfWork) -> T:
        for one in things:
            if await _birth_now(one, uow) not in {one.birth, None}:
                _refuse(one)
        return await work(uow)

    return checked


def clicked_in(body: Mapping[str, Any]) -> tuple[Clicked, ...]:
    """All that a payload of Slack's names with a mark: by what was pressed or chosen, and by the form around it."""
    found = (_read(value) for value in _values(body) if isinstance(value, str))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _values(body: Mapping[str, Any]) -> Iterator[Any]:
    actions = body.get("actions")
    for action in actions if isinstance(actions, list) else ():
        yield _part(action, "value")
        yield _part(action, "selected_option", "value")
    yield _part(body, "view", "private_metadata")
    fields = _part(body, "view", "state", "values")
    for field in fields.values() if isinstance(fields, Mapping) else ():
        for element in field.values() if isinstance(field, Mapping) else ():
            yield _part(element, "selected_option", "value")


def _part(told: Any, *names: str) -> Any:
    for name in names:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told


def _read(value: str) -> Clicked | None:
    """None: it names nothing, has no mark, or is of a version that we don't know: the listener answers that."""
    try:
        told = json.loads(value)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    birth = told.get("birth") or told.get("b")
    thing = next((one for one in Thing if _is_id(told.get(one))), None)
    return Clicked(thing, told[thing], birth) if thing and birth and isinstance(birth, str) else None


def _is_id(told: Any) -> bool:
    return isinstance(told, int) and 0 < told <= _LARGEST_ID


async def _birth_now(one: Clicked, uow: UnitOfWork) -> str | None:
    """Of what has its id now. None: there is none, and whoever looks for it says so."""
    match one.thing:
        case Thing.INCIDENT:
            return (await uow.incidents.get(one.id)).birth
        case Thing.STORM:
            return (await uow.storms.get(one.id)).birth
        case Thing.APPROVAL:
            return (await uow.approvals.get(one.id)).birth
        case Thing.WINDOW:
            window = await uow.maintenance.get(one.id)
            return None if window is None else window.birth
        case Thing.OVERRIDE:
            override = await uow.overrides.get(one.id)
            return None if override is None else override.birth


def _refuse(one: Clicked) -> NoReturn:
    if one.thing is Thing.INCIDENT:
        raise AnotherIncident(one.id)
    raise AnotherThing(one.id)
