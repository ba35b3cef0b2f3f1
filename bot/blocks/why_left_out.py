"""What was left out, and why: repetitions, duplicates, and whatever keeps Bongsu quiet."""

from bot.blocks import words
from bot.blocks.reasons import in_words
from bot.blocks.text import data, duration, person, when
from bot.language import t, tn
from incidents.inspection import ShownIn, Trace
from incidents.model import AlertKind, Incident
from incidents.policy import Policy
from incidents.reasons import Reason

QUIET = (
    Reason.RESENT,
    Reason.OUTDATED_FIRING,
    Reason.STILL_FIRING,
    Reason.UNFOLLOWED,
    Reason.STALE_RESOLVE,
    Reason.ENDED_AFTER_CLOSING,
    Reason.BLINDED,
    Reason.BLIND,
    Reason.FLAPPING,
)
"""What became of alerts that changed less than a reader might expect."""
_LONGEST = 80


def left_out(trace: Trace, policy: Policy) -> list[str]:
    """Lines of harmless mrkdwn; one that says so where there is nothing to tell."""
    counted = [told_alerts(reason.value, count) for reason in QUIET if (count := trace.reasons.get(reason.value, 0))]
    told = [*counted, *_duplicates(trace, policy), *_held_back(trace, policy), *_quiet(trace)]
    return [f"• {line}" for line in told] or [t("Nothing: each alert changed what you see.")]


def told_alerts(reason: str, count: int) -> str:
    """What became of so many alerts, in words, and by the name that documentation and database use."""
    told = {"became": in_words(reason), "reason": data(reason)}
    return tn("{count} alert: {became} (`{reason}`)", "{count} alerts, each: {became} (`{reason}`)", count, **told)


def _duplicates(trace: Trace, policy: Policy) -> list[str]:
    newest = trace.newest
    if newest is None or newest.last_seen_at is None or newest.last_seen_at <= newest.alert.received_at:
        return []
    window = duration(policy.duplicate_window)
    return [
        t(
            "The very same delivery came again, last {time}: within {window} that is no news, so nothing of it counts",
            time=when(newest.last_seen_at),
            window=window,
        )
    ]


def _held_back(trace: Trace, policy: Policy) -> list[str]:
    """Cards that something else stands in for."""
    told = []
    for card in trace.cards:
        channel = data(card.channel, _LONGEST)
        if card.shown_in is ShownIn.ROLLUP:
            told.append(
                t(
                    "Its card in {channel}: more than {count} incidents a minute came, so one message shows them all",
                    channel=channel,
                    count=policy.storm.above,
                )
            )
        elif card.shown_in is ShownIn.DIGEST:
            told.append(t("Its card in {channel}: Slack was away, and a digest told of it after that", channel=channel))
    return told


def _quiet(trace: Trace) -> list[str]:
    incident = trace.incident
    told = [
        _snooze(incident),
        t("It keeps coming back, so its end is told only after 15 quiet minutes") if incident.flapping else "",
        _blind(incident),
        words.not_followed(incident.unfollowed),
        _untold(incident),
        t("Somebody called it noise: the figures leave it out") if incident.is_noise else "",
    ]
    if trace.merged_into is not None:
        told.append(t("It was merged into {other}: what came later went there", other=trace.merged_into.name))
    return [line for line in told if line]


def _snooze(incident: Incident) -> str:
    if incident.snoozed_until is None:
        return ""
    until = when(incident.snoozed_until)
    if incident.snoozed_by is None:
        return t("It is snoozed until {time}: until then nobody is mentioned, unless it gets graver", time=until)
    by = person(incident.snoozed_by)
    told = {"time": until, "person": by}
    return t("{person} snoozed it until {time}: until then nobody is mentioned, unless it gets graver", **told)


def _blind(incident: Incident) -> str:
    if incident.blind_since is None or incident.kind is not AlertKind.DATA:
        return ""
    return t(
        "Its rule can't see since {time}: an end for want of data does not close it", time=when(incident.blind_since)
    )


def _untold(incident: Incident) -> str:
    if not incident.untold:
        return ""
    return tn(
        "{count} entry is missing on its timeline, which is full",
        "{count} entries are missing on its timeline, which is full",
        incident.untold,
    )
