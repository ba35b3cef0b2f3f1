"""What Slack shows of an incident, and how that stands to what it should show."""

import re
from datetime import UTC, datetime, timedelta

from bot.blocks.text import data, duration, when
from bot.language import t, tn
from incidents.inspection import MOST_WAITING, CardState, Trace

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,30}")
_LONGEST = 80
_LONGEST_ERROR = 200
_MOVED = timedelta(seconds=60)
"""A message that is so much younger than the first one was posted anew."""


def slack_lines(trace: Trace) -> list[str]:
    """Lines of harmless mrkdwn."""
    if not trace.cards:
        return [t("Nobody has asked for a card of it yet.")]
    return [line for card in trace.cards for line in _card(card, trace)] + _waiting(trace)


def _card(card: CardState, trace: Trace) -> list[str]:
    told = [_where(card), _standing(card, trace.now)]
    if card.is_plain:
        told.append(t("Slack refused its layout, so it stands there as plain text."))
    if card.ts is not None and (delay := _delay(card, trace)):
        told.append(delay)
    return told


def _where(card: CardState) -> str:
    channel = _channel(card)
    if card.ts is None:
        return t("The card in {channel}: Slack has no message yet.", channel=channel)
    return t("The card in {channel} is message `{ts}`.", channel=channel, ts=data(card.ts, _LONGEST))


def _channel(card: CardState) -> str:
    """A link to it once Slack has told its id."""
    if card.channel_id and _CHANNEL_ID.fullmatch(card.channel_id):
        return f"<#{card.channel_id}>"
    return data(card.channel, _LONGEST)


def _standing(card: CardState, now: datetime) -> str:
    """Up to date, waiting, or tried in vain."""
    revisions = {"shown": f"{card.shown_rev:,}", "wanted": f"{card.wanted_rev:,}"}
    if card.due_at is None:
        if card.ts is None:
            return t("None is needed: something else shows it.")
        if card.sent_at is None:
            return t("It is up to date (revision {shown}).", **revisions)
        return t("It is up to date (revision {shown}, shown {time}).", time=when(card.sent_at), **revisions)
    if card.last_error is None:
        return t(
            "It shows revision {shown} of {wanted}: the newer one waits since {time}.",
            time=when(card.due_at),
            **revisions,
        )
    told = {**revisions, "error": data(card.last_error, _LONGEST_ERROR), "time": when(card.due_at)}
    if card.due_at > now:
        return t("It shows revision {shown} of {wanted}. The last try failed (`{error}`); the next is {time}.", **told)
    return t("It shows revision {shown} of {wanted}. The last try failed (`{error}`); the next is due.", **told)


def _delay(card: CardState, trace: Trace) -> str:
    """From the alert's arrival to Slack's own time of the message."""
    posted, opened = _posted_at(card), trace.first_opened_at
    if posted is None or opened is None:
        return ""
    first = card.first_sent_at
    if first is not None and posted - first > _MOVED:
        return t(
            "The channel was told {delay} after the alert was received; the message was posted anew {time}.",
            delay=duration(first - opened),
            time=when(posted),
        )
    if trace.incident.alert_count == 0:
        return t("The channel was told {delay} after it was made.", delay=duration(posted - opened))
    return t("The channel was told {delay} after the alert was received.", delay=duration(posted - opened))


def _posted_at(card: CardState) -> datetime | None:
    """A message's ts is the time in seconds at which Slack took it."""
    try:
        return datetime.fromtimestamp(float(card.ts or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _waiting(trace: Trace) -> list[str]:
    if not trace.waiting:
        return []
    if trace.waiting >= MOST_WAITING:
        return [t("{count} or more entries of its thread are on their way.", count=MOST_WAITING)]
    return [
        tn(
            "{count} entry of its thread is on its way.",
            "{count} entries of its thread are on their way.",
            trace.waiting,
        )
    ]
