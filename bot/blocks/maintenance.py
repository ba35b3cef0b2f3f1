"""Maintenance: the answers to ``/incident maintenance``, what channels hear of a window, and the section in a Home."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.blocks import words
from bot.blocks.kit import button, confirm, context, header, section
from bot.blocks.maintenance_clicks import MaintenanceAction, window_value
from bot.blocks.text import clip, data, duration, link, person, when
from bot.language import mark, t, tn
from bot.message import Block, Message
from incidents.maintenance.model import Occurrence, Repeat, Window
from incidents.maintenance.occurrences import next_occurrence
from incidents.maintenance.plan import PREVIEWED, Preview
from incidents.model import Incident

ANSWER, NOTICE = "window", "maintenance"
"""By these blocks one tells what a person did from what the clock says."""
MOST_LISTED = 20
MOST_AT_HOME = 5
MOST_FIRING = 10
"""By name, of those that still fire; the others are counted."""
_LONGEST_TITLE = 60
_LONGEST_NAME = 80
_LONGEST_REASON = 300
REPEATS = {
    Repeat.NONE: mark("once"),
    Repeat.DAILY: mark("every day"),
    Repeat.WEEKLY: mark("every week"),
}


def made(window: Window, preview: Preview | None, *, now: datetime, block: str = ANSWER) -> Message:
    """What everybody in the channel sees as a window is made. ``preview`` None: it could not be told."""
    told = _sentence(window, now)
    seen = preview_line(preview) if preview is not None else ""
    shown = section(block, told, _reason(window), seen) | {"accessory": _end(window, MaintenanceAction.END)}
    return Message(" ".join(part for part in (told, seen) if part), [shown])


def _sentence(window: Window, now: datetime) -> str:
    first = next_occurrence(window, now) or Occurrence(window.starts_at, window.ends_at)
    gaps = {
        "name": named(window),
        "start": when(first.start),
        "end": when(first.end),
        "person": person(window.by),
        "repeats": t(REPEATS[window.repeats]),
    }
    if window.repeats is not Repeat.NONE:
        return t("🔧 Maintenance of {name} from {start} until {end}, {repeats}, by {person}: nobody is paged.", **gaps)
    if first.start <= now:
        return t("🔧 Maintenance of {name} until {end}, by {person}: nobody is paged.", **gaps)
    return t("🔧 Maintenance of {name} from {start} until {end}, by {person}: nobody is paged.", **gaps)


def named(window: Window) -> str:
    """Harmless mrkdwn."""
    return t("*everything*") if window.scope.is_everything else f"*{data(window.name, _LONGEST_NAME)}*"


def _reason(window: Window) -> str:
    return data(window.reason, _LONGEST_REASON)


def preview_line(preview: Preview) -> str:
    """``In the last 30 days it would have matched 14 incidents with 230 alerts: HighLatency (9), …``"""
    days = PREVIEWED.days
    if not preview.incidents:
        told = t("⚠ In the last {days} days it would have matched nothing: is it written as the labels are?", days=days)
        if preview.nearest is None:
            return told
        wrong, right = (data(one, _LONGEST_NAME) for one in preview.nearest)
        meant = t("“{wrong}” was not seen; “{right}” was.", wrong=wrong, right=right)
        return f"{told} {meant}"
    gaps = {
        "days": days,
        "alerts": tn("{count} alert", "{count} alerts", preview.alerts),
        "rules": ", ".join(f"{data(rule, _LONGEST_NAME)} ({count:,})" for rule, count in preview.rules),
    }
    if preview.is_more:
        return tn(
            "In the last {days} days it would have matched more than {count} incident with {alerts}, mostly {rules}.",
            "In the last {days} days it would have matched more than {count} incidents with {alerts}, mostly {rules}.",
            preview.incidents,
            **gaps,
        )
    return tn(
        "In the last {days} days it would have matched {count} incident with {alerts}: {rules}.",
        "In the last {days} days it would have matched {count} incidents with {alerts}, mostly {rules}.",
        preview.incidents,
        **gaps,
    )


def previewed(name: str, preview: Preview) -> Message:
    """For who asks before they make one."""
    told = f"*{data(name, _LONGEST_NAME)}*: {preview_line(preview)}"
    return Message(told, [section(ANSWER, told)])


def ended(window: Window, *, by: str) -> Message:
    """What everybody in the channel sees as somebody ends it. The clock tells what still fires a moment later."""
    told = t("🔧 {person} has ended the maintenance of {name}.", person=person(by), name=named(window))
    return Message(told, [section(ANSWER, told)])


def listed(windows: Sequence[Window], *, now: datetime) -> Message:
    if not windows:
        told = t("There is no maintenance, and none is planned. `/incident maintenance payments 2h reason` begins one.")
        return Message(told, [])
    first, more = windows[:MOST_LISTED], len(windows) - MOST_LISTED
    blocks = [_listed(window, now, MaintenanceAction.END) for window in first]
    if more > 0:
        blocks.append(context("more", tn("{count} more", "{count} more", more)))
    return Message(clip("\n".join(_line(window, now) for window in first), 3000), blocks)


def at_home(windows: Sequence[Window], *, now: datetime, may_act: bool) -> list[Block]:
    """The section; nothing where there is no window. The End buttons only for who may press them."""
    if not windows:
        return []
    first, more = windows[:MOST_AT_HOME], len(windows) - MOST_AT_HOME
    title = header("title-maintenance", t("Maintenance"))
    action = MaintenanceAction.HOME_END if may_act else None
    lines = [_listed(window, now, action) for window in first]
    more_told = t("{count} more: `/incident maintenance list`", count=more)
    return [title, *lines, *([context("more-maintenance", more_told)] if more > 0 else [])]


def _listed(window: Window, now: datetime, action: MaintenanceAction | None) -> Block:
    told = section(f"{ANSWER}-{window.id}", _line(window, now), _reason(window))
    return told if action is None else told | {"accessory": _end(window, action)}


def _line(window: Window, now: datetime) -> str:
    """``#3 payments until 11:00, by @alice``"""
    first = next_occurrence(window, now) or Occurrence(window.starts_at, window.ends_at)
    gaps = {
        "number": window.id,
        "name": named(window),
        "start": when(first.start),
        "end": when(first.end),
        "person": person(window.by),
    }
    is_on = first.start <= now
    if window.repeats is not Repeat.NONE:
        gaps["repeats"] = t(REPEATS[window.repeats])
        if is_on:
            return t("🔧 #{number} {name} until {end}, {repeats}, by {person}", **gaps)
        return t("#{number} {name} from {start} until {end}, {repeats}, by {person}", **gaps)
    if is_on:
        return t("🔧 #{number} {name} until {end}, by {person}", **gaps)
    return t("#{number} {name} from {start} until {end}, by {person}", **gaps)


