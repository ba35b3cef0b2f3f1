"""The roll-up: the one message that shows a storm. Who wakes up to it must see how much it is, and where to begin."""

from datetime import timedelta

from bot.blocks import words
from bot.blocks.kit import actions, button, confirm, context, header, section
from bot.blocks.storm_clicks import Shown, StormAction, Turn, value_of
from bot.blocks.text import clock, data, duration, person, when
from bot.message import Block, Message
from incidents.model import Incident, Status
from incidents.storms import StormView

WORST, SERVICES = 10, 3
"""How many incidents and services it names."""

_LONGEST_TITLE = 80
_LONGEST_SERVICE = 40
_SHORTEST = timedelta(seconds=1)


def rollup(view: StormView, *, mention: str = "") -> Message:
    """``view`` with at most ``WORST`` incidents and ``SERVICES`` services.

    ``mention``: who hears of it when it is posted, as mrkdwn; later it is an edit, which notifies nobody.
    """
    return _over(view) if view.storm.is_over else _under_way(view, mention)


def _under_way(view: StormView, mention: str) -> Message:
    """The buttons stand above the list: Slack folds the end of a long message on a phone."""
    counted = f"{_incidents(view.total, 'new ')} in {duration(max(_lasted(view), _SHORTEST))}"
    active = view.here.get(Status.ACTIVE, 0)
    nobody = f" {active} of them {_wait(active)} for somebody." if active else ""
    blocks = [
        header("storm", f"🌩️ Storm: {counted}"),
        section(
            "counts", _services(view), f"since {when(view.storm.began_at)}", _here(view), _elsewhere(view), mention
        ),
        _buttons(view, active),
        *_worst(view),
        context("storm-help", _HELP),
    ]
    told = f"Storm: {counted}: {_services_in_words(view)}.{nobody}"
    return Message(f"{mention} {told}" if mention else told, blocks)


def _over(view: StormView) -> Message:
    began, last = view.storm.began_at, view.storm.last_new_at
    counted, became = _incidents(view.total), _became(view)
    blocks = [
        section(
            "storm",
            f"*⛅ Storm over: {counted}*",
            f"{when(began)} – {clock(last)}",
            _services(view),
            " · ".join(became),
        ),
        *_worst(view),
        _buttons(view, 0),
    ]
    return Message(f"Storm over: {counted} {clock(began)}–{clock(last)}; {', '.join(became)}.", blocks)


_HELP = (
    "Critical ones get a card at once, and so does any that you name: `/incident ack 12`. "
    "What is still open when it calms gets one then."
)


def _incidents(count: int, kind: str = "") -> str:
    return f"{count:,} {kind}{'incident' if count == 1 else 'incidents'}"


def _lasted(view: StormView) -> timedelta:
    return view.storm.last_new_at - view.storm.began_at


def _services(view: StormView) -> str:
    named = [f"*{_service(name)}* {count:,}" for name, count in view.services]
    return " · ".join([*named, *_more_services(view)])


def _services_in_words(view: StormView) -> str:
    named = [f"{_service(name)} {count:,}" for name, count in view.services]
    return ", ".join([*named, *_more_services(view)])


def _more_services(view: StormView) -> list[str]:
    more = view.more_services
    return [f"+{more:,} {'service' if more == 1 else 'services'}"] if more else []


def _service(name: str) -> str:
    return data(name, _LONGEST_SERVICE) or "no service"


def _here(view: StormView) -> str:
    """How those stand that are shown nowhere else."""
    told = [
        f"{emoji} {view.here[status]:,} {status.value}"
        for status, emoji in ((Status.ACTIVE, "🔴"), (Status.ACKNOWLEDGED, "🟠"), (Status.RESOLVED, "✅"))
        if view.here.get(status)
    ]
    return f"Only here: {' · '.join(told)}" if told else ""


def _elsewhere(view: StormView) -> str:
    told = []
    if view.coming:
        told.append("1 gets its card now" if view.coming == 1 else f"{view.coming:,} get their cards now, one a second")
    if view.digested:
        told.append(f"{view.digested:,} {'was' if view.digested == 1 else 'were'} over before Slack was back")
    if view.carded:
        told.append(f"{view.carded:,} {'has a card of its own' if view.carded == 1 else 'have cards of their own'}")
    return " · ".join(told)


def _became(view: StormView) -> list[str]:
    """``✅ 19 resolved without a card``, ``4 have cards of their own``."""
    resolved = view.here.get(Status.RESOLVED, 0)
    still = sum(view.here.values()) - resolved
    told = [f"✅ {resolved:,} resolved without a card"] if resolved else []
    return [*told, *([f"🔴 {still:,} open again"] if still else []), *filter(None, [_elsewhere(view)])]


def _worst(view: StormView) -> list[Block]:
    lines = [_line(incident) for incident in view.worst]
    more = sum(count for status, count in view.here.items() if status is not Status.RESOLVED) - len(lines)
    rest = [context("more", f"and {more:,} more: press List")] if more > 0 else []
    return [*(section(f"worst-{at}", *lines[at : at + 5]) for at in range(0, len(lines), 5)), *rest]


def _line(incident: Incident) -> str:
    """One that waits, on one line."""
    told = [
        f"{words.emoji(incident)} {words.gravity(incident)} · {incident.name}",
        f"*{words.title(incident, _LONGEST_TITLE)}*",
        data(incident.place.service, _LONGEST_SERVICE),
        person(incident.owner) if incident.owner else "",
        clock(incident.start_time),
    ]
    return " · ".join(part for part in told if part)


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _buttons(view: StormView, active: int) -> Block:
    listing = button(
        "List", action_id=StormAction.LIST, value=value_of(Turn(view.storm.id, 0)), about="the storm's incidents"
    )
    return actions("storm-actions", *_acknowledge(view, active), listing)


def _acknowledge(view: StormView, active: int) -> list[Block]:
    if not active:
        return []
    label = f"Acknowledge all {active:,}" if active > 1 else "Acknowledge the one"
    value = value_of(Shown(view.storm.id, view.rev, active))
    pressed = button(label, action_id=StormAction.ACKNOWLEDGE, value=value, about="of the storm", primary=True)
    pressed["confirm"] = confirm(
        title="Acknowledge them all?" if active > 1 else "Acknowledge it?",
        text=f"You take {'all' if active > 1 else 'the'} {_incidents(active, 'active ')} that this message shows in "
        "place of a card. What comes after is left for somebody else.",
        yes="They are mine" if active > 1 else "It is mine",
        no="Not yet",
    )
    return [pressed]
