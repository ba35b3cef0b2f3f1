"""A word to who runs Bongsu: bodies were refused, so alerts may be missing."""

from bot.blocks import words
from bot.blocks.kit import section
from bot.blocks.text import clock, data, when
from bot.message import Message
from incidents.deliveries import Refusals, SourceHour

_LONGEST_ERROR = 400
_WHAT_TO_DO = (
    "They are kept: `bongsu deliveries --refused` lists them and says what is wrong; "
    "after a fix `bongsu replay --refused` takes them in."
)


def refusals_notice(hour: SourceHour, refusals: Refusals) -> Message:
    """``Grafana: 3 bodies were refused since 10:00, the latest at 10:12: …``, one message an hour."""
    told = f"⚠ {_counted(hour, refusals)}{_latest(refusals)}."
    if refusals.count and refusals.replayed == refusals.count:
        told = f"✅ {_counted(hour, refusals)}: {_all(refusals)} been taken in since, by `bongsu replay`."
        return Message(told, [section("refused", told)])
    some = (
        f"{refusals.replayed:,} of them {_have(refusals.replayed)} been taken in since. " if refusals.replayed else ""
    )
    return Message(f"{told} {some}{_WHAT_TO_DO}", [section("refused", told, f"{some}{_WHAT_TO_DO}")])


def _counted(hour: SourceHour, refusals: Refusals) -> str:
    count = f"more than {refusals.count:,}" if refusals.is_more else f"{refusals.count:,}"
    bodies = "body was" if refusals.count == 1 else "bodies were"
    return f"{words.source(hour.source)}: {count} {bodies} refused {_when(hour, refusals)}"


def _when(hour: SourceHour, refusals: Refusals) -> str:
    alone = refusals.latest_at if refusals.count == 1 else None
    return f"at {clock(alone)}" if alone else f"since {when(hour.since)}"


def _latest(refusals: Refusals) -> str:
    if refusals.latest_at is None:
        return ""
    at = "" if refusals.count == 1 else f", the latest at {clock(refusals.latest_at)}"
    return f"{at}: {data(refusals.latest_error, _LONGEST_ERROR).rstrip('.')}"


def _all(refusals: Refusals) -> str:
    return "it has" if refusals.count == 1 else "all of them have"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
