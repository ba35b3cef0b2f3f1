"""What the dashboard, the alert rules and the page ask for is what ``/metrics`` has, with those labels."""

import re
from pathlib import Path

import pytest

from dashboards.build.alerting import Alert
from dashboards.build.alerts import GROUPS
from dashboards.build.bongsu_itself import BONGSU_ITSELF
from dashboards.build.queries import Prom
from receiver.api.routes import OPERATIONS
from tests.built_metrics import Metric, metrics, series

PAGE = (Path(__file__).parents[3] / "docs/reference/metrics.md").read_text(encoding="utf-8")
ALERTS = [alert for group in GROUPS for alert in group.alerts]
QUERIES = [(panel.title, query) for row in BONGSU_ITSELF.rows for panel in row.panels for query in panel.queries]

_SERIES = re.compile(r"\b((?:bongsu|process)_\w+)(?:\{([^}]*)\})?")
_MATCHED = re.compile(r"(\w+)(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")
_TOLD = re.compile(r"\$labels\.(\w+)")
_LEGEND = re.compile(r"\{\{(\w+)\}\}")
_ANYWHERE = {"job", "instance", "tenant", "le"}
"""Labels that a scrape, a second tenant, or a histogram brings."""
_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*) \| (.+) \| (.*) \|$", re.MULTILINE)


def asked(expr: str) -> list[tuple[Metric, set[str]]]:
    """Each metric in it, with the labels that it is chosen by. Fails where there is no such metric."""
    found = _SERIES.findall(expr)
    assert found, expr
    unknown = {name for name, _ in found} - set(series())
    assert not unknown
    return [(series()[name], set(_MATCHED.findall(chosen))) for name, chosen in found]


def labels_that_it_lacks(expr: str, more: set[str]) -> set[str]:
    """Of those that ``expr``, or what is told of its answer, names."""
    grouped = {label.strip() for labels in _GROUPED.findall(expr) for label in labels.split(",") if label.strip()}
    told = asked(expr)
    lacks = {label for metric, chosen in told for label in chosen - set(metric.labels) - _ANYWHERE}
    every = {label for metric, _ in told for label in metric.labels} | _ANYWHERE
    return lacks | ((grouped | more) - every)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_asks_for_what_there_is(alert: Alert) -> None:
    text = alert.summary + alert.description
    assert labels_that_it_lacks(alert.expr, set(_TOLD.findall(text))) == set()
    kept = {label for labels in _GROUPED.findall(alert.expr) for label in re.findall(r"\w+", labels)}
    if "by (" in alert.expr:
        assert set(_TOLD.findall(text)) <= kept | {"tenant"}


def test_what_the_alert_about_the_api_watches_is_there_before_anything_fails() -> None:
    """Else the first failures of all would be a beginning and no increase."""
    begins = metrics()["bongsu_api_requests_total"].begins
    assert begins == {(operation.name, status) for operation in OPERATIONS for status in ("500", "503")}


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=lambda told: told if isinstance(told, str) else "")
def test_a_panel_asks_for_what_there_is(title: str, query: object) -> None:
    assert isinstance(query, Prom)
    assert labels_that_it_lacks(query.expr, set(_LEGEND.findall(query.legend))) == set()


def test_no_two_panels_have_one_name() -> None:
    titles = [panel.title for row in BONGSU_ITSELF.rows for panel in row.panels]
    assert len(set(titles)) == len(titles)


def test_the_page_has_exactly_the_metrics_that_there_are() -> None:
    told = {name: (kind, tuple(labels.split(", ")) if labels else ()) for name, kind, labels, *_ in _ROW.findall(PAGE)}
    assert told == {metric.name: (metric.kind, metric.labels) for metric in metrics().values()}


def test_the_page_names_at_each_metric_the_alerts_that_use_it() -> None:
    uses = {name: {alert.name for alert in ALERTS if _uses(alert.expr, name)} for name in metrics()}
    assert {name: set(re.findall(r"\[(\w+)\]", alerts)) for name, *_, alerts in _ROW.findall(PAGE)} == uses


def _uses(expr: str, name: str) -> bool:
    return name in {metric.name for metric, _ in asked(expr)}


def test_the_page_has_a_section_for_each_alert_that_begins_with_its_severity() -> None:
    sections = re.findall(r"^#### (Bongsu\w+)\n\n(\w+)", PAGE, re.MULTILINE)
    assert sections == [(alert.name, alert.severity.value) for alert in ALERTS]
