"""Slack's mrkdwn as people read it: ``<@U0BOB>`` is ``@Bob Park``, ``&lt;`` is ``<``. Nothing in it is markup any more.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re
from collections.abc import Mapping

from bot.blocks.text import clip
from incidents.threads import LONGEST_TEXT

_MARKED = re.compile(r"<([^<>]*)>")
_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,30})>")


def as_read(text: str, names: Mapping[str, str]) -> tuple[str, bool]:
    """At most ``LONGEST_TEXT`` characters, and whether something is left out. ``names`` are of people, by their id."""
    told = html.unescape(_MARKED.sub(lambda found: _read(found[1], names), text)).strip()
    whole = told.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair can't be stored
    return clip(whole, LONGEST_TEXT), len(whole) > LONGEST_TEXT


def mentioned(text: str) -> list[str]:
    """The ids of people who are mentioned without their names, each once."""
    return list(dict.fromkeys(_PERSON.findall(text)))


def _read(inside: str, names: Mapping[str, str]) -> str:
    what, _, label = inside.partition("|")
    match what[:1]:
        case "@":
            return f"@{label.removeprefix('@') or names.get(what[1:], what[1:])}"
        case "#":
            return f"#{label or what[1:]}"
        case "!":
            return _special(what[1:], label)
        case _:
            return _link(what, label)


def _special(what: str, label: str) -> str:
    """A group, everybody, or a time: what stands in it for those who can't show it."""
    name = what.partition("^")[0]
    if name == "date":
        return label
    return f"@{label.removeprefix('@') or name}"


def _link(url: str, label: str) -> str:
    """A label may say anything, so the address stands beside it, unless it is the address."""
    address = url.removeprefix("mailto:").removeprefix("tel:")
    return address if not label or label in url else f"{label} ({address})"
