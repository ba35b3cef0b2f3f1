"""A word to who runs Bongsu: Slack has no place for our messages in a channel."""

from bot.blocks.kit import section
from bot.blocks.text import data
from bot.language import mark, t
from bot.message import Message
from incidents.channels import ChannelHour, UnusableChannel

_WHY = {
    "channel_not_found": (
        mark("⚠ Slack takes no messages in {channel}: there is no such channel, or it is private and Bongsu is no "
             "member (`{code}`)."),
        mark("Correct the route in `bongsu.yaml`, or write `/invite @Bongsu` in {channel}."),
    ),
    "is_archived": (
        mark("⚠ Slack takes no messages in {channel}: it is archived (`{code}`)."),
        mark("Unarchive it, or correct the route in `bongsu.yaml`."),
    ),
    "not_in_channel": (
        mark("⚠ Slack takes no messages in {channel}: Bongsu is no member of it (`{code}`)."),
        mark("Write `/invite @Bongsu` in {channel}."),
    ),
}  # fmt: skip
_OTHERWISE = (
    mark("⚠ Slack takes no messages in {channel}: Bongsu may not write there (`{code}`)."),
    mark("See the channel's posting permissions, or correct the route in `bongsu.yaml`."),
)


def channel_notice(hour: ChannelHour, unusable: UnusableChannel | None, *, fallback: str) -> Message:
    """``unusable`` None: it takes messages again. ``fallback`` is where they go meanwhile."""
    names = {"channel": data(hour.channel), "fallback": data(fallback)}
    if unusable is None or unusable.code is None:
        told = t("✅ {channel} takes messages again. What went to {fallback} stays there.", **names)
        return Message(told, [section("channel", told)])
    why, what_to_do = _WHY.get(unusable.code, _OTHERWISE)
    told = t(why, channel=names["channel"], code=data(unusable.code))
    where = t("Its incidents are shown in {fallback}.", fallback=names["fallback"])
    meanwhile = f"{where} {t(what_to_do, channel=names['channel'])}"
    return Message(f"{told} {meanwhile}", [section("channel", told, meanwhile)])
