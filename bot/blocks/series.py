"""What a card says of an incident's series: how many fire, which, how bad, and where to look."""

from bot.blocks import words
from bot.blocks.text import data, link, number
from bot.language import mark, t, tn
from incidents.model import Incident, IncidentView, Links, Series

_NAMES_SHOWN = 2
_LONGEST_NAME = 60
_DOT = " · "
_ROOM_FOR_LINKS = 2900
_LABELS = {
    "dashboard": mark("Dashboard"),
    "panel": mark("Panel"),
    "runbook": mark("Runbook"),
    "silence": mark("Silence"),
    "source": mark("Rule"),
}


def series_lines(view: IncidentView) -> list[str]:
    """``3 firing, 1 resolved: pod-a, pod-b +1`` and ``pod-a: 5.2 → peak 14 → 12``; of a single one on one line.

    A phone has room for about 45 characters, so the values would be torn apart behind several names.
    """
    counted = counts(view)
    if counted is None:
        return []
    shown = _worst_first(view)
    named = [name for series in shown[:_NAMES_SHOWN] if (name := data(series.name, _LONGEST_NAME))]
    line = counted + _names(named, of=view.firing or view.resolved)
    values = trend(shown[0]) if shown else ""
    if not values:
        return [line]
    return [line, f"{named[0]}: {values}"] if len(named) > 1 else [f"{line} | {values}"]


def counts(view: IncidentView) -> str | None:
    """``3 firing, 1 resolved``; None where no series is known."""
    told = [
        tn("{count} firing", "{count} firing", view.firing) if view.firing else "",
        tn("{count} resolved", "{count} resolved", view.resolved) if view.resolved else "",
    ]
    return ", ".join(part for part in told if part) or None


def unfollowed_line(incident: Incident) -> str | None:
    """``+ 12,000 alerts came of series that are not followed``: alerts, since a repetition can't be told from news."""
    told = words.not_followed(incident.unfollowed)
    return f"+ {told}" if told else None


def worst_trend(view: IncidentView) -> str:
    """The values of the series that a card would name first; empty where the sender gave no numbers."""
    shown = _worst_first(view)
    return trend(shown[0]) if shown else ""


def _worst_first(view: IncidentView) -> list[Series]:
    """Those that fire, where any does, the largest peak first."""
    shown = [series for series in view.series if series.is_firing] or list(view.series)
    return sorted(shown, key=lambda series: -abs(series.value_peak or 0.0))


def _names(named: list[str], *, of: int) -> str:
    more = of - len(named)
    return f": {', '.join(named)}{f' +{more:,}' if more > 0 else ''}" if named else ""


def trend(series: Series) -> str:
    """``5.2 → peak 14 → 12``, what says nothing new left out; empty where the sender gave no numbers."""
    fired, peak, now = (
        None if value is None else number(value) for value in (series.value_fired, series.value_peak, series.value_now)
    )
    told = [fired] if fired else []
    if peak and peak not in {fired, now}:
        told.append(t("peak {value}", value=peak))
    if now and (now != fired or len(told) > 1):
        told.append(now)
    return " → ".join(told)


def links_line(view: IncidentView) -> str | None:
    """``Dashboard · Panel · Runbook · Silence · Rule``: each the first that a series gives."""
    told = [_first_link(view, field, label) for field, label in _LABELS.items()]
    return fitting([one for one in told if one], _ROOM_FOR_LINKS) or None


def links_of(links: Links, *, room: int) -> str:
    """The same of one series, in at most so many characters; empty where it gives none."""
    told = [link(_url(links, field), t(label)) for field, label in _LABELS.items()]
    return fitting([one for one in told if one], room)


def fitting(told: list[str], room: int) -> str:
    """Those that fit, in their order, with dots between: half a link would be none."""
    kept, left = [], room
    for one in told:
        if len(one) + len(_DOT) <= left:
            kept.append(one)
            left -= len(one) + len(_DOT)
    return _DOT.join(kept)


def _first_link(view: IncidentView, field: str, label: str) -> str | None:
    return next((told for series in view.series if (told := link(_url(series.links, field), t(label)))), None)


def _url(links: Links, field: str) -> str | None:
    url: str | None = getattr(links, field)
    return url
