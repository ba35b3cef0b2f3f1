"""What the channel in which a window was made hears of it, as the outbox names it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from incidents.maintenance.model import Occurrence, Window
from incidents.maintenance.occurrences import occurrence_of
from incidents.model import Incident
from incidents.ports import UnitOfWork

_KIND = "maintenance"


class Moment(StrEnum):
    PLANNED = "planned"
    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Told:
    """One message. ``incidents`` are those that still fire, of an end; ``cards`` where some of them are, by id."""

    window: Window
    moment: Moment
    occurrence: Occurrence
    incidents: tuple[Incident, ...] = ()
    cards: tuple[tuple[int, tuple[str, str]], ...] = ()


def subject(window_id: int, moment: Moment, start: datetime) -> str:
    """``maintenance:12:ended:20260102T100000``: at most 64 characters. Of an occurrence each is told once."""
    return f"{_KIND}:{window_id}:{moment}:{start.astimezone(UTC):%Y%m%dT%H%M%S}"


def is_about_maintenance(named: str) -> bool:
    return named.startswith(f"{_KIND}:")


async def told(named: str, uow: UnitOfWork, *, most_cards: int) -> Told | None:
    """As it is now. Of the incidents that still fire the first ``most_cards`` with their cards. None: it is gone."""
    _, number, moment, start = named.split(":")
    window = await uow.maintenance.get(int(number))
    if window is None:
        return None
    occurrence = _occurrence(window, datetime.strptime(f"{start}+0000", "%Y%m%dT%H%M%S%z"))
    incidents = await _still_firing(window, occurrence, uow) if moment == Moment.ENDED else ()
    places = [(one.id, await uow.views.card_places(one.id)) for one in incidents[:most_cards]]
    cards = tuple((incident_id, found[0]) for incident_id, found in places if found)
    return Told(window, Moment(moment), occurrence, incidents, cards)


def _occurrence(window: Window, start: datetime) -> Occurrence:
    """Ended before its time, it ended then."""
    found = occurrence_of(window, start) or Occurrence(start, start + (window.ends_at - window.starts_at))
    if window.ended_at is None or window.ended_at >= found.end:
        return found
    return Occurrence(found.start, max(found.start, window.ended_at))


async def _still_firing(window: Window, occurrence: Occurrence, uow: UnitOfWork) -> tuple[Incident, ...]:
    if window.left_of != occurrence.start or not window.left:
        return ()
    found = await uow.maintenance.seen(window.left)
    burning = [one for one in found if one.is_open and one.firing]
    return tuple(sorted(burning, key=lambda one: (-one.severity.rank, one.start_time, one.id)))
