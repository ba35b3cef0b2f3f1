"""The answer to ``/incident help``: one line for each verb, which a phone shows on two at most."""

from bot.blocks.kit import section
from bot.commands.verbs import VERBS, Group, example
from bot.language import mark, t
from bot.message import Block, Message

_HEAD = mark("*What `/incident` understands*")
_SPOKEN = mark("What /incident understands: {verbs}.")
_TAIL = mark(
    "A number is `12` or `INC-12`; people are typed with `@`. "
    "Only you see the answers; what you do shows on the card and in its thread."
)


def help_text() -> Message:
    blocks = [section("commands", t(_HEAD)), *(_group(group) for group in Group), section("tail", t(_TAIL))]
    return Message(t(_SPOKEN, verbs=", ".join(VERBS)), blocks)


def _group(group: Group) -> Block:
    entries = {verb: entry for verb, entry in VERBS.items() if entry.group is group}
    lines = [f"`{example(verb)}` {t(entry.meaning)}" for verb, entry in entries.items()]
    return section(f"commands-{group.name.lower()}", f"*{t(group.value)}*", *lines)
