"""Text for Slack out of domain values. Whatever came from an alert or a person is data and leaves here harmless.

Slack needs ``& < >`` escaped and nothing else; those three make every mention, link and date. It knows no escape for
``* _ ~ ` ``, so where they could format, look-alikes stand in for them.
Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from bot.language import t

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPED = re.compile("[&<>]")
_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_LEADING_QUOTE = re.compile(r"^(\s*)(>+)")
_KEPT_FORMAT_CHARACTERS = {"\u200d"}  # joins emoji
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SLACK_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")
_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_LONGEST_LINK = 1500
_LONGEST_NAME = 80


def one_line(value: str) -> str:
    """The value without control, bidirectional and other invisible characters; every run of white space is a blank."""
    return " ".join((value if value.isprintable() else _visible(value)).split())


def lines(value: str) -> list[str]:
    """The lines of a longer text, cleaned one by one; runs of empty lines are one."""
    cleaned = [one_line(line) for line in value.splitlines()]
    return [line for i, line in enumerate(cleaned) if line or (i and cleaned[i - 1])]


def _visible(value: str) -> str:
    return "".join(
        char if unicodedata.category(char) not in _HIDDEN or char in _KEPT_FORMAT_CHARACTERS else _blank(char)
        for char in value
    )


def _blank(char: str) -> str:
    return " " if char.isspace() else ""


def clip(value: str, limit: int) -> str:
    """At most ``limit`` characters, the last of them an ellipsis where something was cut."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def escape(value: str, limit: int | None = None) -> str:
    """``& < >`` escaped. With ``limit``: at most so many characters after escaping, never half an escape."""
    if not _ESCAPED.search(value):
        return value if limit is None else clip(value, limit)
    escaped = [_ESCAPES.get(char, char) for char in value]
    if limit is None or sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    kept, room = [], limit - 1
    for piece in escaped:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def data(value: str, limit: int = 300) -> str:
    """A foreign value as one line of mrkdwn, at most ``limit`` characters: no markup in it survives."""
    return escape(_defused(one_line(value)), limit)


def quoted(value: str, limit: int = 2800) -> str:
    """A foreign text as a mrkdwn quotation, its lines kept, at most ``limit`` characters."""
    budget, out = limit, []
    for line in lines(value):
        budget -= len("> \n")
        if budget < 2:
            break
        told = escape(_defused(line), budget)
        out.append(f"> {told}")
        budget -= len(told)
    return "\n".join(out)


def _defused(value: str) -> str:
    value = _EDGE_UNDERSCORE.sub("ˍ", value.translate(_LOOK_ALIKES))
    return _LEADING_QUOTE.sub(lambda found: found[1] + "›" * len(found[2]), value)


def person(actor: str | None) -> str:
    """``str(Actor)``, or ``app:…`` for another app's name, as mrkdwn: people in Slack are mentioned, all else is named.

    None: nobody.
    """
    if actor is None:
        return t("nobody")
    if is_slack_person(actor):
        return f"<@{actor}>"
    kind, _, name = actor.partition(":")
    told = data(name, _LONGEST_NAME)
    match kind:
        case "system":
            return "Bongsu"
        case "key":
            return t("API key {name}", name=told)
        case "app" if told:
            return told
        case _:
            return data(actor, _LONGEST_NAME)


def is_slack_person(actor: str) -> bool:
    """Whether this is a Slack user's id: ``U0ALICE``, ``W012A3CDE``."""
    return _SLACK_PERSON.fullmatch(actor) is not None


def when(at: datetime) -> str:
    """Day and time in the reader's time zone; where Slack can't show it, UTC."""
    return _date(at, t("{date} at {time}", date="{date_short_pretty}", time="{time}"), "%Y-%m-%d %H:%M")


def clock(at: datetime) -> str:
    """Only the time, in the reader's time zone; where Slack can't show it, UTC."""
    return _date(at, "{time}", "%H:%M")


def _date(at: datetime, form: str, fallback: str) -> str:
    return f"<!date^{int(at.timestamp())}^{form}|{at.astimezone(UTC):{fallback}} UTC>"


def duration(span: timedelta) -> str:
    """At most two units: ``45 s``, ``21 min``, ``1 h 5 min``, ``2 d 3 h``. Below zero is ``0 s``."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return t("{seconds} s", seconds=seconds)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours == 0:
        return t("{minutes} min", minutes=minutes)
    if days == 0:
        rest = minutes % 60
        return t("{hours} h {minutes} min", hours=hours, minutes=rest) if rest else t("{hours} h", hours=hours)
    rest = hours % 24
    return t("{days} d {hours} h", days=days, hours=rest) if rest else t("{days} d", days=days)


def number(value: float) -> str:
    """Three significant digits, no trailing zeros: ``5.2``, ``14``, ``1234``, ``12.3k``, ``8.59G``, ``1.2e-7``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    rounded = float(f"{value:.3g}") + 0.0
    size = abs(rounded)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3g}".replace("e-0", "e-").replace("e+", "e")
    if size < 10_000:
        return _plain(value if size >= 1000 else rounded)
    factor, suffix = next((factor, suffix) for factor, suffix in _THOUSANDS if size >= factor)
    return _plain(rounded / factor) + suffix


def _plain(value: float) -> str:
    digits = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.6f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def link(url: str | None, label: str) -> str | None:
    """``<url|label>``, or None where the URL is not http(s) or too long. The label is ours or made harmless here."""
    if url is None or len(url) > _LONGEST_LINK or not _is_web(url):
        return None
    encoded = quote(url, safe="%/:?#[]@!$&'()*+,;=~-._", errors="replace")
    return f"<{escape(encoded)}|{data(label).replace('|', '¦')}>"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
