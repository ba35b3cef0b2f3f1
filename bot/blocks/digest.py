"""What a channel missed while Slack was away: one message, read at three in the morning after an hour of silence."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import words
from bot.blocks.kit import context, header, section
from bot.blocks.text import clock, duration, when
from bot.message import Block, Message
from incidents.model import Incident, Place, Resolution
from incidents.outages import Missed

_LONGEST_TITLE = 80
_MOST_OVER = 8
"""What is over needs nobody: a few of it say what kind of hour it was."""
_IN_ONE_SECTION = 5
_DAY = timedelta(hours=20)


def digest(missed: Missed) -> Message:
    """``While Slack was away (10:02–11:04): 43 incidents, 39 already resolved``, and the worst of them by name."""
    is_open = [incident for incident in missed.worst if incident.is_open]
    is_over = [incident for incident in missed.worst if not incident.is_open][:_MOST_OVER]
    blocks = [
        header("headline", f"📡 Slack is back · {_headline(missed)}"),
        section("outage", f"{_period(missed)}: *{_told(missed)}.*", _reading(missed)),
        *_list("open", "Still open", is_open, missed.open),
        *_list("over", "Resolved meanwhile", is_over, missed.resolved),
    ]
    if missed.resolved:
        blocks.append(context("rest", "What is resolved gets no card. `/incident show INC-n` shows any of them."))
    return Message(f"{_period(missed)}: {_told(missed)}{_named(is_open)}.", blocks)


def _headline(missed: Missed) -> str:
    """What a half-awake reader wants to know: is anything to be done?"""
    if not missed.open:
        return "nothing is open of what came meanwhile"
    return f"{missed.open:,} of {_counted(missed)} {'is' if missed.open == 1 else 'are'} still open"


def _counted(missed: Missed) -> str:
    return f"{missed.total:,} {'incident' if missed.total == 1 else 'incidents'}"


def _period(missed: Missed) -> str:
    since, until = missed.outage.since, missed.until
    why = "Slack refused Bongsu's token" if missed.outage.locked_out else "Slack was away"
    begun = clock(since) if until - since < _DAY else when(since)
    return f"While {why} ({begun}–{clock(until)})"


def _told(missed: Missed) -> str:
    if not missed.open:
        return f"{_counted(missed)}, {'already resolved' if missed.total == 1 else 'all already resolved'}"
    if not missed.resolved:
        return f"{_counted(missed)}, {'still open' if missed.total == 1 else 'all still open'}"
    return f"{_counted(missed)}, {missed.resolved:,} already resolved"


def _reading(missed: Missed) -> str:
    if not missed.open:
        return "Nothing of it needs anybody now."
    if missed.open == 1:
        return "Its card follows."
    return f"The {missed.open:,} cards of what is open follow, worst first."


def _list(name: str, heading: str, incidents: Sequence[Incident], count: int) -> list[Block]:
    """In short sections, since Slack folds long ones."""
    if not count:
        return []
    lines = [f"*{heading} ({count:,})*", *(_line(incident) for incident in incidents)]
    if count > len(incidents):
        lines.append(f"and {count - len(incidents):,} more")
    return [
        section(f"{name}-{start}", *lines[start : start + _IN_ONE_SECTION])
        for start in range(0, len(lines), _IN_ONE_SECTION)
    ]


def _line(incident: Incident) -> str:
    told = [
        f"{words.emoji(incident)} {words.gravity(incident)}",
        incident.name,
        f"*{words.title(incident, _LONGEST_TITLE)}*",
        *(words.place(incident.place) if incident.is_open else words.place(Place(service=incident.place.service))),
        _state(incident),
    ]
    return " · ".join(told)


def _state(incident: Incident) -> str:
    if incident.is_open:
        return f"{words.ownership(incident)} · since {clock(incident.start_time)}"
    outcome = words.ended(incident)[1]
    ended = incident.resolved_time
    if ended is None or incident.resolution is Resolution.TEST:
        return outcome
    return f"{outcome[0].lower()}{outcome[1:]} {clock(ended)} after {duration(ended - incident.start_time)}"


def _named(incidents: Sequence[Incident]) -> str:
    """For whom reads or hears only the one sentence: what is still open."""
    named = ", ".join(f"{one.name} ({words.gravity(one)})" for one in incidents[:5])
    return f"; still open: {named}{' and others' if len(incidents) > 5 else ''}" if named else ""
