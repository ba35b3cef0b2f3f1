"""Panels as Grafana draws them in its dark theme, roughly: a dashboard's JSON and what its queries answered in.

Nothing here knows what a panel is about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dashboards.build.panels import Column, Kind, Panel
from tests.grafana_reader import Answer

_COLUMN, _ROW, _DPI = 66, 34, 100
"""Pixels of one unit of Grafana's grid."""
_MARGIN, _GAP, _TITLE = 14, 4, 30
_PAPER, _PANEL, _LINE, _INK, _FAINT = "#111217", "#181b1f", "#2c3036", "#d6d8dd", "#8b9099"
_COLOURS = {
    "dark-red": "#c4162a", "red": "#f2495c", "orange": "#ff9830", "yellow": "#fade2a", "green": "#73bf69",
    "blue": "#5794f2", "gray": "#9aa0a8", "text": _INK,
}  # fmt: skip
_PALETTE = (
    "#73bf69",
    "#5794f2",
    "#ff9830",
    "#b877d9",
    "#f2495c",
    "#8ab8ff",
    "#fade2a",
    "#ff85b8",
    "#96d98d",
    "#e0b400",
)
_SMALL, _NORMAL, _BIG = 9, 10, 26
_OF_TIME = [1, 1.8, 3.6, 7.2, 10]
"""Seconds at which half an hour, an hour and two are told, not 41.7 minutes."""


@dataclass(frozen=True)
class Shown:
    panel: Panel
    answer: Answer


def draw(dashboard: Mapping[str, Any], shown: Mapping[str, Shown]) -> Figure:
    height = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in dashboard["panels"])
    pixels = 24 * _COLUMN + 2 * _MARGIN, height * _ROW + 2 * _MARGIN
    figure = Figure(figsize=(pixels[0] / _DPI, pixels[1] / _DPI), dpi=_DPI, facecolor=_PAPER)
    for one in dashboard["panels"]:
        if one["type"] == "row":
            _heading(figure, one, pixels)
        else:
            _panel(figure, one["gridPos"], shown[one["title"]], pixels)
    return figure


def _heading(figure: Figure, row: Mapping[str, Any], pixels: tuple[int, int]) -> None:
    y = pixels[1] - _MARGIN - (row["gridPos"]["y"] + 0.5) * _ROW
    figure.text(
        _MARGIN / pixels[0], y / pixels[1], f"⌄  {row['title']}", color=_INK, fontsize=13, va="center", weight="bold"
    )


def _panel(figure: Figure, place: Mapping[str, int], shown: Shown, pixels: tuple[int, int]) -> None:
    left, top = _MARGIN + place["x"] * _COLUMN + _GAP, _MARGIN + place["y"] * _ROW + _GAP
    width, height = place["w"] * _COLUMN - 2 * _GAP, place["h"] * _ROW - 2 * _GAP
    bottom = pixels[1] - top - height
    figure.add_artist(
        FancyBboxPatch(
            (left / pixels[0], bottom / pixels[1]), width / pixels[0], height / pixels[1],
            boxstyle="square,pad=0", facecolor=_PANEL, edgecolor=_LINE, linewidth=0.8,
            transform=figure.transFigure, zorder=-1,
        )
    )  # fmt: skip
    title = (left + 10) / pixels[0], (bottom + height - 16) / pixels[1]
    figure.text(*title, shown.panel.title, color=_INK, fontsize=10.5, va="center")
    inner = _INNER.get(shown.panel.kind, (10, 8, 10))
    box = (
        left + inner[0],
        bottom + inner[1],
        width - inner[0] - inner[2],
        height - _TITLE - inner[1] - (20 if shown.panel.kind is Kind.GRID else 0),
    )
    axes = figure.add_axes((box[0] / pixels[0], box[1] / pixels[1], box[2] / pixels[0], box[3] / pixels[1]))
    axes.set_facecolor("none")
    _KINDS[shown.panel.kind](axes, shown, box[2:])


_INNER = {
    Kind.LINES: (78, 46, 16), Kind.BARS: (58, 46, 16), Kind.RANKED: (120, 44, 24), Kind.STAT: (6, 6, 6),
    Kind.GRID: (44, 8, 10),
}  # fmt: skip
"""Pixels to the left, below, and to the right of what is drawn."""


