"""What is stored is timed by the database's clock alone: processes whose own clocks differ agree on it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("incidents", "db", "jobs", "receiver", "bot", "bongsu", "base")
MODULES = sorted(module for room in ROOMS for module in (ROOT / room).rglob("*.py"))
OWN_CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
    "func": {"now", "current_timestamp", "sysdate", "localtimestamp"},
}
SESSIONS_CLOCK = re.compile(r"\b(NOW|SYSDATE|CURDATE|CURTIME)\s*\(|\b(CURRENT_TIMESTAMP|LOCALTIMESTAMP|LOCALTIME)\b")
ALLOWED = {
    # Whether a signature is too old, or a key has expired, is asked of our own clock. Nothing that it says is stored.
    "receiver/api/dispatch.py: datetime.now",
    "receiver/intake.py: datetime.now",
    "receiver/heartbeats.py: datetime.now",
    "bot/endpoint.py: time.time",
    # What slack_sdk's own tables say where nobody tells when it was: it always does.
    "db/workspace_tables.py: func.now",
    # When a workspace has left, where Slack does not say.
    "bongsu/tenants/switchboard.py: datetime.now",
    # Since when, where somebody says how long ago.
    "bongsu/cli/audit.py: datetime.now",
    # How long ago something was, in words to one person.
    "bot/bolt.py: datetime.now",
    "bongsu/cli/incidents.py: datetime.now",
    # When an incident opens that nobody sees but who imagines it.
    "bongsu/cli/escalation.py: datetime.now",
    # Which events of a calendar are looked at, where no database is asked.
    "bongsu/calendars_told.py: datetime.now",
    # Here we are the sender of alerts, not Bongsu.
    "bongsu/cli/send_test_alert.py: datetime.now",
    "bongsu/cli/send_test_alert.py: time.time",
    "bongsu/demo/stream.py: datetime.now",
    # A test page that no database knows.
    "bongsu/cli/webhook.py: datetime.now",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def clocks(tree: ast.AST) -> Iterator[str]:
    """Every clock but the database's, in UTC, that is named here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in OWN_CLOCKS.get(owner, ()):
                yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{one.name}" for one in node.names if one.name in OWN_CLOCKS["time"])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SESSIONS_CLOCK.search(node.value):
            yield node.value


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("datetime.now(UTC)", ["datetime.now"]),
        ("datetime.datetime.now", ["datetime.now"]),
        ("from time import time", ["time.time"]),
        ("sa.func.now()", ["func.now"]),
        ("'SELECT NOW(6)'", ["SELECT NOW(6)"]),
        ("time.monotonic(); gate.now; uow.now; 'it is now (or never)'; 'UTC_TIMESTAMP(6)'", []),
    ],
)
def test_a_clock_is_known_when_it_is_seen(code: str, found: list[str]) -> None:
    assert list(clocks(ast.parse(code))) == found


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_no_clock_of_our_own_times_what_is_stored(module: Path) -> None:
    found = {f"{relative(module)}: {clock}" for clock in clocks(ast.parse(module.read_bytes()))}
    assert found - ALLOWED == set()
