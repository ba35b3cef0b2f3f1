"""The roll-up: the one message that shows a storm. Who wakes up to it must see how much it is, and where to begin."""

from datetime import timedelta

from bot.blocks import words
from bot.blocks.kit import actions, button, confirm, context, header, section
from bot.blocks.storm_clicks import Shown, StormAction, Turn, value_of
from bot.blocks.text import clock, data, duration, person, when
from bot.language import mark, t, tn
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
    counted = tn(
        "{count} new incident in {duration}",
        "{count} new incidents in {duration}",
        view.total,
        duration=duration(max(_lasted(view), _SHORTEST)),
    )
    active = view.here.get(Status.ACTIVE, 0)
    blocks = [
        header("storm", t("🌩️ Storm: {counted}", counted=counted)),
        section(
            "counts",
            _services(view),
            t("since {time}", time=when(view.storm.began_at)),
            _here(view),
            _elsewhere(view),
            mention,
        ),
        _buttons(view, active),
        *_worst(view),
        context("storm-help", t(_HELP)),
    ]
    told = t("Storm: {counted}: {services}.", counted=counted, services=_services_in_words(view))
    return Message(" ".join(part for part in (mention, told, _waiting(active)) if part), blocks)


def _waiting(active: int) -> str:
    if not active:
        return ""
    return tn("{count} of them waits for somebody.", "{count} of them wait for somebody.", active)


def _over(view: StormView) -> Message:
    began, last = view.storm.began_at, view.storm.last_new_at
    counted, became = tn("{count} incident", "{count} incidents", view.total), _became(view)
    blocks = [
        section(
            "storm",
            t("*⛅ Storm over: {counted}*", counted=counted),
            f"{when(began)} – {clock(last)}",
            _services(view),
            " · ".join(became),
        ),
        *_worst(view),
        _buttons(view, 0),
    ]
    told = t(
        "Storm over: {counted} {since}–{until}; {became}.",
        counted=counted,
        since=clock(began),
        until=clock(last),
        became=", ".join(became),
    )
    return Message(told, blocks)


_HELP = mark(
    "Critical ones get a card at once, and so does any that you name: `/incident ack 12`. "
    "What is still open when it calms gets one then."
)


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
    return [tn("+{count} service", "+{count} services", more)] if more else []


def _service(name: str) -> str:
    return data(name, _LONGEST_SERVICE) or t("no service")


def _here(view: StormView) -> str:
    """How those stand that are shown nowhere else."""
    told = [
        f"{emoji} {view.here[status]:,} {words.status_inside(status)}"
        for status, emoji in ((Status.ACTIVE, "🔴"), (Status.ACKNOWLEDGED, "🟠"), (Status.RESOLVED, "✅"))
        if view.here.get(status)
    ]
    return t("Only here: {counts}", counts=" · ".join(told)) if told else ""


def _elsewhere(view: StormView) -> str:
    told = []
    if view.coming:
        told.append(tn("{count} gets its card now", "{count} get their cards now, one a second", view.coming))
    if view.digested:
        told.append(
            tn("{count} was over before Slack was back", "{count} were over before Slack was back", view.digested)
        )
    if view.carded:
        told.append(tn("{count} has a card of its own", "{count} have cards of their own", view.carded))
    return " · ".join(told)


def _became(view: StormView) -> list[str]:
    """``✅ 19 resolved without a card``, ``4 have cards of their own``."""
    resolved = view.here.get(Status.RESOLVED, 0)
    still = sum(view.here.values()) - resolved
    told = [
        tn("✅ {count} resolved without a card", "✅ {count} resolved without a card", resolved) if resolved else "",
        tn("🔴 {count} open again", "🔴 {count} open again", still) if still else "",
        _elsewhere(view),
    ]
    return [part for part in told if part]


def _worst(view: StormView) -> list[Block]:
    lines = [_line(incident) for incident in view.worst]
    more = sum(count for status, count in view.here.items() if status is not Status.RESOLVED) - len(lines)
    rest = [context("more", t("and {count} more: press List", count=f"{more:,}"))] if more > 0 else []
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


def _buttons(view: StormView, active: int) -> Block:
    first = value_of(Turn(view.storm.id, 0, view.storm.birth))
    listing = button(t("List"), action_id=StormAction.LIST, value=first, about=t("the storm's incidents"))
    return actions("storm-actions", *_acknowledge(view, active), listing)


def _acknowledge(view: StormView, active: int) -> list[Block]:
    if not active:
        return []
    label = tn("Acknowledge the one", "Acknowledge all {count}", active)
    value = value_of(Shown(view.storm.id, view.rev, active, view.storm.birth))
    pressed = button(label, action_id=StormAction.ACKNOWLEDGE, value=value, about=t("of the storm"), primary=True)
    pressed["confirm"] = confirm(
        title=tn("Acknowledge it?", "Acknowledge them all?", active),
        text=tn(
            "You take the {count} active incident that this message shows in place of a card. "
            "What comes after is left for somebody else.",
            "You take all {count} active incidents that this message shows in place of a card. "
            "What comes after is left for somebody else.",
            active,
        ),
        yes=tn("It is mine", "They are mine", active),
        no=t("Not yet"),
    )
    return [pressed]
