"""The thread under a card: one short sentence for each thing that happened, with who did it."""

from collections.abc import Callable

from bot.blocks import words
from bot.blocks.kit import section
from bot.blocks.text import data, person, quoted
from bot.message import Message
from incidents.model import Event, EventKind, Incident, Severity

_LONGEST_TEXT = 3000
_LONGEST_NAME = 80


def thread_entry(event: Event, incident: Incident) -> Message:
    """The entry for one event of an incident: a sentence, and the words that somebody wrote, as a quotation."""
    said = happened(event)
    words_of = _written(event)
    blocks = [section("event", f"{said}:" if words_of else f"{said}.")]
    if words_of:
        blocks.append(section("words", quoted(words_of)))
    text = f"{incident.name}: {said}"
    return Message(f"{text}: {data(words_of, _LONGEST_TEXT)}" if words_of else f"{text}.", blocks)


def happened(event: Event) -> str:
    """``<@U0ALICE> acknowledged it``: harmless mrkdwn without a full stop, for thread and timeline."""
    return _SENTENCES[event.kind](event)


def _written(event: Event) -> str:
    return words.note_text(event) or str(event.data.get("reason") or "" if event.kind is EventKind.MARKED_NOISE else "")


def _by(event: Event, did: str) -> str:
    return f"{person(event.actor)} {did}"


def _told(event: Event, name: str) -> str:
    value = event.data.get(name)
    return str(value) if value is not None else ""


def _still_firing(event: Event) -> str:
    count = event.data.get("still_firing") or 0
    return f" · ⚠ {count} still firing" if isinstance(count, int) and count > 0 else ""


def _opened(_: Event) -> str:
    return "It opened"


def _reopened(event: Event) -> str:
    if _told(event, "reason") == "by_hand":
        return _by(event, "reopened it")
    return "It fired again and is open again"


def _acknowledged(event: Event) -> str:
    return _by(event, "acknowledged it")


def _unacknowledged(event: Event) -> str:
    was = _told(event, "was")
    others = f", which {person(was)} had" if was and was != event.actor else ""
    return _by(event, f"took back the acknowledgement{others}: nobody has it")


def _resolved(event: Event) -> str:
    resolution = _told(event, "resolution")
    if resolution == "manual":
        return _by(event, f"closed it{_still_firing(event)}")
    return f"It is resolved: {words.end_in_words(resolution)}{_still_firing(event)}"


def _marked_noise(event: Event) -> str:
    return _by(event, f"marked it as noise{_still_firing(event)}")


def _marked_real(event: Event) -> str:
    return _by(event, "says that it is real, not noise")


def _assigned(event: Event) -> str:
    to = _told(event, "to")
    return _by(event, "took it" if to == event.actor else f"gave it to {person(to)}")


def _unassigned(event: Event) -> str:
    was = _told(event, "was")
    return _by(event, f"took it from {person(was)}" if was and was != event.actor else "gave it back")


def _noted(event: Event) -> str:
    return _by(event, "noted")


def _severity_raised(event: Event) -> str:
    before, after = (_severity(_told(event, name)) for name in ("from", "to"))
    return f"Severity rose from {before} to {after}"


def _severity(value: str) -> str:
    return words.severity(Severity(value)) if value in set(Severity) else data(value, _LONGEST_NAME)


def _series(event: Event) -> str:
    name = data(_told(event, "name") or _told(event, "series"), _LONGEST_NAME) or "A series"
    return f"{name} {'fires' if event.kind is EventKind.SERIES_FIRING else 'stopped firing'}"


_SENTENCES: dict[EventKind, Callable[[Event], str]] = {
    EventKind.OPENED: _opened,
    EventKind.REOPENED: _reopened,
    EventKind.ACKNOWLEDGED: _acknowledged,
    EventKind.UNACKNOWLEDGED: _unacknowledged,
    EventKind.RESOLVED: _resolved,
    EventKind.MARKED_NOISE: _marked_noise,
    EventKind.MARKED_REAL: _marked_real,
    EventKind.ASSIGNED: _assigned,
    EventKind.UNASSIGNED: _unassigned,
    EventKind.NOTED: _noted,
    EventKind.SEVERITY_RAISED: _severity_raised,
    EventKind.SERIES_FIRING: _series,
    EventKind.SERIES_RESOLVED: _series,
}
