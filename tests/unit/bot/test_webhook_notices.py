"""What is said to who runs Bongsu where pages don't get through to a webhook."""

import pytest

from bot.blocks.webhook_notice import webhook_notice
from incidents.channels import ChannelHour
from incidents.escalation.webhooks import WebhookHour, WebhookTrouble
from tests.unit.bot.samples import AT_TEN, minutes
from tests.unit.bot.snapshots import expect_message

HOUR = WebhookHour.of("pager", minutes(59))
NOTICES = {
    "one-waits": WebhookTrouble(1, 0, "it did not answer within 10 s"),
    "two-gave-up": WebhookTrouble(0, 2, "it answered 401: invalid key."),
    "both": WebhookTrouble(3, 1, "it answered 503"),
    "over": WebhookTrouble(0, 0),
    "hostile": WebhookTrouble(1000, 1000, "it answered 400: <!channel> *b* <http://evil|x>" + "<" * 9000),
}


@pytest.mark.parametrize("name", NOTICES)
def test_each_word_on_a_webhook_is_as_it_was_looked_at(name: str) -> None:
    hour = HOUR if name != "hostile" else WebhookHour.of("https://" + "x<!channel>" * 30, AT_TEN)
    message = webhook_notice(hour, NOTICES[name])
    expect_message(f"webhook-{name}", message)
    assert "<!channel" not in message.text
    assert "<http" not in message.text


def test_an_hour_of_a_webhook_is_found_again_by_its_name() -> None:
    assert HOUR.since == AT_TEN
    for name in ("pager", "https://example.com/…1a2b3c", "https://" + "x" * 250):
        hour = WebhookHour.of(name, AT_TEN)
        assert WebhookHour.named(hour.subject) == hour
        assert len(hour.subject) <= 64
    assert WebhookHour.named(ChannelHour.of("#a", AT_TEN).subject) is None
