import pytest

from bot.blocks.notice import refusals_notice
from incidents.deliveries import Refusals, SourceHour
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
