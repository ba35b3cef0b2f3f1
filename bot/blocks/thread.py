"""The thread under a card: one short sentence for each thing that happened, with who did it."""

from collections.abc import Callable

from bot.blocks import words
from bot.blocks.event_data import count_in, text_in, time_in
from bot.blocks.kit import context, section
from bot.blocks.text import data, link, person, quoted, when
from bot.blocks.thread_editing import EDITING
from bot.blocks.thread_paging import PAGING
from bot.language import t, tn
from bot.message import Message
from incidents.model import Event, EventKind, Incident, Resolution, Severity
from incidents.reasons import Reason

_LONGEST_TEXT = 3000
_LONGEST_NAME = 80
_UNTOLD = (Resolution.STALE.value, Resolution.TEST.value)
"""Nobody told the end of their series, so what still fires is not known."""


def thread_entry(event: Event, incident: Incident) -> Message:
    """The entry for one event of an incident: a sentence, and the words that somebody wrote, as a quotation."""
    said, words_of = happened(event), _written(event)
    quotation = quoted(words_of)
    blocks = [section("event", f"{said}:" if quotation else f"{said}.")]
    if quotation:
        blocks.append(section("words", quotation))
    if aside := _aside(event):
        blocks.append(context("aside", aside))
    text = f"{incident.name}: {said}"
    return Message(f"{text}: {data(words_of, _LONGEST_TEXT)}" if quotation else f"{text}.", blocks)


def happened(event: Event) -> str:
    """``<@U0ALICE> acknowledged it``: harmless mrkdwn without a full stop, for thread and timeline."""
    return _beside(_SENTENCES[event.kind](event), words.via_key(event))


