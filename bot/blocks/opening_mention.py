"""Who hears of an incident that opens: a message of its own below the card, since an edit notifies nobody."""

from collections.abc import Iterable, Mapping

from bot.blocks import words
from bot.blocks.kit import section
from bot.blocks.text import data
from bot.language import t
from bot.message import Message
from incidents.model import Incident

_LONGEST_TITLE = 150
_LONGEST_HANDLE = 40


def opening_mention(incident: Incident, *, mention: str) -> Message:
    """``mention`` as ``mentions`` writes it."""
    told = t(
        "{mention} {severity} {name} has opened: {title}.",
        mention=mention,
        severity=words.gravity(incident),
        name=incident.name,
        title=words.title(incident, _LONGEST_TITLE).rstrip("."),
    )
    return Message(told, [section("opening", told)])


def mentions(named: Iterable[str], handles: Mapping[str, str]) -> str:
    """People and groups as mrkdwn that mentions them. ``handles``: ids of groups; one that is not there is only named.

    ``<@U…>`` and ``<!subteam^S…>`` are taken as they are: whoever wrote them into ``bongsu.yaml`` was checked there.
    """
    return " ".join(_mention(one, handles) for one in named)


def _mention(named: str, handles: Mapping[str, str]) -> str:
    if not named.startswith("@"):
        return named
    group = handles.get(named.removeprefix("@").casefold())
    return f"<!subteam^{group}>" if group else data(named, _LONGEST_HANDLE)
