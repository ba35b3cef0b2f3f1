"""The words of a slash command: numbers, people, and what somebody saw as they typed. Pure.

With ``should_escape`` Slack writes people as ``<@U0ALICE|alice>`` and escapes ``& < >``.
Source: https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import html
import re

from bot.blocks.text import data
from bot.commands.command import ME, NOBODY

_NUMBER = re.compile(r"(?:#|inc[-_#]?)?0*([1-9][0-9]{0,9})", re.IGNORECASE)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LABELLED = re.compile(r"<([@#!])[^|>]*\|([^>]*)>")
_LABELLED_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_LONGEST_QUOTE = 60


def first_word(text: str) -> tuple[str, str]:
    """It and the rest; both empty where there is nothing."""
    word, rest, *_ = [*text.split(None, 1), "", ""]
    return word, rest.strip()


def number(word: str) -> int | None:
    """``12``, ``#12`` or ``INC-12``; None for anything else."""
    found = _NUMBER.fullmatch(word.rstrip(",:;."))
    return int(found[1]) if found else None


def person(word: str) -> str | None:
    """A Slack user id, ``ME`` or ``NOBODY``; None for anything else."""
    if word.casefold() in {ME, "myself"}:
        return ME
    if word.casefold() in {NOBODY, "none"}:
        return NOBODY
    found = _PERSON.fullmatch(word)
    return found[1] if found else None


def as_seen(text: str) -> str:
    """What the person saw as they typed: ``<@U0BOB|bob>`` is ``@bob``, ``&lt;`` is ``<``."""
    text = _LABELLED.sub(lambda found: (found[1] if found[1] != "!" else "") + found[2], text)
    return html.unescape(_LABELLED_LINK.sub(r"\1", text))


def shown(word: str) -> str:
    """What was typed, for an answer: harmless mrkdwn."""
    return data(as_seen(word), _LONGEST_QUOTE)
