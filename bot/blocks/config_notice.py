"""A word to who runs Bongsu: ``bongsu.yaml`` was changed, and can't be read."""

from bot.blocks.kit import section
from bot.blocks.text import data, when
from bot.language import t
from bot.message import Message
from incidents.configuration import BrokenConfig


def config_notice(broken: BrokenConfig | None) -> Message:
    """``broken`` None: it can be read again."""
    if broken is None:
        told = t("✅ bongsu.yaml can be read again, and what it says is in force.")
        return Message(told, [section("config", told)])
    told = t("⚠ bongsu.yaml has a mistake since {time}: {mistake}.", time=when(broken.since), mistake=_told(broken))
    what_to_do = t(
        "What it said before stays in force. `bongsu config check` lists every mistake and how to mend it; "
        "it is read again by itself."
    )
    return Message(f"{told} {what_to_do}", [section("config", told, what_to_do)])


def _told(broken: BrokenConfig) -> str:
    return data(broken.mistake).rstrip(".")
