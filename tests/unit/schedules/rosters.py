"""Schedules for tests, and moments in words."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from incidents.schedules import Layer, Rotation, Schedule, Unit, Window

BERLIN, NEW_YORK, SEOUL, LORD_HOWE = ZONES = [
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe")
]
ALICE, BOB, CAROL = PEOPLE = ("U0ALICE", "U0BOB", "U0CAROL")
MONDAY = date(2026, 1, 5)


def rotation(*people: str, every: int = 7, unit: Unit = Unit.DAYS, at: str = "09:00", start: date = MONDAY) -> Rotation:
    return Rotation(people or PEOPLE, every, unit, time.fromisoformat(at), start)


def schedule(*rotations: Rotation, zone: ZoneInfo = BERLIN) -> Schedule:
    return Schedule("payments", zone, tuple(Layer(f"layer {n}", one) for n, one in enumerate(rotations, start=1)))


def window(begin: str, end: str, days: str = "0123456") -> Window:
    return Window(frozenset(map(int, days)), time.fromisoformat(begin), time.fromisoformat(end))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)
