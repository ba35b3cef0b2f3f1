"""What docs/how-to/dashboards.md tells to type is what is tried."""

import re
from pathlib import Path

from dashboards.build.boards import BOARDS
from tests.grafana_reader import TABLES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "dashboards.md").read_text(encoding="utf-8")


def test_the_user_for_grafana_may_read_what_panels_are_tried_with() -> None:
    assert set(re.findall(r"GRANT SELECT ON bongsu\.(\w+) TO", PAGE)) == set(TABLES)


def test_every_dashboard_is_listed() -> None:
    listed = (ROOT / "dashboards" / "README.md").read_text(encoding="utf-8")
    assert not [board.file for board in BOARDS if f"`{board.file}`" not in listed]
