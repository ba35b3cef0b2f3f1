"""What people are told when a second person was not asked, or nothing was decided."""

from bot.blocks.text import clock, person
from bot.language import mark, t
from incidents.approvals.errors import (
    AlreadyAsked,
    ApprovalOver,
    ApprovalRefused,
    AskedYourself,
    NothingAsked,
    NotSecond,
    NotSecondBecause,
    NotTheirs,
)
from incidents.approvals.model import Outcome, Wanted

_OVER = {
    Outcome.APPROVED: mark("{person} was faster and has approved it, so nothing was changed."),
    Outcome.DECLINED: mark("{person} was faster and has declined it, so nothing was changed. {name} stays as it is."),
    Outcome.WITHDRAWN: mark("{person} has withdrawn it, so there is nothing to decide any more."),
    Outcome.LAPSED: mark("Nobody confirmed in time, so that request on {name} is over. Resolve it anew to ask again."),
    Outcome.OVERTAKEN: mark(
        "That request on {name} is over: something else came first. Look at its card as it is now."
    ),
}
_WANTED = {
    Wanted.RESOLVE: mark(
        "{person} wants to resolve {name} already, so nothing was changed. Approve or decline it in the thread, "
        "until {time}."
    ),
    Wanted.NOISE: mark(
        "{person} wants to mark {name} as noise already, so nothing was changed. Approve or decline it in the thread, "
        "until {time}."
    ),
}


def approval_refusal(error: ApprovalRefused, *, to: str) -> str:
    """Harmless mrkdwn. ``to`` is the Slack id of who is told."""
    match error:
        case AlreadyAsked():
            return _asked(error, to)
        case ApprovalOver():
            told = _OVER.get(error.outcome, _OVER[Outcome.OVERTAKEN])
            return t(told, person=person(error.by), name=error.name)
        case NotSecond(why=NotSecondBecause.SAME_KEY):
            return t("{name} was asked by the same API key: somebody else must approve it.", name=error.name)
        case NotSecond():
            return t("You asked for it yourself: somebody else must approve it. Nothing was changed.")
        case NotTheirs():
            return t("Only {person}, who asked, can withdraw it. You can decline it instead.", person=person(error.by))
        case AskedYourself():
            return t("You asked for it yourself: withdraw it instead. Nothing was changed.")
        case NothingAsked():
            return t("{name} is not waiting for a second person.", name=error.name)
        case _:
            return str(error)


def _asked(error: AlreadyAsked, to: str) -> str:
    told = {"name": error.name, "time": clock(error.until)}
    if error.by == to:
        return t(
            "You have asked already: somebody else must approve {name} in its thread until {time}. "
            "`/incident withdraw {name}` takes it back.",
            **told,
        )
    return t(_WANTED[error.wanted], person=person(error.by), **told)
