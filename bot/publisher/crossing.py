"""Entries that tell of another incident name it by a link to its card."""

from collections.abc import Callable
from dataclasses import replace

from incidents.model import Event
from incidents.ports import UnitOfWork

_OTHERS = ("into", "merged", "out_of", "gave_back", "split_from")
"""What an event's data call another incident; its id is beside it, as ``into_id``."""


def nowhere(channel: str, ts: str) -> str | None:  # noqa: ARG001 - like those that know the workspace
    """Where the workspace is not known, nothing has an address."""
    return None


async def with_links(event: Event, uow: UnitOfWork, link_to: Callable[[str, str], str | None]) -> Event:
    """The event with the address of the other incident's card, as ``into_url``, where it has one."""
    found = {}
    for name in _OTHERS:
        other_id = event.data.get(f"{name}_id")
        places = await uow.views.card_places(other_id) if isinstance(other_id, int) else []
        url = link_to(*places[0]) if places else None
        if url is not None:
            found[f"{name}_url"] = url
    return replace(event, data={**event.data, **found}) if found else event
