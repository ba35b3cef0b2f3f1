"""The answer to ``/incident help``."""

from bot.blocks.kit import section
from bot.message import Message

COMMANDS = {
    "list": "what is open, gravest first",
    "show 12": "one incident and what happened to it",
    "ack 12": "you have it",
    "unack 12": "you give it back",
    "resolve 12 rolled back": "close it; the words are kept",
    "reopen 12": "open it again",
    "noise 12 flaky probe": "close it as noise, with the reason",
    "real 12": "it was no noise after all",
    "assign 12 @alice": "she has it (`me`, or `nobody` to take it away)",
    "note 12 looking at the database": "write down what the others should know",
    "merge 12 into 14": "they are one trouble; a button undoes it",
    "split 12": "some of its series are another trouble",
    "help": "this",
}
_TAIL = "A number is `12` or `INC-12`. Only you see the answers; what you do shows on the card and in its thread."


def help_text() -> Message:
    lines = [f"`/incident {example}` {meaning}" for example, meaning in COMMANDS.items()]
    return Message(
        "What /incident understands: " + ", ".join(example.split()[0] for example in COMMANDS) + ".",
        [section("commands", "*What `/incident` understands*", *lines), section("tail", _TAIL)],
    )
