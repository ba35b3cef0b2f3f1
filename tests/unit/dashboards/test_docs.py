"""What docs/how-to/dashboards.md tells to type is what is tried."""

import re
from pathlib import Path

from dashboards.build.boards import BOARDS
from tests.grafana_reader import as_told, sql_dashboards
from tests.grafana_sql import questions, variables_of

ROOT = Path(__file__).parents[3]


def test_the_user_for_grafana_may_read_nothing_that_no_panel_and_no_variable_does() -> None:
    """That it may read enough, each panel shows that is tried with it."""
    boards = sql_dashboards().values()
    asked = [one.sql or "" for board in boards for one in (*questions(board), *variables_of(board))]
    words = set(re.findall(r"\w+", " ".join(asked)))
    grant = re.compile(r"GRANT SELECT (?:\((.+)\) )?ON bongsu\.(\w+) TO .+", re.DOTALL)
    granted = [grant.fullmatch(one) for one in as_told()[1:]]
    assert all(granted)
    told = {one[2]: re.findall(r"\w+", one[1] or "") for one in granted if one}
    assert not {*told, *(name for names in told.values() for name in names)} - words
    assert {"incidents", "incident_events", "alerts", "outbox"} == {table for table, names in told.items() if names}


def test_every_dashboard_is_listed() -> None:
    listed = (ROOT / "dashboards" / "README.md").read_text(encoding="utf-8")
    assert not [board.file for board in BOARDS if f"`{board.file}`" not in listed]
