import pytest

from bot.blocks.channel_notice import channel_notice
from bot.blocks.config_notice import config_notice
from bot.blocks.notice import refusals_notice
from bot.blocks.overdue_notice import overdue_notice
from incidents.channels import ChannelHour, UnusableChannel
from incidents.configuration import BrokenConfig, ConfigHour
from incidents.deliveries import Refusals, SourceHour
from incidents.escalation.overdue import Overdue, OverdueHour
from tests.unit.bot.samples import AT_TEN, minutes
from tests.unit.bot.snapshots import expect_message

HOUR = SourceHour.of("grafana", minutes(59))
WRONG = 'alerts[0].startsAt: it is missing, or no time: this is the string "yesterday"'
NOTICES = {
    "one": Refusals(1, latest_at=minutes(12), latest_error=WRONG),
    "three": Refusals(3, latest_at=minutes(12), latest_error=WRONG),
    "some-replayed": Refusals(3, replayed=2, latest_at=minutes(12), latest_error=WRONG),
    "one-replayed": Refusals(1, replayed=1),
    "all-replayed": Refusals(3, replayed=3),
    "flood": Refusals(10_000, latest_at=minutes(12), latest_error=WRONG, is_more=True),
    "hostile": Refusals(1, latest_at=minutes(12), latest_error="<!channel> *b* <http://evil|x>\n> " + "<" * 9000),
}


@pytest.mark.parametrize("name", NOTICES)
def test_each_notice_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"notice-{name}", refusals_notice(HOUR, NOTICES[name]))


def test_what_a_sender_wrote_can_neither_mention_nor_link() -> None:
    message = refusals_notice(HOUR, NOTICES["hostile"])
    for told in (message.text, message.blocks[0]["text"]["text"]):
        assert "<!channel" not in told
        assert "<http" not in told


def test_an_hour_is_found_again_by_its_name() -> None:
    assert HOUR.since == AT_TEN
    assert SourceHour.named(HOUR.subject) == HOUR
    assert SourceHour.of("grafana", minutes(60)) != HOUR
    assert len(SourceHour.of("a" * 32, AT_TEN).subject) <= 64


BROKEN = {
    "plain": "line 12, column 5: there is no such key 'chanel': did you mean 'channel'?",
    "hostile": "line 1, column 1: '<!channel> *b* <http://evil|x>' is no channel: write \"#name\"",
}


@pytest.mark.parametrize("name", [*BROKEN, "mended"])
def test_each_word_on_the_configuration_is_as_it_was_looked_at(name: str) -> None:
    broken = BrokenConfig(BROKEN[name], minutes(12)) if name in BROKEN else None
    message = config_notice(broken)
    expect_message(f"config-{name}", message)
    assert "<!channel" not in message.text
    assert "<http" not in message.text


def test_the_hour_of_a_broken_configuration_is_found_again_by_its_name() -> None:
    hour = ConfigHour.of(minutes(59))
    assert ConfigHour.named(hour.subject) == hour
    assert ConfigHour.named(HOUR.subject) is None
    assert len(hour.subject) <= 64


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action", None])
def test_each_word_on_a_channel_is_as_it_was_looked_at(code: str | None) -> None:
    channel = "#결제-<!channel>-" + "ü" * 300
    message = channel_notice(ChannelHour.of(channel, AT_TEN), UnusableChannel(channel, code), fallback="#incidents")
    expect_message(f"channel-long-{code or 'again'}", message)
    assert "<!channel>" not in message.text


LATE = {
    "one": Overdue(1, minutes(3), minutes(4)),
    "many": Overdue(12_345, minutes(3), minutes(59)),
    "none": Overdue(0, None, minutes(59)),
}


@pytest.mark.parametrize("name", LATE)
def test_late_steps_are_told_as_things_stand(name: str) -> None:
    expect_message(f"notice-overdue-{name}", overdue_notice(LATE[name]))


def test_an_hour_of_late_steps_is_found_again_by_its_name() -> None:
    hour = OverdueHour.of(minutes(59))
    assert hour == OverdueHour.of(AT_TEN) != OverdueHour.of(minutes(60))
    assert OverdueHour.named(hour.subject) == hour
    assert OverdueHour.named(HOUR.subject) is None
