"""What the panels of *Bongsu itself* ask Prometheus, and how they are drawn."""

from collections.abc import Mapping, Sequence

from dashboards.build.panels import Kind, Panel
from dashboards.build.queries import Prom, Query

RATE = "$__rate_interval"
HERE = 'instance=~"$instance"'
GOOD, DOUBTFUL, BAD = "green", "orange", "red"
NOTHING: Mapping[float | None, str] = {None: GOOD, 1: BAD}
"""Every single one is too many."""
SECONDS, PER_SECOND, SHARE = "s", "cps", "percentunit"


def a_minute(metric: str, by: str, where: str = "") -> Prom:
    """How often it happened, by a label, in a minute."""
    chosen = f"{HERE},{where}" if where else HERE
    return Prom(f"sum by ({by}) (rate({metric}{{{chosen}}}[{RATE}])) * 60", f"{{{{{by}}}}}")


def quantile(share: float, histogram: str, by: str = "", where: str = "", ref: str = "A") -> Prom:
    """So much of all took no longer."""
    chosen = f"{HERE},{where}" if where else HERE
    labels = f"le, {by}" if by else "le"
    named = f"{{{{{by}}}}}" if by else f"p{share * 100:g}"
    expr = f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{{chosen}}}[{RATE}])))"
    return Prom(expr, named, ref=ref)


def three_quantiles(histogram: str) -> list[Prom]:
    return [quantile(share, histogram, ref=ref) for share, ref in ((0.5, "A"), (0.9, "B"), (0.99, "C"))]


def greatest(metric: str, what: str, ref: str = "A") -> Prom:
    """Of a figure from the database, which is the same on every process."""
    return Prom(f"max by (tenant) ({metric})", f"{what} {{{{tenant}}}}", ref=ref)


def since(metric: str, what: str, ref: str = "A") -> Prom:
    """How long ago the time was that it tells; nothing where there was none."""
    return Prom(f"time() - (max by (tenant) ({metric}) > 0)", f"{what} {{{{tenant}}}}", ref=ref)


def lines(
    title: str,
    description: str,
    query: Query | Sequence[Query],
    *,
    unit: str = "short",
    width: int = 6,
    steps: Mapping[float | None, str] | None = None,
) -> Panel:
    """Values over time, none of which is less than 0."""
    return Panel(title, description, query, Kind.LINES, unit=unit, width=width, height=7, least=0, steps=steps or {})


def bars(title: str, description: str, query: Query | Sequence[Query], *, width: int = 6) -> Panel:
    """How often something happened, over time."""
    return Panel(title, description, query, Kind.BARS, width=width, height=7)
