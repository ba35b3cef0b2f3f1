"""Who is on call: the answer to ``/incident oncall``, the line in a Home, and the form that takes a schedule over."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.clicks import CallbackId
from bot.blocks.kit import actions, button, context, datetime_input, input_block, modal, section, select_input
from bot.blocks.oncall_clicks import OncallAction, OncallClick, click_value
from bot.blocks.text import clip, data, person, when
from bot.language import t, tn
from bot.message import Block, Message
from incidents.schedules import Override
from incidents.schedules.model import Standing

SCHEDULE_FIELD, PERSON_FIELD, START_FIELD, END_FIELD = "schedule", "person", "start", "end"
MOST_SCHEDULES = 20
"""In one answer; each has two blocks, and its overrides."""
MOST_OVERRIDES = 5
_MOST_LINES = 8
"""Overrides in one answer, or it would not fit."""
_MOST_AT_HOME = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """``one``: the only schedule that was asked for, "" for all. ``told`` stands above, harmless mrkdwn."""

    standings: Sequence[Standing]
    one: str = ""
    told: str = ""


def oncall(shown: Shown) -> Message:
    if not shown.standings:
        return Message(t("There are no schedules: they are written in `bongsu.yaml`, below `schedules`."), [])
    first, more = shown.standings[:MOST_SCHEDULES], len(shown.standings) - MOST_SCHEDULES
    blocks = [section("told", shown.told)] if shown.told else []
    room = MOST_OVERRIDES if shown.one else _MOST_LINES
    for standing in first:
        blocks.append(section(f"oncall-{standing.schedule}", _line(standing), _source(standing)))
        blocks += [_override(one, shown) for one in standing.overrides[:room]]
        room = room if shown.one else max(0, room - len(standing.overrides))
    if more > 0:
        blocks.append(context("more", _more(more)))
    blocks.append(actions("oncall", _take(shown)))
    return Message("\n".join(filter(None, [shown.told, *map(_line, first)])), blocks)


def taken(override: Override) -> str:
    """What who took it over is told."""
    return t(
        "{person} is on call for *{schedule}* from {start} until {end}.",
        person=person(override.person),
        schedule=override.schedule,
        start=when(override.start),
        end=when(override.end),
    )


def given_back(override: Override) -> str:
    """``override`` as it was before it was ended."""
    return t("It is over that {person} has *{schedule}*.", person=person(override.person), schedule=override.schedule)


def home_line(standings: Sequence[Standing]) -> str:
    """``On call now: payments <@U…>, search <@U…>``; empty where there are no schedules."""
    told = [f"{one.schedule} {_somebody(one.person)}" for one in standings[:_MOST_AT_HOME]]
    more = len(standings) - len(told)
    listed = ", ".join([*told, *([tn("{count} more", "{count} more", more)] if more else [])])
    return t("On call now: {people}", people=listed) if told else ""


def _line(standing: Standing) -> str:
    who = _somebody(standing.person)
    if standing.until is None:
        return t("*{schedule}*: {person}, until further notice", schedule=standing.schedule, person=who)
    return t(
        "*{schedule}*: {person} until {time}, then {next}",
        schedule=standing.schedule,
        person=who,
        time=when(standing.until),
        next=_somebody(standing.then),
    )


def _source(standing: Standing) -> str:
    """Where a calendar is from and when it was last read; "" where it is none."""
    source, known = data(standing.source, 80), standing.calendar
    if not standing.source:
        return ""
    if known is None or known.read_at is None:
        return t("🗓 From a calendar ({source}) that was not read yet.", source=source)
    if known.error is not None:
        return t(
            "🗓 From a calendar ({source}), last read {time}. It can't be read now: {error}.",
            source=source, time=when(known.read_at), error=data(known.error),
        )  # fmt: skip
    return t("🗓 From a calendar ({source}), last read {time}.", source=source, time=when(known.read_at))


def _somebody(user_id: str | None) -> str:
    return person(user_id) if user_id is not None else t("nobody")


def _override(override: Override, shown: Shown) -> Block:
    told = t(
        "↪ {person} from {start} until {end}, by {by}",
        person=person(override.person),
        start=when(override.start),
        end=when(override.end),
        by=person(override.by),
    )
    value = click_value(OncallClick(shown.one, override.id, birth=override.birth))
    about = t("what was taken over of {schedule}", schedule=override.schedule)
    end = button(t("End"), action_id=OncallAction.END, value=value, about=about)
    return section(f"override-{override.id}", told) | {"accessory": end}


def _take(shown: Shown) -> Block:
    value = click_value(OncallClick(shown.one))
    return button(t("Take over…"), action_id=OncallAction.TAKE, value=value, about=t("a schedule"))


def _more(count: int) -> str:
    return tn(
        "{count} more schedule: `/incident oncall` and its name shows it.",
        "{count} more schedules: `/incident oncall` and the name of one shows it.",
        count,
    )


def oncall_modal(schedules: Sequence[str], click: OncallClick, *, user: str) -> Block:
    """``user``: who opens it, who is chosen at first. ``schedules`` are one or more."""
    chosen = click.shown or (schedules[0] if len(schedules) == 1 else None)
    who = {"type": "users_select", "action_id": PERSON_FIELD, "initial_user": user}
    fields = [
        select_input(
            SCHEDULE_FIELD,
            label=t("Schedule"),
            hint=t("Whose turn it is does not change: it only is somebody else's for a while."),
            options=[(clip(name, 75), name) for name in schedules],
            chosen=chosen,
        ),
        input_block(PERSON_FIELD, label=t("Who?"), element=who, hint=""),
        datetime_input(START_FIELD, label=t("From"), hint=t("Left empty, from now on.")),
        input_block(
            END_FIELD,
            label=t("Until"),
            element={"type": "datetimepicker", "action_id": END_FIELD},
            hint=t("31 days at most."),
        ),
    ]
    return modal(
        callback_id=CallbackId.ONCALL,
        title=t("Take over on-call"),
        submit=t("Take over"),
        private_metadata=click_value(click),
        blocks=fields,
    )
