"""How each kind of panel is drawn: a declaration in, a builder of Grafana's SDK out."""

from collections.abc import Callable, Mapping

from grafana_foundation_sdk.builders import barchart, common, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)

from dashboards.build.panels import Column, Kind, Panel

Drawn = stat.Panel | timeseries.Panel | barchart.Panel | table.Panel
PLAIN = "text"


def drawn(panel: Panel) -> Drawn:
    return _KINDS[panel.kind](panel)


def _stat(panel: Panel) -> Drawn:
    values = common.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/")
    return (
        stat.Panel()
        .reduce_options(values)
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds(panel.steps))
    )


def _lines(panel: Panel) -> Drawn:
    return _over_time(panel).draw_style(GraphDrawStyle.LINE).fill_opacity(8).line_width(2).span_nulls(False)


def _bars(panel: Panel) -> Drawn:
    stacked = common.StackingConfig().mode(StackingMode.NORMAL).group("A")
    return _over_time(panel).draw_style(GraphDrawStyle.BARS).fill_opacity(80).line_width(0).stacking(stacked)


def _over_time(panel: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    graph = (
        timeseries.Panel()
        .legend(legend.show_legend(True).calcs([]))
        .tooltip(tooltip)
        .show_points(VisibilityMode.AUTO)
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    )
    return graph.thresholds(thresholds(panel.steps)) if panel.steps else graph


def _ranked(_: Panel) -> Drawn:
    return (
        barchart.Panel()
        .orientation(VizOrientation.HORIZONTAL)
        .show_value(VisibilityMode.AUTO)
        .stacking(StackingMode.NORMAL)
        .fill_opacity(80)
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    )


def _table(panel: Panel) -> Drawn:
    return (
        table.Panel()
        .show_header(True)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds(panel.steps))
    )


def _grid(_: Panel) -> Drawn:
    shade = DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})
    return (
        table.Panel()
        .show_header(True)
        .color_scheme(FieldColor().mode(FieldColorModeId.CONTINUOUS_BL_PU))
        .override_by_field_type("number", [shade])
    )


_KINDS: Mapping[Kind, Callable[[Panel], Drawn]] = {
    Kind.STAT: _stat,
    Kind.LINES: _lines,
    Kind.BARS: _bars,
    Kind.RANKED: _ranked,
    Kind.TABLE: _table,
    Kind.GRID: _grid,
}


def thresholds(steps: Mapping[float | None, str]) -> ThresholdsConfig:
    told = [Threshold(value=value, color=colour) for value, colour in (steps or {None: PLAIN}).items()]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(told)


def overrides(column: Column) -> list[DynamicConfigValue]:
    """What Grafana is told of one column; nothing that its panel says already."""
    plain = {
        "unit": column.unit or None,
        "decimals": column.decimals,
        "custom.hidden": column.hidden or None,
        "custom.width": column.width or None,
        "noValue": column.no_value or None,
    }
    told: dict[str, object] = {name: value for name, value in plain.items() if value is not None}
    if column.link:
        told["links"] = [{"title": "Open", "url": column.link, "targetBlank": True}]
    if column.colour:
        told["color"] = {"mode": "fixed", "fixedColor": column.colour}
    if column.steps or column.colours:
        told["custom.cellOptions"] = {"type": "color-text"}
    if column.steps:
        told["thresholds"] = thresholds(column.steps).build()
    if column.colours:
        by_text = {text: {"color": colour, "index": n} for n, (text, colour) in enumerate(column.colours.items())}
        told["mappings"] = [{"type": "value", "options": by_text}]
    return [DynamicConfigValue(name, value) for name, value in told.items()]
