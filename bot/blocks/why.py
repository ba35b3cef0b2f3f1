"""Why? The way of an incident's alerts from the sender to Slack, for who has never seen the inside of Bongsu."""

from bot.blocks import words
from bot.blocks.clicks import ActionId, CallbackId, Target, button_value
from bot.blocks.kit import LONGEST_MODAL_TITLE, LONGEST_SECTION, actions, button, context, plain, whole_section
from bot.blocks.reasons import in_words
from bot.blocks.text import data, duration, when
from bot.blocks.why_key import key_lines
from bot.blocks.why_left_out import QUIET, left_out, told_alerts
from bot.blocks.why_slack import slack_lines
from bot.language import mark, t, tn
from bot.message import Block
from incidents.inspection import MOST_LOOKED_AT, Arrival, Trace
from incidents.model import AlertStatus
from incidents.policy import Policy
from incidents.reasons import Reason

_LONGEST_NAME = 80
_OPENINGS = {
    "opened": mark("A series fired, and no incident of the same rule and place was open or had just resolved"),
    "within_reopen_window": mark(
        "A series fired within {window} after it had resolved, so it opened again instead of a new one"
    ),
    "by_hand": mark("Somebody reopened it"),
    "critical_still_firing": mark("It was closed by hand, but it is critical and still fired half an hour later"),
    "marked_real": mark("Somebody said that it is no noise, and a series still fired"),
    "declared": mark("Somebody declared it"),
}
"""By ``opened_reason`` of an episode."""


def why_modal(trace: Trace, policy: Policy) -> Block:
    """The modal. ``policy`` is today's: where it has changed since, that is said."""
    incident = trace.incident
    told = [
        ("arrived", t("What came in"), _came_in(trace)),
        ("opened", t("Why it is open") if incident.is_open else t("Why it was open"), _opened(trace, policy)),
        ("key", t("Why this incident and no other"), key_lines(trace, policy)),
        ("left-out", t("What was left out, and why"), left_out(trace, policy)),
        ("slack", t("What Slack shows"), slack_lines(trace)),
    ]
    return {
        "type": "modal",
        "callback_id": CallbackId.WHY,
        "title": plain(t("Why {incident}?", incident=incident.name), LONGEST_MODAL_TITLE),
        "close": plain(t("Close"), LONGEST_MODAL_TITLE),
        "blocks": [
            _look_on(trace),
            *(whole_section(block_id, f"*{heading}*", *_fitting(lines)) for block_id, heading, lines in told),
            context("ids", _ids(trace)),
        ],
    }


def _fitting(lines: list[str]) -> list[str]:
    """As many as a section holds, beside its heading."""
    kept, room = list[str](), LONGEST_SECTION - 100
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return [*kept, "…"]
        kept.append(line)
    return kept


def _came_in(trace: Trace) -> list[str]:
    newest = trace.newest
    if newest is None:
        if trace.incident.alert_count == 0:
            return [t("No alert has come in: a person made this incident.")]
        return [_counted(trace), t("None of them is kept any more: old alerts are deleted (`retention`).")]
    return [_counted(trace), _delivered(newest), _newest(newest), *_only_the_newest(trace)]


def _only_the_newest(trace: Trace) -> list[str]:
    if trace.looked_at < MOST_LOOKED_AT:
        return []
    return [t("What is counted below is of the newest {count}.", count=f"{MOST_LOOKED_AT:,}")]


def _counted(trace: Trace) -> str:
    return tn("{count} alert has arrived in it.", "{count} alerts have arrived in it.", trace.incident.alert_count)


def _delivered(newest: Arrival) -> str:
    told = {
        "source": words.source(newest.source),
        "delivery": newest.alert.delivery_id,
        "time": when(newest.alert.received_at),
    }
    return t("The newest came with delivery {delivery} from {source}, received {time}.", **told)


def _newest(newest: Arrival) -> str:
    alert = newest.alert
    told = {"series": data(alert.name, _LONGEST_NAME), "time": when(alert.starts_at), "became": _became(alert.reason)}
    if alert.status is AlertStatus.FIRING:
        return t("It says that {series} fires since {time}. What became of it: {became}.", **told)
    return t("It says that {series}, which had fired since {time}, has ended. What became of it: {became}.", **told)


def _became(reason: str) -> str:
    """In words, and by the name that documentation and database use."""
    return f"{in_words(reason)} (`{data(reason, _LONGEST_NAME)}`)"


def _opened(trace: Trace, policy: Policy) -> list[str]:
    episode = trace.episode
    reason = episode.opened_reason
    opening = _OPENINGS.get(reason)
    because = t(opening, window=duration(policy.reopen_window)) if opening else in_words(reason)
    told = t("{because} (`{reason}`, {time}).", because=because, reason=data(reason), time=when(episode.opened_at))
    return [told, *_openings(trace), *_changes(trace)]


def _openings(trace: Trace) -> list[str]:
    if trace.episode.number == 1 or trace.first_opened_at is None:
        return []
    times = {"count": f"{trace.episode.number:,}", "time": when(trace.first_opened_at)}
    return [t("It has opened {count} times, first {time}.", **times)]


def _changes(trace: Trace) -> list[str]:
    """What alerts have done to it since."""
    quiet = {Reason.OPENED.value, *(reason.value for reason in QUIET)}
    done = sorted((count, reason) for reason, count in trace.reasons.items() if reason not in quiet)
    return [f"• {told_alerts(reason, count)}" for count, reason in reversed(done)]


def _look_on(trace: Trace) -> Block:
    target = Target.to(trace.incident, firing=trace.incident.firing)
    details = button(
        t("Series and alerts"), action_id=ActionId.DETAILS, value=button_value(target), about=trace.incident.name
    )
    return actions("look", details)


def _ids(trace: Trace) -> str:
    incident = trace.incident
    return t(
        "For whoever runs Bongsu: incident {id}, episode {episode}, version {version}, key `{key}`",
        id=incident.id,
        episode=incident.episode,
        version=incident.version,
        key=data(incident.incident_key[:12], _LONGEST_NAME),
    )
