"""A word to who runs Bongsu: bodies were refused, so alerts may be missing."""

from bot.blocks import words
from bot.blocks.kit import section
from bot.blocks.text import clock, data, when
from bot.language import mark, t, tn
from bot.message import Message
from incidents.deliveries import Refusals, SourceHour

_LONGEST_ERROR = 400
_WHAT_TO_DO = mark(
    "They are kept: `bongsu deliveries --refused` lists them and says what is wrong; "
    "after a fix `bongsu replay --refused` takes them in."
)


def refusals_notice(hour: SourceHour, refusals: Refusals) -> Message:
    """``Grafana: 3 bodies were refused since 10:00, the latest at 10:12: …``, one message an hour."""
    counted = _counted(hour, refusals)
    if refusals.count and refusals.replayed == refusals.count:
        told = tn(
            "✅ {counted}: it has been taken in since, by `bongsu replay`.",
            "✅ {counted}: all of them have been taken in since, by `bongsu replay`.",
            refusals.count,
            counted=counted,
        )
        return Message(told, [section("refused", told)])
    told = _with_latest(counted, refusals)
    what_to_do = " ".join(part for part in (_some(refusals.replayed), t(_WHAT_TO_DO)) if part)
    return Message(f"{told} {what_to_do}", [section("refused", told, what_to_do)])


def _some(replayed: int) -> str:
    if not replayed:
        return ""
    return tn("{count} of them has been taken in since.", "{count} of them have been taken in since.", replayed)


def _counted(hour: SourceHour, refusals: Refusals) -> str:
    source, since = words.source(hour.source), when(hour.since)
    if refusals.is_more:
        return tn(
            "{source}: more than {count} body was refused since {time}",
            "{source}: more than {count} bodies were refused since {time}",
            refusals.count,
            source=source,
            time=since,
        )
    if refusals.count == 1 and refusals.latest_at:
        return t("{source}: 1 body was refused at {time}", source=source, time=clock(refusals.latest_at))
    return tn(
        "{source}: {count} body was refused since {time}",
        "{source}: {count} bodies were refused since {time}",
        refusals.count,
        source=source,
        time=since,
    )


def _with_latest(counted: str, refusals: Refusals) -> str:
    if refusals.latest_at is None:
        return t("⚠ {counted}.", counted=counted)
    error = data(refusals.latest_error, _LONGEST_ERROR).rstrip(".")
    if refusals.count == 1:
        return t("⚠ {counted}: {error}.", counted=counted, error=error)
    latest = clock(refusals.latest_at)
    return t("⚠ {counted}, the latest at {time}: {error}.", counted=counted, time=latest, error=error)
