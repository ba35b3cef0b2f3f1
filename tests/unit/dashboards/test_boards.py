"""What holds for each dashboard: its file is what is built, Grafana's models take it, and no panel goes unexplained."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.build.__main__ import FOLDER
from dashboards.build.assembling import WIDTH, as_json
from dashboards.build.boards import BOARDS
from dashboards.build.panels import Board

BOARD = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)


def stored(board: Board) -> dict[str, Any]:
    return dict(json.loads((FOLDER / board.file).read_text(encoding="utf-8")))


def panels(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in told["panels"]:
        yield panel
        yield from panel.get("panels") or []


@BOARD
def test_its_file_is_what_is_built(board: Board) -> None:
    assert (FOLDER / board.file).read_text(encoding="utf-8") == as_json(board), "run `make dashboards`"


@BOARD
def test_grafanas_models_lose_nothing_of_it(board: Board) -> None:
    register_default_plugins()
    told = stored(board)
    assert json.loads(json.dumps(Dashboard.from_json(told), cls=JSONEncoder)) == told


def test_no_file_is_left_of_a_dashboard_that_is_gone() -> None:
    assert {path.name for path in Path(FOLDER).glob("*.json")} == {board.file for board in BOARDS}


@BOARD
def test_it_asks_for_no_function_that_mysql_has_dropped(board: Board) -> None:
    """MySQL 9.7 says that they do not exist."""
    assert not re.findall(r"\b(?:MD5|SHA1?|PASSWORD|ENCRYPT)\(", (FOLDER / board.file).read_text(encoding="utf-8"))


@BOARD
def test_every_panel_says_what_it_shows_and_by_which_definition(board: Board) -> None:
    assert not [panel.title for panel in board.panels if len(panel.description) < 40]
    assert not [panel.title for panel in board.panels if not panel.description.endswith(".")]


@BOARD
def test_panels_have_numbers_of_their_own_and_do_not_overlap(board: Board) -> None:
    shown = list(panels(stored(board)))
    assert len({panel["id"] for panel in shown}) == len(shown)
    assert not [panel["title"] for panel in shown if panel["gridPos"]["x"] + panel["gridPos"]["w"] > WIDTH]
    assert not [(one["title"], two["title"]) for one, two in combinations(shown, 2) if overlap(one, two)]


def overlap(one: dict[str, Any], two: dict[str, Any]) -> bool:
    first, second = one["gridPos"], two["gridPos"]
    beside = first["x"] + first["w"] <= second["x"] or second["x"] + second["w"] <= first["x"]
    above = first["y"] + first["h"] <= second["y"] or second["y"] + second["h"] <= first["y"]
    return not (beside or above)


@BOARD
def test_it_imports_anywhere(board: Board) -> None:
    """Its data source is a variable, so it names none."""
    text = (FOLDER / board.file).read_text(encoding="utf-8")
    uids = {source["uid"] for source in found(json.loads(text), "datasource")}
    assert uids == {"${datasource}"}


def found(told: Any, key: str) -> Iterator[Any]:
    if isinstance(told, dict):
        yield from [value for name, value in told.items() if name == key and isinstance(value, dict)]
    for value in told.values() if isinstance(told, dict) else told if isinstance(told, list) else []:
        yield from found(value, key)
