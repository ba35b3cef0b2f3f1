"""What people are told when maintenance was not planned, or not ended."""

from collections.abc import Sequence

from bot.blocks.text import data
from bot.language import mark, t
from incidents.maintenance.errors import AmbiguousWindow, NotPlanned, NotPlannedBecause, UnknownWindow, WindowOver
from incidents.maintenance.plan import LONGEST, MOST_STANDING

_LONGEST_NAME = 60
_MOST_NAMED = 10
_WHY = {
    NotPlannedBecause.BEGAN: mark("That begins in the past. Choose a later beginning, or none: then it begins now."),
    NotPlannedBecause.PAST: mark("That time has passed. Choose a later end."),
    NotPlannedBecause.BACKWARDS: mark("That ends before it begins. Choose a later end."),
    NotPlannedBecause.TOO_SHORT: mark("That lasts less than a minute. Write for how long, for example `2h`."),
    NotPlannedBecause.TOO_LONG: mark("That is more than {days} days. Choose an earlier end, or let it repeat."),
    NotPlannedBecause.TOO_FAR: mark("That begins in more than a year. Choose an earlier beginning."),
    NotPlannedBecause.OVERLAPS: mark("That would begin again before it has ended. Choose an earlier end, or once."),
    NotPlannedBecause.EVERYTHING: mark(
        "That names nothing, so it would match everything. Name a service, a cluster, a namespace or a rule; "
        "or write `everything` if you mean it."
    ),
    NotPlannedBecause.TOO_MANY: mark("{most} windows stand already, which is all there can be. End one of them first."),
}


def maintenance_refusal(error: NotPlanned | UnknownWindow | WindowOver) -> str:
    """Harmless mrkdwn."""
    match error:
        case NotPlanned():
            return t(_WHY[error.why], days=LONGEST.days, most=MOST_STANDING)
        case AmbiguousWindow():
            return t("Which one? There are {known}: name its number.", known=_known(error.known))
        case UnknownWindow(known=[]):
            return t("There is no maintenance, and none is planned.")
        case UnknownWindow(name=""):
            return t("Which one? There are {known}.", known=_known(error.known))
        case UnknownWindow():
            name = data(error.name, _LONGEST_NAME)
            return t("There is no maintenance “{name}”. There are {known}.", name=name, known=_known(error.known))
        case _:
            return t("That maintenance is over already, so nothing was changed.")


def _known(windows: Sequence[tuple[int, str]]) -> str:
    return ", ".join(f"#{number} {data(name, _LONGEST_NAME)}" for number, name in windows[:_MOST_NAMED])
