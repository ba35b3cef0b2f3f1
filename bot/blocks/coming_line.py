"""What the card says of its escalation: whom it calls next, and when. It names them without calling them."""

from collections.abc import Iterable

from bot.blocks.text import clock, data
from bot.language import t, tn
from incidents.escalation.coming import Coming
from incidents.escalation.model import Timer
from incidents.policy import SCHEDULE

_LONGEST_NAME = 40
_MOST_NAMED = 3


def coming_line(coming: Coming) -> str:
    """``pages @oncall at 10:05 (step 2/3)``"""
    at = clock(coming.at)
    match coming.timer:
        case Timer.ASK_OWNER:
            return t("asks them at {time} whether they still have it", time=at)
        case Timer.STILL_OPEN:
            return t("reminds them at {time}", time=at)
        case Timer.PAGE:
            return _page(coming, at)


def _page(coming: Coming, at: str) -> str:
    named = [*_people(coming.mention), *(data(one, _LONGEST_NAME) for one in coming.elsewhere)]
    people = ", ".join(named[:_MOST_NAMED]) + (" …" if len(named) > _MOST_NAMED else "")
    if not coming.of:
        return t("escalates at {time}", time=at)
    told = {"time": at, "step": coming.step, "of": coming.of}
    if not people:
        return t("calls this channel at {time} (step {step}/{of})", **told)
    return t("pages {people} at {time} (step {step}/{of})", people=people, **told)


def _people(mention: Iterable[str]) -> list[str]:
    """A person is not named: the card would call them as it is posted."""
    named = list(dict.fromkeys(mention))
    groups = [data(one, _LONGEST_NAME) for one in named if one.startswith("@")]
    schedules = [_on_call(one.removeprefix(SCHEDULE)) for one in named if one.startswith(SCHEDULE)]
    unnamed = sum(one.startswith("<!") for one in named)
    people = sum(one.startswith(("<@", "U", "W")) for one in named)
    return [
        *groups,
        *schedules,
        *([tn("{count} group", "{count} groups", unnamed)] if unnamed else []),
        *([tn("{count} person", "{count} people", people)] if people else []),
    ]


def _on_call(schedule: str) -> str:
    return t("who is on call for {schedule}", schedule=data(schedule, _LONGEST_NAME))
