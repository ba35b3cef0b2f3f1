"""A word to who runs Bongsu: pages don't get through to an outgoing webhook."""

from collections.abc import Iterator

from bot.blocks.kit import section
from bot.blocks.text import data, when
from bot.language import t, tn
from bot.message import Message
from incidents.escalation.webhooks import WebhookHour, WebhookTrouble

_LONGEST_ERROR = 400
_LONGEST_NAME = 80


def webhook_notice(hour: WebhookHour, trouble: WebhookTrouble) -> Message:
    """``⚠ Webhook pager, since 10:00: 2 calls did not get through and are not tried again.``, one message an hour."""
    name, since = data(hour.name, _LONGEST_NAME), when(hour.since)
    if not trouble.waiting and not trouble.gave_up:
        told = t("✅ Webhook {name} has taken everything sent since {time}.", name=name, time=since)
        return Message(told, [section("webhook", told)])
    counted = "; ".join(_counted(trouble))
    told = t("⚠ Webhook {name}, since {time}: {counted}.", name=name, time=since, counted=counted)
    why = t("The latest error: {error}.", error=data(trouble.error, _LONGEST_ERROR).rstrip("."))
    what_to_do = t("`bongsu webhook test {name}` says what is wrong.", name=name)
    return Message(f"{told} {why} {what_to_do}", [section("webhook", told, f"{why} {what_to_do}")])


def _counted(trouble: WebhookTrouble) -> Iterator[str]:
    if trouble.gave_up:
        yield tn(
            "{count} call did not get through and is not tried again",
            "{count} calls did not get through and are not tried again",
            trouble.gave_up,
        )
    if trouble.waiting:
        yield tn(
            "{count} call does not get through yet and is tried again",
            "{count} calls do not get through yet and are tried again",
            trouble.waiting,
        )