def _stat(axes: Axes, shown: Shown, _box: tuple[float, float]) -> None:
    axes.set_axis_off()
    row = shown.answer.named[0] if shown.answer.rows else {"": None}
    named = len(row) > 1
    for n, (name, value) in enumerate(row.items()):
        x = (n + 0.5) / len(row)
        text = told(value, _unit(shown.panel, name), shown.panel)
        size = _BIG if value is not None and len(row) < 3 else 20 if value is not None else 15
        colour = _stepped(value, shown.panel.steps)
        axes.text(x, 0.5 if not named else 0.42, text, color=colour, fontsize=size, ha="center", va="center")
        if named:
            axes.text(x, 0.85, name, color=_FAINT, fontsize=_NORMAL, ha="center", va="center")


def _stepped(value: Any, steps: Mapping[float | None, str]) -> str:
    if value is None:
        return _FAINT
    reached = [colour for limit, colour in steps.items() if limit is None or float(value) >= limit]
    return _COLOURS[reached[-1]] if reached else _INK


def _series(shown: Shown) -> dict[str, list[tuple[datetime, float | None]]]:
    """By name. Where a row has a metric, its value is of that; else each column is a series."""
    found: dict[str, list[tuple[datetime, float | None]]] = {}
    for row in shown.answer.named:
        at = datetime.fromtimestamp(float(row["time"]), UTC)
        for name, value in row.items():
            if name not in {"time", "metric"}:
                number = None if value is None else float(value)
                found.setdefault(str(row.get("metric", name)), []).append((at, number))
    return found


def _colour_of(panel: Panel, name: str, n: int) -> str:
    colour = panel.columns.get(name, Column()).colour
    return _COLOURS[colour] if colour else _PALETTE[n % len(_PALETTE)]


def _lines(axes: Axes, shown: Shown, _box: tuple[float, float]) -> None:
    for n, (name, points) in enumerate(_series(shown).items()):
        values = [float("nan") if value is None else value for _, value in points]
        times = [at for at, _ in points]
        colour = _colour_of(shown.panel, name, n)
        axes.plot(times, values, color=colour, linewidth=1.6, marker="o", markersize=3, label=name)  # type: ignore[arg-type]
    _dress(axes, shown)


def _bars(axes: Axes, shown: Shown, _box: tuple[float, float]) -> None:
    series = _series(shown)
    times = sorted({at for points in series.values() for at, _ in points})
    apart = min((later - sooner for sooner, later in pairwise(times)), default=None)
    width = 0.8 if apart is None else apart.total_seconds() / 86400 * 0.85
    below = dict.fromkeys(times, 0.0)
    for n, name in enumerate(sorted(series, key=lambda one: _order(shown.panel, one))):
        points = [(at, value) for at, value in series[name] if value]
        if not points:
            continue
        places, values = [at for at, _ in points], [value for _, value in points]
        base = [below[at] for at in places]
        axes.bar(
            places,
            values,
            width,
            bottom=base,
            align="edge",
            color=_colour_of(shown.panel, name, n),
            label=name,  # type: ignore[arg-type]
        )
        below.update({at: below[at] + value for at, value in points})
    _dress(axes, shown)


def _order(panel: Panel, name: str) -> int:
    """As the panel names them; others after those."""
    names = list(panel.columns)
    return names.index(name) if name in names else len(names)


def _dress(axes: Axes, shown: Shown) -> None:
    for side in axes.spines.values():
        side.set_visible(False)
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_FAINT, labelsize=_SMALL, length=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: told(value, shown.panel.unit, shown.panel)))
    steps = _OF_TIME if shown.panel.unit == "s" else None
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=steps))
    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    axes.set_ylim(bottom=0)
    _legend(axes, -0.11)


def _legend(axes: Axes, y: float) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(-0.02, y), ncols=10, frameon=False, fontsize=_SMALL,
            labelcolor=_INK, handlelength=1, columnspacing=1.2, handletextpad=0.5,
        )  # fmt: skip


