from datetime import UTC, datetime, timedelta

import pytest

from bot.blocks import text
from tests.unit.bot.samples import AT_TEN


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel>",
        "<!here>",
        "<@U0ALICE>",
        "<#C0INCIDENTS>",
        "<!subteam^S0ONCALL>",
        "<http://evil|grafana>",
        "<!date^1^x|y>",
    ],
)
def test_data_can_neither_mention_nor_link(hostile: str) -> None:
    for made in (text.data(hostile), text.quoted(hostile), text.person(hostile), text.person(f"key:{hostile}")):
        assert "<" not in made
        assert made.count(">") == made.startswith("> ")


@pytest.mark.parametrize("value", ["*b*", "_i_", "~s~", "`c`", "```pre```", "> quote", "a\n> b", "&gt; c"])
def test_data_cannot_format(value: str) -> None:
    made = text.data(value)
    assert not set("*~`") & set(made)
    assert not made.startswith((">", "&gt;", "_"))


def test_underscores_within_names_stay() -> None:
    assert text.data("http_requests_total") == "http_requests_total"


def test_what_turns_text_around_or_hides_it_is_gone() -> None:
    assert text.data("a\u202eb\u200fc\u2066d\x00e\u200bf\r\n\tg") == "abcdef g"
    assert text.data("half a pair \ud800") == "half a pair"


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7, 60, 3000])
@pytest.mark.parametrize("value", ["<" * 5000, "a&b" * 2000, "x" * 5000, "👨‍👩‍👧" * 500])
def test_clipped_text_fits_and_holds_no_half_escape(value: str, limit: int) -> None:
    made = text.data(value, limit)
    assert len(made) <= limit
    assert "&" not in made.replace("&lt;", "").replace("&amp;", "")


@pytest.mark.parametrize("limit", [10, 100, 2800])
def test_a_quotation_fits(limit: int) -> None:
    assert len(text.quoted("<\n" * 3000, limit)) <= limit


def test_a_quotation_keeps_its_lines() -> None:
    assert text.quoted("a\n\n\n> b\r\nc") == "> a\n> \n> › b\n> c"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0 s"), (0, "0 s"), (45, "45 s"), (60, "1 min"), (21 * 60, "21 min"), (3600, "1 h"), (3900, "1 h 5 min"),
     (86400, "1 d"), (86400 * 2 + 3 * 3600 + 59, "2 d 3 h")],
)  # fmt: skip
def test_durations_have_at_most_two_units(seconds: int, shown: str) -> None:
    assert text.duration(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(5.2, "5.2"), (14.0, "14"), (0.0, "0"), (-0.0, "0"), (0.0123, "0.0123"), (99.95, "100"), (1234.5, "1234"),
     (12345.0, "12.3k"), (999_999.0, "1M"), (8589934592.0, "8.59G"), (1.2e-7, "1.2e-7"), (1.5e300, "1.5e300"),
     (-3.14159, "-3.14"), (float("nan"), "NaN"), (float("inf"), "∞"), (float("-inf"), "-∞")],
)  # fmt: skip
def test_numbers_are_short(value: float, shown: str) -> None:
    assert text.number(value) == shown


def test_times_are_in_the_readers_zone_with_utc_to_fall_back_on() -> None:
    assert text.when(AT_TEN) == "<!date^1767348000^{date_short_pretty} at {time}|2026-01-02 10:00 UTC>"
    assert text.clock(datetime(1970, 1, 1, tzinfo=UTC)) == "<!date^0^{time}|00:00 UTC>"


def test_the_fallback_of_a_time_in_another_zone_is_utc() -> None:
    from_seoul = AT_TEN.astimezone(tz=datetime.strptime("+0900", "%z").tzinfo)
    assert text.when(from_seoul) == text.when(AT_TEN)


@pytest.mark.parametrize(
    ("actor", "shown"),
    [(None, "nobody"), ("U0ALICE", "<@U0ALICE>"), ("W012A3CDE", "<@W012A3CDE>"), ("system", "Bongsu"),
     ("key:ci", "API key ci"), ("cli", "cli"), ("u0alice", "u0alice"), ("U0ALICE>", "U0ALICE&gt;")],
)  # fmt: skip
def test_only_people_in_slack_are_mentioned(actor: str | None, shown: str) -> None:
    assert text.person(actor) == shown


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "ftp://x/y", "//x/y", "https://", "http://[", "x" * 3000, "data:text/html,x"],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert text.link(url, "Panel") is None


def test_a_link_cannot_be_left_or_relabelled_by_its_address() -> None:
    assert (
        text.link("https://x.y/a|b>c<d e?a=1&b=2\n", "P|a>") == "<https://x.y/a%7Cb%3Ec%3Cd%20e?a=1&amp;b=2%0A|P¦a&gt;>"
    )
    assert text.link("https://x.y/\ud800", "P") == "<https://x.y/?|P>"
