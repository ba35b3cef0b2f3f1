"""Why Grafana's state is what it is, where that is not the metric.

Source: https://github.com/grafana/grafana/blob/main/pkg/services/ngalert/models/alert_rule.go (StateReason…) and the
annotation grafana_state_reason of templates/template_data.go in grafana/alerting.
"""

from collections.abc import Mapping

from incidents.model import Resolution

ANNOTATION = "grafana_state_reason"

_REASONS = {
    "nodata": Resolution.NO_DATA,
    "error": Resolution.SOURCE_ERROR,
    "missingseries": Resolution.SERIES_MISSING,
    "paused": Resolution.PAUSED,
    "ruledeleted": Resolution.RULE_DELETED,
    "updated": Resolution.RULE_CHANGED,
}


def state_reason(annotations: Mapping[str, str]) -> Resolution | None:
    """The first known word of a list such as ``NoData, KeepLast``; None where there is none."""
    told = annotations.get(ANNOTATION)
    if told is None:
        return None
    words = (word.strip().casefold() for word in told.split(","))
    return next((_REASONS[word] for word in words if word in _REASONS), None)
