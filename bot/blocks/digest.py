"""What a channel missed while Slack was away: one message, read at three in the morning after an hour of silence."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import words
from bot.blocks.kit import context, header, section
from bot.blocks.text import clock, duration, when
from bot.language import t, tn
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
        header("headline", t("📡 Slack is back · {headline}", headline=_headline(missed))),
        section("outage", f"{_period(missed)}: *{_told(missed)}.*", _reading(missed)),
        *_list("open", t("*Still open ({count})*", count=f"{missed.open:,}"), is_open, missed.open),
        *_list("over", t("*Resolved meanwhile ({count})*", count=f"{missed.resolved:,}"), is_over, missed.resolved),
    ]
    if missed.resolved:
        blocks.append(context("rest", t("What is resolved gets no card. `/incident show INC-n` shows any of them.")))
    return Message(f"{_period(missed)}: {_named(_told(missed), is_open)}.", blocks)


def _headline(missed: Missed) -> str:
    """What a half-awake reader wants to know: is anything to be done?"""
    if not missed.open:
        return t("nothing is open of what came meanwhile")
    return tn(
        "{count} of {incidents} is still open",
        "{count} of {incidents} are still open",
        missed.open,
        incidents=_counted(missed),
    )


def _counted(missed: Missed) -> str:
    return tn("{count} incident", "{count} incidents", missed.total)


def _period(missed: Missed) -> str:
    since, until = missed.outage.since, missed.until
    told = {"since": clock(since) if until - since < _DAY else when(since), "until": clock(until)}
    if missed.outage.locked_out:
        return t("While Slack refused Bongsu's token ({since}–{until})", **told)
    return t("While Slack was away ({since}–{until})", **told)


def _told(missed: Missed) -> str:
    if not missed.open:
        return tn("{count} incident, already resolved", "{count} incidents, all already resolved", missed.total)
    if not missed.resolved:
        return tn("{count} incident, still open", "{count} incidents, all still open", missed.total)
    resolved = f"{missed.resolved:,}"
    return t("{incidents}, {resolved} already resolved", incidents=_counted(missed), resolved=resolved)


def _reading(missed: Missed) -> str:
    if not missed.open:
        return t("Nothing of it needs anybody now.")
    return tn("Its card follows.", "The {count} cards of what is open follow, worst first.", missed.open)


def _list(name: str, heading: str, incidents: Sequence[Incident], count: int) -> list[Block]:
    """In short sections, since Slack folds long ones."""
    if not count:
        return []
    lines = [heading, *(_line(incident) for incident in incidents)]
    if count > len(incidents):
        lines.append(t("and {count} more", count=f"{count - len(incidents):,}"))
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
        return f"{words.ownership(incident)} · {t('since {time}', time=clock(incident.start_time))}"
    ended = incident.resolved_time
    if ended is None or incident.resolution is Resolution.TEST:
        return words.ended(incident)[1]
    lasted = duration(ended - incident.start_time)
    return t("{end} {time} after {lasted}", end=words.ended_inside(incident), time=clock(ended), lasted=lasted)


def _named(told: str, incidents: Sequence[Incident]) -> str:
    """For whom reads or hears only the one sentence: what is still open."""
    named = ", ".join(f"{one.name} ({words.gravity(one)})" for one in incidents[:5])
    if not named:
        return told
    if len(incidents) > 5:
        return t("{told}; still open: {names} and others", told=told, names=named)
    return t("{told}; still open: {names}", told=told, names=named)
