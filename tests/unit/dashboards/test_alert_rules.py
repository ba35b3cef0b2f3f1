"""Alert rules: both files are those that the list makes, and Prometheus and Grafana can read them.

Whether each fires when it should, ``tests.alert_rules`` asks Prometheus's own checker.
"""

import re
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models.alerting import Rule

from dashboards.build.__main__ import FOLDER, files
from dashboards.build.alerting import Alert
from dashboards.build.alerts import GROUPS
from dashboards.build.assembling import numbers
from dashboards.build.bongsu_itself import BONGSU_ITSELF
from dashboards.names import FOLDER_TITLE, ITSELF_UID
from tests.alert_cases import CASES
from tests.built_metrics import series

ALERTS = [alert for group in GROUPS for alert in group.alerts]
_DURATION = re.compile(r"\d+[smhd]")


@pytest.fixture(scope="module")
def of_prometheus() -> dict[str, Any]:
    told = yaml.safe_load((FOLDER / "alerts/prometheus.yaml").read_text(encoding="utf-8"))
    return {rule["alert"]: rule for group in told["groups"] for rule in group["rules"]}


@pytest.fixture(scope="module")
def of_grafana() -> dict[str, Any]:
    told = yaml.safe_load((FOLDER / "alerts/grafana.yaml").read_text(encoding="utf-8"))
    assert told["apiVersion"] == 1
    for group in told["groups"]:
        assert (group["orgId"], group["folder"], group["interval"]) == (1, FOLDER_TITLE, "1m")
    return {rule["title"]: rule for group in told["groups"] for rule in group["rules"]}


@pytest.mark.parametrize("path", ["alerts/prometheus.yaml", "alerts/grafana.yaml"])
def test_a_file_is_what_the_code_makes(path: str) -> None:
    assert (FOLDER / path).read_text(encoding="utf-8") == files()[path], "run `make dashboards`"


def test_both_have_all_rules(of_prometheus: dict[str, Any], of_grafana: dict[str, Any]) -> None:
    names = [alert.name for alert in ALERTS]
    assert len(set(names)) == len(names)
    assert list(of_prometheus) == names
    assert list(of_grafana) == names


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_each_says_what_happens_what_it_means_and_where_to_read_on(alert: Alert, of_prometheus: dict[str, Any]) -> None:
    rule = of_prometheus[alert.name]
    assert rule["labels"] == {"severity": alert.severity.value, "service": "bongsu"}
    assert rule["annotations"]["runbook_url"].endswith(f"/reference/metrics.md#{alert.name.lower()}")
    assert _DURATION.fullmatch(rule["for"])
    assert 10 < len(re.sub(r"{{.*?}}", "", alert.summary)) < 80
    assert rule["annotations"]["description"].endswith(".")
    assert "\n" not in rule["expr"] + rule["annotations"]["description"]


def test_grafana_is_told_all_that_it_requires(of_grafana: dict[str, Any]) -> None:
    """https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/"""
    panels = set(numbers(BONGSU_ITSELF).values())
    assert len({rule["uid"] for rule in of_grafana.values()}) == len(of_grafana)
    for rule in of_grafana.values():
        model = Rule.from_json({**rule, "folderUID": "bongsu", "ruleGroup": "g", "orgID": 1})
        assert re.fullmatch(r"[a-z0-9-]{1,40}", rule["uid"])
        assert model.no_data_state == "OK"  # that nothing is found is what is hoped for
        assert model.exec_err_state == "Error"
        assert [step.ref_id for step in model.data] == ["query", "any", "fires"]
        assert rule["condition"] == "fires"
        assert (rule["dashboardUid"], rule["panelId"] in panels) == (ITSELF_UID, True)
        assert all(step["relativeTimeRange"]["from"] > step["relativeTimeRange"]["to"] for step in rule["data"])


def test_templates_name_values_as_each_of_the_two_does(
    of_prometheus: dict[str, Any], of_grafana: dict[str, Any]
) -> None:
    """Grafana leaves ``$labels`` in annotations alone when it reads the file, and would fill in ``${…}``."""
    assert "{{ $value | humanizeDuration }}" in of_prometheus["BongsuOutboxLate"]["annotations"]["summary"]
    assert "{{ $values.query.Value | humanizeDuration }}" in of_grafana["BongsuOutboxLate"]["annotations"]["summary"]
    assert not any("${" in text for rule in of_grafana.values() for text in rule["annotations"].values())


def test_each_is_tried_over_what_it_must_fire_and_over_what_it_must_not() -> None:
    assert [case.alert for case in CASES] == [alert.name for group in _in_order() for alert in group]
    assert all(case.quiet for case in CASES)
    assert {name.partition("{")[0] for case in CASES for told in (case.fires, *case.quiet) for name in told} <= set(
        series()
    )


def _in_order() -> list[list[Alert]]:
    return [list(group.alerts) for group in GROUPS]
