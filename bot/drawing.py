"""Draws the picture below a digest with matplotlib. Import it only where that is installed: ``bot.chart`` does.

Its words are the field's in English whatever is spoken in the channel: the font that comes along has no others. The
text in its place is in the channel's language. It is opaque, so that it reads the same in a dark Slack as in a light
one, and drawn for a phone, where it is about 340 points wide.
"""

import io
from datetime import timedelta

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.blocks.chart_text import step_name
from bot.blocks.text import duration
from incidents.digests.report import Trend
from incidents.model import Severity

_INCHES = (5.4, 4.6)
_DPI = 200
_TEXT, _SMALL = 15, 13
_INK, _PAPER, _FAINT = "#1d1c1d", "#ffffff", "#d8d8d8"
_MOST_NAMED = 8
"""Steps along the bottom."""
_LEGEND_COLUMNS = 3
_ROOM_FOR_A_ROW = 0.22
"""Of the legend, by the height of the highest bar."""
_COLOURS = {
    Severity.CRITICAL: ("#b3001b", ""),
    Severity.ERROR: ("#e8590c", "//"),
    Severity.WARNING: ("#f2b134", ""),
    Severity.INFO: ("#4a90c2", "\\\\"),
    Severity.UNKNOWN: ("#8a8f98", ".."),
}
"""Hatched, too: never by colour alone."""
_MTTR = "#1f4e9c"


def draw(trend: Trend) -> bytes:
    """A PNG. Nothing of pyplot's: it keeps state that threads would share."""
    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=_PAPER, layout="constrained")
    opened, recovered = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 2)})
    _draw_opened(opened, trend)
    _draw_recovered(recovered, trend)
    _name_steps(recovered, trend)
    written = io.BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _draw_opened(axes: Axes, trend: Trend) -> None:
    """Stacked, the gravest at the bottom, where bars are easiest to compare."""
    places = range(len(trend.steps))
    below = [0] * len(trend.steps)
    for severity, (colour, hatch) in _COLOURS.items():
        counts = [step.figures.severities.get(severity, 0) for step in trend.steps]
        if any(counts):
            bars = axes.bar(places, counts, bottom=below, color=colour, edgecolor=_PAPER, label=severity.value)
            for bar in bars:
                bar.set_hatch(hatch)
            below = [lower + count for lower, count in zip(below, counts, strict=True)]
    _dress(axes, f"Opened per {_length(trend)}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    rows = -(-len(axes.containers) // _LEGEND_COLUMNS)
    axes.set_ylim(0, max(1.0, max(below, default=0) * (1.1 + _ROOM_FOR_A_ROW * rows)))
    if any(below):
        _explain(axes, columns=_LEGEND_COLUMNS)
    else:
        _say(axes, "none")


def _draw_recovered(axes: Axes, trend: Trend) -> None:
    """A dot for each step of which enough is known, and the median of the whole time and of the one before."""
    _dress(axes, "MTTR, median")
    dots = [(at, step.figures.recovered.median) for at, step in enumerate(trend.steps)]
    known = [(at, median.total_seconds()) for at, median in dots if median is not None]
    lines = [("this time", trend.recovered.median, "-"), ("before", trend.before.median, ":")]
    drawn = [(name, median, style) for name, median, style in lines if median is not None]
    if not known and not drawn:
        _say(axes, f"too few to tell (n = {trend.recovered.n})")
        axes.set_yticks([])
        return
    axes.plot([at for at, _ in known], [seconds for _, seconds in known], "o", color=_MTTR, markersize=9)
    for name, median, style in drawn:
        label = f"{name}: {duration(median)}"
        axes.axhline(median.total_seconds(), color=_MTTR, linestyle=style, linewidth=2.2, label=label)
    most = max([seconds for _, seconds in known] + [median.total_seconds() for _, median, _ in drawn])
    axes.set_ylim(0, max(most, 1.0) * 1.5)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda seconds, _: duration(timedelta(seconds=seconds))))
    if drawn:
        _explain(axes, columns=2)


def _name_steps(axes: Axes, trend: Trend) -> None:
    every = -(-len(trend.steps) // _MOST_NAMED)
    places = list(range(0, len(trend.steps), every))
    axes.set_xticks(places, [step_name(trend.steps[at], trend.length) for at in places])
    axes.tick_params(axis="x", pad=10)
    axes.set_xlim(-0.6, len(trend.steps) - 0.4)


def _length(trend: Trend) -> str:
    if trend.length < timedelta(days=1):
        return "hour"
    return "day" if trend.length < timedelta(days=7) else "week"


def _dress(axes: Axes, title: str) -> None:
    axes.set_facecolor(_PAPER)
    axes.set_title(title, loc="left", fontsize=_TEXT, fontweight="bold", color=_INK)
    axes.tick_params(labelsize=_SMALL, colors=_INK, length=0)
    axes.grid(axis="y", color=_FAINT)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_INK)


def _explain(axes: Axes, *, columns: int) -> None:
    """Above all that is drawn; nothing shines through."""
    look = {"fontsize": _SMALL, "facecolor": _PAPER, "edgecolor": _PAPER, "framealpha": 1.0, "labelcolor": _INK}
    axes.legend(loc="upper left", ncols=columns, handlelength=1.4, columnspacing=1.0, borderaxespad=0.0, **look)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.45, text, transform=axes.transAxes, ha="center", va="center", fontsize=_TEXT, color=_INK)
