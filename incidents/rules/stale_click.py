"""May a click from an older card still do what it says?

Series come and go while people read, so an older version alone refuses nothing: at three in the morning
"Acknowledge" must work. What is refused is what the person could not have meant: another state, another episode,
or closing over series that began to fire after the card was drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from incidents.model import Incident, Status


@dataclass(frozen=True, slots=True)
class Seen:
    """What the card showed to the person who clicked."""

    version: int
    status: Status
    episode: int
    firing: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """What a person could not know: ``text`` has named gaps, which ``values`` fill."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def outdated(seen: Seen | None, incident: Incident, *, firing: int | None = None) -> Changed | None:
    """What has changed that the person could not know; None where the click stands.

    ``firing`` is how many series fire now, for actions that close; None where that does not matter.
    """
    if seen is None or seen.version == incident.version:
        return None
    if seen.episode != incident.episode:
        return Changed("it was resolved and has opened again")
    if seen.status is not incident.status:
        return Changed("it is {status} now", {"status": incident.status.value})
    if firing is not None and firing > seen.firing:
        return Changed("{firing} series fire now, {seen} did then", {"firing": firing, "seen": seen.firing})
    return None