def _ranked(axes: Axes, shown: Shown, _box: tuple[float, float]) -> None:
    rows = shown.answer.named
    by = shown.answer.columns[0]
    left = [0.0] * len(rows)
    for n, name in enumerate(shown.answer.columns[1:]):
        values = [float(row[name]) for row in rows]
        if any(values):
            axes.barh(
                range(len(rows)), values, left=left, color=_colour_of(shown.panel, name, n), label=name, height=0.7
            )
            left = [sum_ + value for sum_, value in zip(left, values, strict=True)]
    axes.set_yticks(range(len(rows)), [str(row[by]) for row in rows])
    axes.invert_yaxis()
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=_INK, labelsize=_NORMAL, length=0)
    axes.tick_params(axis="x", colors=_FAINT, labelsize=_SMALL)
    axes.grid(axis="x", color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    _legend(axes, -0.08)


def _table(axes: Axes, shown: Shown, box: tuple[float, float]) -> None:
    columns = [name for name in shown.answer.columns if not shown.panel.columns.get(name, Column()).hidden]
    widths = _widths(shown, columns, box[0])
    axes.set_axis_off()
    axes.set(xlim=(0, box[0]), ylim=(0, box[1]))
    room = min(30.0, box[1] / (len(shown.answer.rows) + 1)) if shown.answer.rows else 30.0
    x = 0.0
    for name, width in zip(columns, widths, strict=True):
        axes.text(x + 6, box[1] - room / 2, name, color="#6e9fff", fontsize=_NORMAL, va="center")
        for n, row in enumerate(shown.answer.named):
            y = box[1] - (n + 1.5) * room
            text, colour = _cell(shown.panel, name, row[name])
            axes.text(x + 6, y, text, color=colour, fontsize=_NORMAL, va="center")
        x += width
    for n in range(len(shown.answer.rows) + 1):
        axes.axhline(box[1] - (n + 1) * room, color=_LINE, linewidth=0.8)
    if not shown.answer.rows:
        axes.text(box[0] / 2, box[1] / 2, shown.panel.no_value, color=_FAINT, fontsize=14, ha="center")


def _widths(shown: Shown, columns: Sequence[str], room: float) -> list[float]:
    """In proportion to the longest text."""
    texts = {
        name: max(
            [len(name), *(len(told(row[name], _unit(shown.panel, name), shown.panel)) for row in shown.answer.named)]
        )
        for name in columns
    }
    whole = sum(texts.values()) + 2 * len(columns)
    return [room * (texts[name] + 2) / whole for name in columns]


def _cell(panel: Panel, name: str, value: Any) -> tuple[str, str]:
    column = panel.columns.get(name, Column())
    text = told(value, _unit(panel, name), panel, column.decimals)
    colour = column.colours.get(str(value), "")
    shade = _COLOURS[colour] if colour else _stepped(value, column.steps) if column.steps else _INK
    return text, "#6e9fff" if column.link else shade


def _grid(axes: Axes, shown: Shown, _box: tuple[float, float]) -> None:
    rows, names = shown.answer.named, list(shown.answer.columns[1:])
    values = [[float(row[name]) for name in names] for row in rows]
    axes.imshow(values, aspect="auto", cmap="magma", interpolation="nearest")
    most = max((max(row) for row in values), default=0)
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            axes.text(
                x,
                y,
                f"{value:.0f}",
                ha="center",
                va="center",
                fontsize=8,
                color="#111217" if value > most * 0.6 else _INK,
            )
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(rows)), [str(row[shown.answer.columns[0]]) for row in rows])
    axes.tick_params(
        colors=_FAINT, labelsize=_SMALL, length=0, top=True, labeltop=True, bottom=False, labelbottom=False
    )
    for side in axes.spines.values():
        side.set_visible(False)


_KINDS: Mapping[Kind, Callable[[Axes, Shown, tuple[float, float]], None]] = {
    Kind.STAT: _stat, Kind.LINES: _lines, Kind.BARS: _bars, Kind.RANKED: _ranked, Kind.TABLE: _table, Kind.GRID: _grid,
}  # fmt: skip


def _unit(panel: Panel, name: str) -> str:
    return panel.columns.get(name, Column()).unit or panel.unit


def told(value: Any, unit: str, panel: Panel, decimals: int | None = None) -> str:
    """As Grafana words it, in this unit."""
    if value is None:
        return panel.no_value if panel.kind is Kind.STAT else ""
    if isinstance(value, str):
        return value
    number, places = float(value), panel.decimals if decimals is None else decimals
    if unit == "percentunit":
        return f"{number * 100:.{places or 0}f} %"
    if unit == "s":
        return _seconds(number)
    return f"{number:.{places}f}" if places is not None else f"{number:.3g}"


def _seconds(number: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "min")):
        if abs(number) >= size:
            amount = f"{number / size:.3g}"
            return f"{amount} {name}{'s' if name != 'min' and amount != '1' else ''}"
    return f"{number:.3g} s" if number else "0"
