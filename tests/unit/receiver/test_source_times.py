"""Times as Go writes them, and as others get them wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from receiver.sources import times


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-02T01:10:20Z", datetime(2026, 3, 2, 1, 10, 20, tzinfo=UTC)),
        ("2026-03-02T01:10:20.4Z", datetime(2026, 3, 2, 1, 10, 20, 400000, tzinfo=UTC)),
        ("2026-03-02T01:10:20.000001Z", datetime(2026, 3, 2, 1, 10, 20, 1, tzinfo=UTC)),
        ("2026-03-02T01:10:20.123456999Z", datetime(2026, 3, 2, 1, 10, 20, 123456, tzinfo=UTC)),
        ("2026-03-02T01:10:20+09:00", datetime(2026, 3, 1, 16, 10, 20, tzinfo=UTC)),
        ("2026-03-02T01:10:20.5-03:30", datetime(2026, 3, 2, 4, 40, 20, 500000, tzinfo=UTC)),
        ("2026-03-02t01:10:20z", datetime(2026, 3, 2, 1, 10, 20, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59.999999999Z", datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_time_is_read_as_utc_with_microseconds_cut_off(text: str, time: datetime) -> None:
    parsed = times.parse(text)
    assert parsed == time
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        None, "", 0, 1772413820, True, [], {}, "now", "2026-03-02", "2026-03-02T01:10:20", "2026-3-2T01:10:20Z",
        "2026-03-02T01:10:20.Z", "2026-03-02T01:10:20.1234567890Z", "2026-03-02T25:00:00Z", "2026-13-02T01:10:20Z",
        "2026-02-30T01:10:20Z", "2026-03-02T01:10:20+24:00", "2026-03-02T01:10:20+00:60", "2026-03-02T01:10:20+9:00",
        "٢٠٢٦-03-02T01:10:20Z", "2026-03-02T01:10:20Z\n", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0000-00-00T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_time_that_can_be_meant_is_refused(value: Any) -> None:
    with pytest.raises(times.BadTime):
        times.parse(value)
    assert times.parse_or_none(value) is None


def digits(most: int) -> st.SearchStrategy[str]:
    return st.text("0123456789W-:٢ ", min_size=1, max_size=most)


@settings(database=None, deadline=None, derandomize=True, max_examples=500)
@given(
    st.one_of(
        st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
        st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat()),
        st.builds("{}T{}.{}Z".format, digits(10), digits(8), digits(10)),
        st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,10})?Z\Z"),
    )
)
@example("2026-W10-1T01:10:20Z")
@example("2026-03-02T24:00:00Z")
@example("2026-03-02T01:10:60Z")
def test_the_fast_way_takes_nothing_that_the_careful_one_would_not(text: str) -> None:
    fast = times._as_go_writes_it(text)
    if fast is not None:
        assert (fast, fast.tzinfo) == (times._by_the_letter(text), UTC)


def test_grafanas_times_go_the_fast_way() -> None:
    assert times._as_go_writes_it("2026-03-02T01:10:20.482913377Z") == datetime(
        2026, 3, 2, 1, 10, 20, 482913, tzinfo=UTC
    )
