"""A declared dashboard as Grafana's model, and that as JSON."""

import json
from collections.abc import Iterable

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard, DashboardCursorSync, GridPos

from dashboards.build.drawing import Drawn, drawn, overrides
from dashboards.build.panels import Board, Panel, Row
from dashboards.build.queries import source
from dashboards.build.variables import variables

WIDTH = 24
"""Of Grafana's grid."""


def as_json(board: Board) -> str:
    """Its file, the same whenever it is built."""
    return json.dumps(model(board), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def model(board: Board) -> Dashboard:
    started = (
        build.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags(list(board.tags))
        .editable()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time(board.since, "now")
        .timezone("browser")
        .refresh(board.refresh)
        .variables(variables(board.source, list(board.variables)))
    )
    place = _Places()
    for row in board.rows:
        started = _with_row(started, row, place, board)
    return started.build()


def numbers(board: Board) -> dict[str, int]:
    """The number of each panel by its title."""
    places, found = _Places(), {}
    for row in board.rows:
        places.row()
        for panel in row.panels:
            places.panel(panel)
            found[panel.title] = places.number
    return found


class _Places:
    """Where the next panel goes, from left to right, and its number."""

    def __init__(self) -> None:
        self.number, self._x, self._y, self._tallest = 0, 0, 0, 0

    def row(self) -> GridPos:
        self._break()
        place = GridPos(h=1, w=WIDTH, x=0, y=self._y)
        self._y += 1
        self.number += 1
        return place

    def panel(self, panel: Panel) -> GridPos:
        if self._x + panel.width > WIDTH:
            self._break()
        place = GridPos(h=panel.height, w=panel.width, x=self._x, y=self._y)
        self._x += panel.width
        self._tallest = max(self._tallest, panel.height)
        self.number += 1
        return place

    def _break(self) -> None:
        self._x, self._y, self._tallest = 0, self._y + self._tallest, 0


def _with_row(started: build.Dashboard, row: Row, places: _Places, board: Board) -> build.Dashboard:
    heading = build.Row(row.title).grid_pos(places.row()).id(places.number).collapsed(row.collapsed)
    panels = list(_panels(row.panels, places, board))
    if row.collapsed:
        for panel in panels:
            heading = heading.with_panel(panel)
        return started.with_row(heading)
    started = started.with_row(heading)
    for panel in panels:
        started = started.with_panel(panel)
    return started


def _panels(panels: Iterable[Panel], places: _Places, board: Board) -> Iterable[Drawn]:
    for panel in panels:
        place = places.panel(panel)
        yield _panel(panel, board).grid_pos(place).id(places.number)


def _panel(panel: Panel, board: Board) -> Drawn:
    built = (
        drawn(panel)
        .title(panel.title)
        .description(panel.description)
        .datasource(source(board.source))
        .unit(panel.unit)
        .no_value(panel.no_value)
        .targets(list(panel.queries))
    )
    for bound, told in ((built.decimals, panel.decimals), (built.min, panel.least), (built.max, panel.most)):
        if told is not None:
            bound(told)
    for name, column in panel.columns.items():
        built.override_by_name(name, overrides(column))
    return built
