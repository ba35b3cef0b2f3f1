"""A word to who runs Bongsu: something is wrong with a schedule, or with a person who is named in bongsu.yaml."""

from base import codec
from bot.blocks.kit import section
from bot.blocks.text import data, person
from bot.language import mark, t
from bot.message import Message
from incidents.schedules.people import NamedIn
from incidents.schedules.trouble import Trouble, TroubleKind

_MOST_PLACES = 8
_CALENDARS = {
    TroubleKind.CALENDAR: (
        mark("⚠ The calendar of on-call *{schedule}* can't be read: {detail}."),
        mark("What was read before still counts. See `schedules` in `bongsu.yaml`; it is tried again every minute."),
    ),
    TroubleKind.STALE: (
        mark("⚠ The calendar of on-call *{schedule}* could not be read for a day: {detail}."),
        mark("What was read then still counts, for two months at most. See `schedules` in `bongsu.yaml`."),
    ),
    TroubleKind.UNMAPPED: (
        mark("⚠ The calendar of on-call *{schedule}* is about people whom `bongsu.yaml` does not know: {detail}."),
        mark("These events are passed over. Write whom they mean below `people` of that schedule."),
    ),
}
_GROUPS = {
    "missing_scope": mark("Add the scope `usergroups:write` to the Slack app and install it again."),
    "no_such_subteam": mark("Slack has no such group, or it is turned off: create it, or correct `user_group` in "
                            "`bongsu.yaml`."),
    "permission_denied": mark("In Slack's workspace settings, let everybody manage user groups, or leave `user_group` "
                              "out of `bongsu.yaml`."),
    "plan_upgrade_required": mark("This Slack plan has no user groups: leave `user_group` out of `bongsu.yaml`."),
    "invalid_users": mark("Slack does not take whoever is on call: are they gone, a guest, or an app?"),
    "failed_for_some_users": mark("Slack does not take whoever is on call: they are of another workspace."),
}  # fmt: skip
_ANY_GROUP = mark("It is tried again by itself.")
_PLACES = {
    NamedIn.SCHEDULE: mark("schedule {name}"),
    NamedIn.ESCALATION: mark("escalation {name}"),
    NamedIn.ROUTE: mark("route to {name}"),
}


def trouble_notice(trouble: Trouble | None, *, schedule: str) -> Message:
    """``trouble`` None: it is over. ``schedule``: of which it was, "" where it was about a person."""
    if trouble is None:
        told = t("✅ On-call *{schedule}*: what was wrong is fixed.", schedule=data(schedule)) if schedule else ""
        return _message(told or t("✅ Nobody is missing any more: what was wrong is fixed."))
    match trouble.kind:
        case TroubleKind.LEFT:
            return _left(trouble)
        case TroubleKind.GROUP:
            what = t(
                "⚠ The Slack user group of on-call *{schedule}* can't be kept in step (`{code}`).",
                schedule=data(trouble.schedule), code=data(trouble.detail, 80),
            )  # fmt: skip
            return _message(what, t(_GROUPS.get(trouble.detail, _ANY_GROUP)))
        case _:
            what, how = _CALENDARS[trouble.kind]
            return _message(t(what, schedule=data(trouble.schedule), detail=data(trouble.detail, 1000)), t(how))


def _left(trouble: Trouble) -> Message:
    places = codec.loads(trouble.detail.encode())
    named = [_place(NamedIn(where), name, line) for where, name, line in places[:_MOST_PLACES]]
    more = ["…"] if len(places) > _MOST_PLACES else []
    what = t("⚠ {person} is not in Slack any more, or never was.", person=person(trouble.about))
    how = t("Take them out of `bongsu.yaml`: {places}.", places=", ".join([*named, *more]))
    return _message(what, how)


def _place(where: NamedIn, name: str, line: int | None) -> str:
    told = t(_PLACES[where], name=data(name, 80))
    return told if line is None else t("{place} (line {line})", place=told, line=line)


def _message(*told: str) -> Message:
    return Message(" ".join(told), [section("trouble", *told)])
