"""A word to who runs Bongsu: pages don't get through to an outgoing webhook."""

from bot.blocks.kit import section
from bot.blocks.text import data, when
from bot.language import t, tn
from bot.message import Message
from incidents.escalation.webhooks import WebhookHour, WebhookTrouble

_LONGEST_ERROR = 400
_LONGEST_NAME = 80


def webhook_notice(hour: WebhookHour, trouble: WebhookTrouble) -> Message:
    """``⚠ Webhook pager: 2 calls since 10:00 were given up: it answered 401.``, one message an hour."""
    name = data(hour.name, _LONGEST_NAME)
    if not trouble.waiting and not trouble.gave_up:
        told = t("✅ Webhook {name} has taken all that it was told since {time}.", name=name, time=when(hour.since))
        return Message(told, [section("webhook", told)])
    told = t("⚠ Webhook {name}: {counted}.", name=name, counted="; ".join(_counted(hour, trouble)))
    why = t("The latest error: {error}.", error=data(trouble.error, _LONGEST_ERROR).rstrip("."))
    what_to_do = t("`bongsu webhook test {name}` says what is wrong.", name=name)
    return Message(f"{told} {why} {what_to_do}", [section("webhook", told, f"{why} {what_to_do}")])


def _counted(hour: WebhookHour, trouble: WebhookTrouble) -> list[str]:
    since = when(hour.since)
    told = []
    if trouble.gave_up:
        told.append(
            tn(
                "{count} call since {time} did not get through and is not tried again",
                "{count} calls since {time} did not get through and are not tried again",
                trouble.gave_up,
                time=since,
            )
        )
    if trouble.waiting:
        told.append(
            tn(
                "{count} call since {time} does not get through yet and is tried again",
                "{count} calls since {time} do not get through yet and are tried again",
                trouble.waiting,
                time=since,
            )
        )
    return told
