"""Does a Grafana alert tell what its rule measures, that the rule can't see, or that somebody tries the webhook?

When a query finds nothing or fails, Grafana sends an alert of its own, named DatasourceNoData or DatasourceError, whose
label ``rulename`` has the real name. Source: grafana/alerting and
https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/nodata-and-error-states/
"""

from collections.abc import Mapping

from incidents.model import AlertKind
from receiver.sources.text import first_line, one_line

_BLIND = {"DatasourceNoData": AlertKind.NO_DATA, "DatasourceError": AlertKind.ERROR}


def kind(labels: Mapping[str, str]) -> AlertKind:
    """Somebody's own rule of such a name has none of the labels that Grafana adds, so it is a rule like any other."""
    name = labels.get("alertname", "")
    if name in _BLIND and ("rulename" in labels or "datasource_uid" in labels):
        return _BLIND[name]
    if name == "TestAlert" and labels.get("instance") == "Grafana":
        return AlertKind.TEST
    return AlertKind.DATA


def name(labels: Mapping[str, str], of: AlertKind) -> str:
    """What the rule is called, on one line; "" where no label says it."""
    real = one_line(labels.get("rulename", "")) if of in _WORDS else ""
    return real or one_line(labels.get("alertname", ""))


def in_words(of: AlertKind, rule: str, annotations: Mapping[str, str]) -> str:
    """What the alert says if its annotations say nothing better: of one that measures, the rule's name.

    Grafana puts the query's error into the annotation ``Error``.
    """
    if of not in _WORDS:
        return rule
    error = first_line(annotations.get("Error", "")) if of is AlertKind.ERROR else ""
    return _WORDS[of].format(rule=rule) + (f": {error}" if error else "")


_WORDS = {
    AlertKind.NO_DATA: 'No data for the rule "{rule}"',
    AlertKind.ERROR: 'The query of the rule "{rule}" fails',
}
