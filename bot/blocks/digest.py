"""What a channel missed while Slack was away: one message, read at three in the morning after an hour of silence."""

from bot.blocks import words
from bot.blocks.kit import context, header, section
from bot.blocks.text import clock, duration, when
from bot.message import Block, Message
from incidents.model import Incident, Resolution
from incidents.outages import Missed

_LONGEST_TITLE = 80
_IN_ONE_SECTION = 5


def digest(missed: Missed) -> Message:
    """``While Slack was away (10:02–11:04): 43 incidents, 39 already resolved``, and the worst of them by name."""
    is_open = [incident for incident in missed.worst if incident.is_open]
    is_over = [incident for incident in missed.worst if not incident.is_open]
    blocks = [
        header("headline", f"📡 {_counted(missed)} while Slack was away"),
        section("outage", f"{_period(missed)}: *{_told(missed)}.*", _reading(missed)),
        *_list("open", _heading("Still open", len(is_open), missed.open), is_open),
        *_list("over", _heading("Resolved meanwhile", len(is_over), missed.resolved), is_over),
    ]
    if missed.resolved:
        blocks.append(context("rest", "What is resolved gets no card. `/incident show INC-n` shows any of them."))
    return Message(f"{_period(missed)}: {_told(missed)}{_named(is_open)}.", blocks)


def _counted(missed: Missed) -> str:
    return f"{missed.total:,} {'incident' if missed.total == 1 else 'incidents'}"


def _period(missed: Missed) -> str:
    since, until = missed.outage.since, missed.until
    why = "Slack refused Bongsu's token" if missed.outage.locked_out else "Slack was away"
    return f"While {why} ({when(since)} – {clock(until)}, {duration(until - since)})"


def _told(missed: Missed) -> str:
    if not missed.open:
        return f"{_counted(missed)}, {'already resolved' if missed.total == 1 else 'all resolved already'}"
    if not missed.resolved:
        return f"{_counted(missed)}, {'still open' if missed.total == 1 else 'all still open'}"
    return f"{_counted(missed)}, {missed.resolved:,} already resolved"


def _reading(missed: Missed) -> str:
    if not missed.open:
        return "Nothing of it needs anybody now."
    if missed.open == 1:
        return "Its card follows."
    return f"The {missed.open:,} cards of what is open follow, worst first."


def _heading(told: str, shown: int, count: int) -> str:
    return f"*{told} ({count:,}{f', the worst {shown}' if shown < count else ''})*"


def _list(name: str, heading: str, incidents: list[Incident]) -> list[Block]:
    """In short sections, since Slack folds long ones."""
    lines = [_line(incident) for incident in incidents]
    return [
        section(f"{name}-{start}", heading if start == 0 else None, *lines[start : start + _IN_ONE_SECTION])
        for start in range(0, len(lines), _IN_ONE_SECTION)
    ]


def _line(incident: Incident) -> str:
    told = [
        f"{words.emoji(incident)} {words.gravity(incident)}",
        incident.name,
        f"*{words.title(incident, _LONGEST_TITLE)}*",
        *words.place(incident.place),
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


def _named(incidents: list[Incident]) -> str:
    """For whom reads or hears only the one sentence: what is still open."""
    named = ", ".join(f"{one.name} ({words.gravity(one)})" for one in incidents[:5])
    return f"; still open: {named}{' and others' if len(incidents) > 5 else ''}" if named else ""
