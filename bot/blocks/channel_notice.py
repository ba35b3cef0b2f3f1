"""A word to who runs Bongsu: Slack has no place for our messages in a channel."""

from collections.abc import Mapping

from bot.blocks.kit import section
from bot.blocks.text import data, is_slack_person, person
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
    """``unusable`` None: it takes messages again. ``fallback`` is where they go meanwhile.

    What is called a channel may be a person, whom a step of an escalation pages directly.
    """
    is_person = is_slack_person(hour.channel)
    names = {"channel": person(hour.channel) if is_person else data(hour.channel), "fallback": data(fallback)}
    if unusable is None or unusable.code is None:
        told = t("✅ {channel} takes messages again. What went to {fallback} stays there.", **names)
        return Message(told, [section("channel", told)])
    if is_person:
        return _of_person(names, unusable.code)
    why, what_to_do = _WHY.get(unusable.code, _OTHERWISE)
    told = t(why, channel=names["channel"], code=data(unusable.code))
    where = t("Its incidents are shown in {fallback}.", fallback=names["fallback"])
    meanwhile = f"{where} {t(what_to_do, channel=names['channel'])}"
    return Message(f"{told} {meanwhile}", [section("channel", told, meanwhile)])


def _of_person(names: Mapping[str, str], code: str) -> Message:
    told = t("⚠ Slack takes no direct messages to {channel} (`{code}`).", channel=names["channel"], code=data(code))
    meanwhile = t(
        "Their pages are shown in {fallback}. Are they still in Slack? Else take them out of `bongsu.yaml`.",
        fallback=names["fallback"],
    )
    return Message(f"{told} {meanwhile}", [section("channel", told, meanwhile)])
