"""The form that asks until when an incident is to be quiet, in the time zone of who is asked."""

from datetime import UTC, datetime, timedelta, tzinfo

from bot.blocks.clicks import CallbackId, Target, snooze_value
from bot.blocks.kit import context, datetime_input, modal, radio_input
from bot.blocks.local_time import local_time
from bot.blocks.text import duration, person, when
from bot.language import mark, t
from bot.message import Block
from bot.snooze_time import For, SnoozeTime, WorkDay
from incidents.model import Incident, Severity
from incidents.rules.snooze import longest

SPAN_FIELD = "span"
UNTIL_FIELD = "until"
CHOICES: dict[str, SnoozeTime] = {
    "30m": For(timedelta(minutes=30)),
    "1h": For(timedelta(hours=1)),
    "4h": For(timedelta(hours=4)),
    "workday": WorkDay(),
}
"""What a choice means, by its value."""
_LABELS = {
    "30m": mark("30 minutes, until {time}"),
    "1h": mark("1 hour, until {time}"),
    "4h": mark("4 hours, until {time}"),
    "workday": mark("Until my next work day, {time}"),
}
_USUAL = "1h"


def snooze_modal(target: Target, incident: Incident, *, now: datetime, zone: tzinfo) -> Block:
    """``incident`` as it is now: where it is snoozed, the new end takes the place of that one."""
    blocks = [
        *_standing(incident),
        radio_input(SPAN_FIELD, label=t("For how long?"), options=_options(incident, now, zone), initial=_USUAL),
        datetime_input(UNTIL_FIELD, label=t("Or until a date and time"), hint=_hint(incident)),
        *_unknown_zone(zone),
    ]
    return modal(
        callback_id=CallbackId.SNOOZE,
        title=t("Snooze {name}", name=target.name),
        submit=t("Snooze"),
        private_metadata=snooze_value(target, extends=incident.is_snoozed),
        blocks=blocks,
    )


def _options(incident: Incident, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """Those that its severity allows."""
    ends = {value: choice.end(now, zone) for value, choice in CHOICES.items()}
    most = now + longest(incident.severity)
    return [
        (t(_LABELS[value], time=local_time(end, now=now, zone=zone)), value)
        for value, end in ends.items()
        if end <= most
    ]


def _standing(incident: Incident) -> list[Block]:
    if incident.snoozed_until is None:
        return []
    told = t(
        "Snoozed until {when} by {person}. What you choose takes the place of that.",
        when=when(incident.snoozed_until),
        person=person(incident.snoozed_by),
    )
    return [context("standing", told)]


def _hint(incident: Incident) -> str:
    most = duration(longest(incident.severity))
    if incident.severity is Severity.CRITICAL:
        return t(
            "If you choose one, it counts. {name} is critical: at most {most} from now.", name=incident.name, most=most
        )
    return t("If you choose one, it counts. At most {most} from now.", most=most)


def _unknown_zone(zone: tzinfo) -> list[Block]:
    told = t("Slack does not tell your time zone: these times are UTC.")
    return [context("zone", told)] if zone is UTC else []
