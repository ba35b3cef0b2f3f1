"""A word to who runs Bongsu: Slack has no place for our messages in a channel."""

from bot.blocks.kit import section
from bot.blocks.text import data
from bot.message import Message
from incidents.channels import ChannelHour, UnusableChannel

_WHY = {
    "channel_not_found": (
        "there is no such channel, or it is private and Bongsu is no member",
        "Correct the route in `bongsu.yaml`, or write `/invite @Bongsu` there.",
    ),
    "is_archived": ("it is archived", "Unarchive it, or correct the route in `bongsu.yaml`."),
    "not_in_channel": ("Bongsu is no member of it", "Write `/invite @Bongsu` there."),
}
_OTHERWISE = (
    "Bongsu may not write there",
    "See the channel's posting permissions, or correct the route in `bongsu.yaml`.",
)


def channel_notice(hour: ChannelHour, unusable: UnusableChannel | None, *, fallback: str) -> Message:
    """``unusable`` None: it takes messages again. ``fallback`` is where they go meanwhile."""
    name = data(hour.channel)
    if unusable is None or unusable.code is None:
        told = f"✅ {name} takes messages again. What went to {data(fallback)} stays there."
        return Message(told, [section("channel", told)])
    why, what_to_do = _WHY.get(unusable.code, _OTHERWISE)
    told = f"⚠ Slack takes no messages in {name}: {why} (`{data(unusable.code)}`)."
    meanwhile = f"Its incidents are shown in {data(fallback)}. {what_to_do}"
    return Message(f"{told} {meanwhile}", [section("channel", told, meanwhile)])
