"""Windows of maintenance for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from incidents.maintenance.model import Scope, Window

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_window(**given: Any) -> Window:
    """Of payments, from ``NOW`` for two hours, unless told otherwise."""
    values: dict[str, Any] = {
        "id": 3,
        "scope": Scope(service=("payments",)),
        "starts_at": NOW,
        "ends_at": NOW + 2 * HOUR,
        "zone": ZoneInfo("Europe/Berlin"),
        "by": "U0ALICE",
        "channel": "C0INCIDENTS",
        "created_at": NOW,
        "reason": "database upgrade",
    }
    return Window(**{**values, **given})


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    """``2026-03-29 01:30`` there, aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
