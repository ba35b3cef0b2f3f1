"""The colours of severities and states, the same in every panel."""

from dashboards.build.panels import Column

_SEVERITIES = {
    "critical": "dark-red", "error": "orange", "warning": "yellow", "info": "blue", "unknown": "gray",
}  # fmt: skip
SEVERITY = Column(colours=_SEVERITIES, width=90)
STATUS = Column(colours={"active": "red", "acknowledged": "orange"}, width=120)
BY_SEVERITY = {name: Column(colour=colour) for name, colour in _SEVERITIES.items()}
"""Of series and columns that are called as severities are."""
BY_PERCENTILE = {
    "p50": Column(colour="green"), "p90": Column(colour="orange"), "p99": Column(colour="dark-red"),
}  # fmt: skip