def _end(window: Window, action: MaintenanceAction) -> Block:
    about = t("the maintenance of {name}", name=window.name)
    element = button(t("End"), action_id=action, value=window_value(window), about=about)
    text = t("People are paged again for {name} at once.", name=clip(window.name, _LONGEST_NAME))
    if window.repeats is not Repeat.NONE:
        text = t("It will not be repeated. {then}", then=text)
    element["confirm"] = confirm(title=t("End the maintenance?"), text=text, yes=t("End"), no=t("Let it go on"))
    return element


def began_notice(window: Window, occurrence: Occurrence) -> Message:
    told = t(
        "🔧 Maintenance of {name} has begun: until {end} nobody is paged. Planned by {person}.",
        name=named(window),
        end=when(occurrence.end),
        person=person(window.by),
    )
    return Message(told, [section(NOTICE, told, _reason(window))])


def ended_notice(
    window: Window,
    occurrence: Occurrence,
    firing: Sequence[Incident],
    links: Mapping[int, str | None],
    *,
    others_fire: bool = False,
) -> Message:
    """``links``: where the card of an incident is, by its id; None, or absent, where that is not known.

    ``others_fire``: something does that another window holds, or held, too. That window's end tells of it.
    """
    gaps = {"name": named(window), "length": duration(occurrence.end - occurrence.start)}
    if window.ended_by is not None:
        by = person(window.ended_by)
        head = t("🔧 Maintenance of {name} is over after {length}, ended by {person}.", person=by, **gaps)
    else:
        head = t("🔧 Maintenance of {name} is over after {length}.", **gaps)
    if not firing:
        others = t("What still fires of it is in another maintenance, whose end tells of it.")
        quiet = others if others_fire else t("Nothing of it fires any more.")
        told = f"{head} {quiet}"
        return Message(told, [section(NOTICE, told)])
    still = tn(
        "{count} incident is still firing, people are paged for it again:",
        "{count} incidents are still firing, people are paged for them again:",
        len(firing),
    )
    first, more = firing[:MOST_FIRING], len(firing) - MOST_FIRING
    blocks = [
        section(NOTICE, head, still),
        *(section(f"firing-{one.id}", _firing(one, links.get(one.id))) for one in first),
    ]
    if more > 0:
        blocks.append(context("more", tn("{count} more", "{count} more", more)))
    return Message(f"{head} {still} {', '.join(one.name for one in first)}", blocks)


def _firing(incident: Incident, url: str | None) -> str:
    name = link(url, incident.name) or incident.name
    gravity, title = words.gravity(incident), words.title(incident, _LONGEST_TITLE)
    return f"{words.emoji(incident)} {gravity} · {name} {title} · {words.ownership(incident)}"


def gone_notice() -> Message:
    """Of a window that is not there any more."""
    told = t("🔧 That maintenance is not known any more.")
    return Message(told, [section(NOTICE, told)])
