"""What is a Grafana alert about?"""

import pytest

from incidents.model import AlertKind
from receiver.sources import kind

NO_DATA = {"alertname": "DatasourceNoData", "rulename": " Queue\n grows "}
ERROR = {"alertname": "DatasourceError", "datasource_uid": "mimir"}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (NO_DATA, AlertKind.NO_DATA),
        (ERROR, AlertKind.ERROR),
        ({"alertname": "TestAlert", "instance": "Grafana"}, AlertKind.TEST),
        ({"alertname": "TestAlert", "instance": "Grafana", "grafana_folder": "x"}, AlertKind.TEST),
        ({"alertname": "DatasourceNoData"}, AlertKind.DATA),
        ({"alertname": "DatasourceError", "service": "x"}, AlertKind.DATA),
        ({"alertname": "TestAlert"}, AlertKind.DATA),
        ({"alertname": "TestAlert", "instance": "db-1"}, AlertKind.DATA),
        ({"alertname": "High", "rulename": "x", "datasource_uid": "y"}, AlertKind.DATA),
        ({}, AlertKind.DATA),
    ],
)
def test_only_what_grafana_marks_as_its_own_is_another_kind(labels: dict[str, str], expected: AlertKind) -> None:
    assert kind.kind(labels) is expected


def test_a_rule_that_can_not_see_is_called_by_its_own_name() -> None:
    assert kind.name(NO_DATA, AlertKind.NO_DATA) == "Queue grows"
    assert kind.name(ERROR, AlertKind.ERROR) == "DatasourceError"
    assert kind.name({"alertname": "High", "rulename": "other"}, AlertKind.DATA) == "High"


def test_what_happened_is_said_in_words() -> None:
    assert kind.in_words(AlertKind.NO_DATA, "Q", {}) == 'No data for the rule "Q"'
    assert kind.in_words(AlertKind.ERROR, "Q", {}) == 'The query of the rule "Q" fails'
    error = {"Error": "\ndial tcp: refused\nmore"}
    assert kind.in_words(AlertKind.ERROR, "Q", error) == 'The query of the rule "Q" fails: dial tcp: refused'
    assert kind.in_words(AlertKind.NO_DATA, "Q {x}", error) == 'No data for the rule "Q {x}"'
    assert kind.in_words(AlertKind.DATA, "Q", error) == "Q"