def _beside(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _written(event: Event) -> str:
    return words.note_text(event) or str(event.data.get("reason") or "" if event.kind is EventKind.MARKED_NOISE else "")


def _aside(event: Event) -> str:
    """Where a message that was put on the timeline stands, and what of it can't be read here."""
    if event.kind is not EventKind.TIMELINE_ENTRY:
        return ""
    there = link(text_in(event, "link"), t("Go to the message"))
    return f"{there or ''}{words.aside(event)}".strip()


def _who(event: Event) -> str:
    return person(event.actor)


def _with_firing(event: Event, said: str) -> str:
    """``… · ⚠ 2 still firing``"""
    count = count_in(event, "still_firing")
    return f"{said} · {tn('⚠ {count} still firing', '⚠ {count} still firing', count)}" if count else said


def _opened(event: Event) -> str:
    if text_in(event, "reason") == "split":
        return t("{person} split it off {other}", person=person(event.actor), other=_other(event, "split_from"))
    return t("It opened")


def _declared(event: Event) -> str:
    url = link(text_in(event, "link"), t("a message"))
    if url is None:
        return t("{person} declared it", person=person(event.actor))
    return t("{person} declared it, from {message}", person=person(event.actor), message=url)


def _reopened(event: Event) -> str:
    if text_in(event, "reason") == "by_hand":
        return t("{person} reopened it", person=_who(event))
    if text_in(event, "reason") == "critical_still_firing":
        return _critical_again(count_in(event, "firing"))
    return t("It fired again and is open again")


def _critical_again(firing: int) -> str:
    if not firing:
        return t("It was closed, but it is critical and still fires: it is open again")
    return tn(
        "It was closed, but it is critical and still fires ({count} firing): it is open again",
        "It was closed, but it is critical and still fires ({count} firing): it is open again",
        firing,
    )


def _acknowledged(event: Event) -> str:
    return t("{person} acknowledged it", person=_who(event))


def _unacknowledged(event: Event) -> str:
    was = text_in(event, "was")
    if text_in(event, "reason") == "worsening_unconfirmed":
        if not was:
            return t("It got worse, and its owner did not confirm: nobody has it now")
        return t("It got worse, and {person} did not confirm: nobody has it now", person=person(was))
    if text_in(event, "reason") == "for_long_unconfirmed":
        return t("{person} did not confirm: nobody has it now", person=person(was or None))
    if was and was != event.actor:
        told = {"person": _who(event), "owner": person(was)}
        return t("{person} took back the acknowledgement, which {owner} had: nobody has it", **told)
    return t("{person} took back the acknowledgement: nobody has it", person=_who(event))


def _resolved(event: Event) -> str:
    resolution = text_in(event, "resolution")
    if resolution == "manual":
        return _with_firing(event, t("{person} closed it", person=_who(event)))
    said = t("It is resolved: {outcome}", outcome=words.end_in_words(resolution))
    told = said if resolution in _UNTOLD else _with_firing(event, said)
    unproven = words.not_followed(count_in(event, "unfollowed"))
    return f"{told} · ⚠ {unproven}" if unproven else told


def _flapping(event: Event) -> str:
    times = count_in(event, "episodes")
    if not times:
        return t("It is flapping: it stays open until 15 minutes are quiet")
    return tn(
        "It opened {count} time within an hour and flaps: it stays open until 15 minutes are quiet",
        "It opened {count} times within an hour and flaps: it stays open until 15 minutes are quiet",
        times,
    )


def _fires_on(event: Event) -> str:
    firing = count_in(event, "firing")
    if not firing:
        return t("It was closed by hand and still fires")
    return tn(
        "It was closed by hand and still fires ({count} firing)",
        "It was closed by hand and still fires ({count} firing)",
        firing,
    )


def _worsened(event: Event) -> str:
    before, after = text_in(event, "from"), text_in(event, "to")
    match text_in(event, "reason"):
        case "severity":
            told = {"before": _severity(before), "after": _severity(after)}
            return t("It got worse after it was acknowledged: {before} then, {after} now", **told)
        case "series":
            told = {"before": data(before, _LONGEST_NAME), "after": data(after, _LONGEST_NAME)}
            return t("It got worse after it was acknowledged: {before} firing then, {after} now", **told)
        case _:
            return t("It got worse after it was acknowledged")


def _confirmed(event: Event) -> str:
    return t("{person} is still on it", person=_who(event))


def _blinded(event: Event) -> str:
    if text_in(event, "reason") == Resolution.SOURCE_ERROR.value:
        return t("The rule fails to evaluate: whether all is well is not known")
    return t("The rule gets no data: whether all is well is not known")


def _sees_again(_: Event) -> str:
    return t("The rule sees again")


def _asked(event: Event) -> str:
    since = time_in(event, "since")
    if since is None:
        return t("Nothing was heard of it for long")
    return t("Nothing was heard of it since {time}", time=when(since))


def _timeline_full(event: Event) -> str:
    events = count_in(event, "events")
    if not events:
        return t("The timeline is full: what single series do is not told any more")
    return tn(
        "The timeline is full after {count} entry: what single series do is not told any more",
        "The timeline is full after {count} entries: what single series do is not told any more",
        events,
    )


def _marked_noise(event: Event) -> str:
    return _with_firing(event, t("{person} marked it as noise", person=_who(event)))


def _marked_real(event: Event) -> str:
    return t("{person} says that it is real, not noise", person=_who(event))


def _assigned(event: Event) -> str:
    to = text_in(event, "to")
    if to == event.actor:
        return t("{person} took it", person=_who(event))
    return t("{person} gave it to {other}", person=_who(event), other=person(to))


def _unassigned(event: Event) -> str:
    was = text_in(event, "was")
    if text_in(event, "reason") == "left":
        return _left(was, text_in(event, "owner"))
    if was and was != event.actor:
        return t("{person} took it from {other}", person=_who(event), other=person(was))
    return t("{person} gave it back", person=_who(event))


def _left(was: str, owner: str) -> str:
    if owner:
        return t("{was} has left Slack: {owner}, who acknowledged it, has it", was=person(was), owner=person(owner))
    return t("{was} has left Slack: nobody has it", was=person(was))


def _noted(event: Event) -> str:
    if event.data.get("is_closing"):
        return t("{person} summed it up", person=person(event.actor))
    if event.data.get("gone"):
        return t("{who} wrote something that is deleted by now", who=person(event.actor))
    return t("{person} noted", person=_who(event))


def _note_edited(event: Event) -> str:
    return t("{who} edited what they had written", who=person(event.actor))


def _note_deleted(event: Event) -> str:
    author = person(text_in(event, "author") or None)
    if text_in(event, "reason") == "unpinned":
        return t("{who} took a message by {author} off the timeline", who=person(event.actor), author=author)
    return t("A message by {author} was deleted in Slack", author=author)


def _timeline_message(event: Event) -> str:
    who, author = person(event.actor), person(text_in(event, "author") or None)
    if event.data.get("gone"):
        return t("{who} put a message by {author} here that is gone by now", who=who, author=author)
    if event.data.get("again"):
        return t("{who} put a message by {author} on the timeline again", who=who, author=author)
    return t("{who} put a message by {author} on the timeline", who=who, author=author)


def _severity_raised(event: Event) -> str:
    before, after = (_severity(text_in(event, name)) for name in ("from", "to"))
    return t("Severity rose from {before} to {after}", before=before, after=after)


def _severity(value: str) -> str:
    return words.severity(Severity(value)) if value in set(Severity) else data(value, _LONGEST_NAME)


def _series(event: Event) -> str:
    name = data(text_in(event, "name") or text_in(event, "series"), _LONGEST_NAME) or t("A series")
    if event.kind is EventKind.SERIES_FIRING:
        return t("{series} fires", series=name)
    return t("{series} stopped firing", series=name)


def _severity_set(event: Event) -> str:
    before, after = (_severity(text_in(event, name)) for name in ("from", "to"))
    return t(
        "{person} set the severity from {before} to {after}", person=person(event.actor), before=before, after=after
    )


def _snoozed(event: Event) -> str:
    until = time_in(event, "until")
    at = when(until) if until else t("later")
    if text_in(event, "reason") == Reason.SNOOZE_INHERITED.value:
        by, other = person(text_in(event, "snoozed_by") or None), f"INC-{count_in(event, 'was_on')}"
        return t("It is snoozed until {when}, as {person} asked on {other}", when=at, person=by, other=other)
    return t("{person} snoozed it until {when}", person=person(event.actor), when=at)


def _woke(event: Event) -> str:
    match text_in(event, "reason"):
        case Reason.SNOOZE_OVER.value:
            return t("Its snooze is over")
        case Reason.GRAVER_THAN_SNOOZED.value:
            before, after = (_severity(text_in(event, name)) for name in ("from", "to"))
            return t("It is awake: it was {before} when it was snoozed, it is {after} now", before=before, after=after)
        case _:
            return t("{person} woke it", person=person(event.actor))


def _timeline_entry(event: Event) -> str:
    if "author" in event.data:
        return _timeline_message(event)
    at = time_in(event, "happened_at")
    if at is None:
        return t("{person} added to the timeline", person=person(event.actor))
    return t("{person} added to the timeline what happened {when}", person=person(event.actor), when=when(at))


def _merged(event: Event) -> str:
    return t("{person} merged it into {other}", person=person(event.actor), other=_other(event, "into"))


def _absorbed(event: Event) -> str:
    told = {"person": person(event.actor), "other": _other(event, "merged")}
    owner, count = text_in(event, "owner"), count_in(event, "series")
    if not owner:
        return tn(
            "{person} merged {other} into this: one series came",
            "{person} merged {other} into this: {count} series came",
            count,
            **told,
        )
    return tn(
        "{person} merged {other}, which {owner} had, into this: one series came",
        "{person} merged {other}, which {owner} had, into this: {count} series came",
        count,
        owner=person(owner),
        **told,
    )


def _unmerged(event: Event) -> str:
    who = person(event.actor)
    if text_in(event, "gave_back"):
        return t("{person} undid the merge of {other} into this", person=who, other=_other(event, "gave_back"))
    return t("{person} undid its merge into {other}", person=who, other=_other(event, "out_of"))


def _split(event: Event) -> str:
    names = event.data.get("names")
    shown = ", ".join(data(str(name), _LONGEST_NAME) for name in names) if isinstance(names, list) else ""
    return tn(
        "{person} split one series off into {other}: {names}",
        "{person} split {count} series off into {other}: {names}",
        count_in(event, "series"),
        person=person(event.actor),
        other=_other(event, "into"),
        names=shown,
    )


def _other(event: Event, name: str) -> str:
    """The other incident's name, as a link where its card's address is known."""
    told = data(text_in(event, name), _LONGEST_NAME)
    return link(text_in(event, f"{name}_url") or None, told) or told


def _unknown(event: Event) -> str:
    return t("{person} did something that this version of Bongsu does not know", person=person(event.actor))


_SENTENCES: dict[EventKind, Callable[[Event], str]] = {
    EventKind.UNKNOWN: _unknown,
    EventKind.OPENED: _opened,
    EventKind.REOPENED: _reopened,
    EventKind.ACKNOWLEDGED: _acknowledged,
    EventKind.UNACKNOWLEDGED: _unacknowledged,
    EventKind.RESOLVED: _resolved,
    EventKind.MARKED_NOISE: _marked_noise,
    EventKind.MARKED_REAL: _marked_real,
    EventKind.ASSIGNED: _assigned,
    EventKind.UNASSIGNED: _unassigned,
    EventKind.NOTED: _noted,
    EventKind.SEVERITY_RAISED: _severity_raised,
    EventKind.SERIES_FIRING: _series,
    EventKind.SERIES_RESOLVED: _series,
    EventKind.FLAPPING: _flapping,
    EventKind.STILL_FIRING: _fires_on,
    EventKind.WORSENED: _worsened,
    EventKind.CONFIRMED: _confirmed,
    EventKind.BLINDED: _blinded,
    EventKind.SEES_AGAIN: _sees_again,
    EventKind.ASKED: _asked,
    EventKind.TIMELINE_FULL: _timeline_full,
    EventKind.SEVERITY_SET: _severity_set,
    EventKind.SNOOZED: _snoozed,
    EventKind.WOKE: _woke,
    EventKind.NOTE_EDITED: _note_edited,
    EventKind.NOTE_DELETED: _note_deleted,
    EventKind.TIMELINE_ENTRY: _timeline_entry,
    EventKind.DECLARED: _declared,
    EventKind.MERGED: _merged,
    EventKind.ABSORBED: _absorbed,
    EventKind.UNMERGED: _unmerged,
    EventKind.SPLIT: _split,
    **PAGING,
    **EDITING,
    **EDITING,
}
