"""A local time is one moment, also on the two odd days of a year. All of these were worked out by hand."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from incidents.schedules.wall import moment
from tests.unit.schedules.rosters import BERLIN, LORD_HOWE, NEW_YORK, SEOUL, utc


@pytest.mark.parametrize(
    ("zone", "day", "at", "is_at"),
    [
        # Berlin, 29 March 2026: 02:00 CET is followed by 03:00 CEST, at 01:00 UTC.
        (BERLIN, "2026-03-29", "01:59", "2026-03-29 00:59"),
        (BERLIN, "2026-03-29", "02:00", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29", "02:30", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29", "02:59", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29", "03:00", "2026-03-29 01:00"),
        (BERLIN, "2026-03-29", "09:00", "2026-03-29 07:00"),
        # 25 October 2026: 02:00 to 03:00 twice, first at 00:00 UTC.
        (BERLIN, "2026-10-25", "02:00", "2026-10-25 00:00"),
        (BERLIN, "2026-10-25", "02:30", "2026-10-25 00:30"),
        (BERLIN, "2026-10-25", "03:00", "2026-10-25 02:00"),
        (BERLIN, "2027-03-28", "02:30", "2027-03-28 01:00"),
        (BERLIN, "2027-10-31", "02:30", "2027-10-31 00:30"),
        # New York, 8 March 2026: 02:00 EST is followed by 03:00 EDT, at 07:00 UTC.
        (NEW_YORK, "2026-03-08", "01:30", "2026-03-08 06:30"),
        (NEW_YORK, "2026-03-08", "02:30", "2026-03-08 07:00"),
        (NEW_YORK, "2026-03-08", "09:00", "2026-03-08 13:00"),
        # 1 November 2026: 01:00 to 02:00 twice, first at 05:00 UTC.
        (NEW_YORK, "2026-11-01", "01:30", "2026-11-01 05:30"),
        (NEW_YORK, "2026-11-01", "02:00", "2026-11-01 07:00"),
        (NEW_YORK, "2027-03-14", "02:30", "2027-03-14 07:00"),
        (NEW_YORK, "2027-11-07", "01:30", "2027-11-07 05:30"),
        # Seoul has no daylight saving.
        (SEOUL, "2026-03-29", "02:30", "2026-03-28 17:30"),
        (SEOUL, "2026-10-25", "02:30", "2026-10-24 17:30"),
        # Lord Howe moves by half an hour. 4 October 2026: 02:00 +10:30 is followed by 02:30 +11, at 15:30 UTC.
        (LORD_HOWE, "2026-10-04", "01:59", "2026-10-03 15:29"),
        (LORD_HOWE, "2026-10-04", "02:15", "2026-10-03 15:30"),
        (LORD_HOWE, "2026-10-04", "02:30", "2026-10-03 15:30"),
        (LORD_HOWE, "2026-10-04", "09:00", "2026-10-03 22:00"),
        # 5 April 2026: 01:30 to 02:00 twice, first at 14:30 UTC of the day before.
        (LORD_HOWE, "2026-04-05", "01:30", "2026-04-04 14:30"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04 14:45"),
        (LORD_HOWE, "2026-04-05", "02:00", "2026-04-04 15:30"),
        (LORD_HOWE, "2027-10-03", "02:15", "2027-10-02 15:30"),
        (LORD_HOWE, "2027-04-04", "01:45", "2027-04-03 14:45"),
        # Apia left a whole day out: 30 December 2011.
        (ZoneInfo("Pacific/Apia"), "2011-12-30", "09:00", "2011-12-30 10:00"),
    ],
)
def test_a_local_time_is_one_moment(zone: ZoneInfo, day: str, at: str, is_at: str) -> None:
    assert moment(date.fromisoformat(day), time.fromisoformat(at), zone) == utc(is_at)
