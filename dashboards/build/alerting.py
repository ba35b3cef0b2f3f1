"""What an alert rule is declared with, and the files that Prometheus and Grafana read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import dedent

import yaml

from dashboards.names import DOCS_URL, FOLDER_TITLE, ITSELF_UID, PROMETHEUS_UID


class Severity(StrEnum):
    CRITICAL = "critical"
    """Alerts get lost, or nobody is told of them. Somebody is to be woken."""
    WARNING = "warning"
    """It will be worse if nobody looks today."""


CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING

OF = "{{ with $labels.tenant }} (tenant {{ . }}){{ end }}"
"""Whose it is, where there are several organisations."""
AT = "{{ with $labels.instance }} ({{ . }}){{ end }}"
"""Which process it is."""


@dataclass(frozen=True)
class Alert:
    """``expr`` finds what is wrong, and nothing while nothing is; ``lasts``: for so long before somebody is told.

    ``summary`` and ``description`` may hold templates; ``$value`` in them is what ``expr`` found. ``panel`` is the
    title of the one in *Bongsu itself* that shows it. The runbook is the section of its name in
    docs/reference/metrics.md.
    """

    name: str
    severity: Severity
    expr: str
    lasts: str
    summary: str
    description: str
    panel: str

    @property
    def anchor(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Group:
    """Rules that are looked at together."""

    name: str
    alerts: Sequence[Alert]


EVERY = "1m"
_HEADER = "# Made by `make dashboards` from dashboards/build/alerts.py: change it there.\n"
_QUERY, _ANY, _FIRES = "query", "any", "fires"


def for_prometheus(groups: Sequence[Group]) -> str:
    """A rule file: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/"""
    told = [
        {"name": group.name, "interval": EVERY, "rules": [_prometheus_rule(alert) for alert in group.alerts]}
        for group in groups
    ]
    return _yaml({"groups": told})


def _prometheus_rule(alert: Alert) -> dict[str, object]:
    return {
        "alert": alert.name,
        "expr": one_line(alert.expr),
        "for": alert.lasts,
        "labels": _labels(alert),
        "annotations": _annotations(alert),
    }


def for_grafana(groups: Sequence[Group], panels: Mapping[str, int]) -> str:
    """A provisioning file; ``panels``: numbers of the dashboard's panels by title. Source:
    https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
    """
    told = [
        {
            "orgId": 1,
            "name": group.name,
            "folder": FOLDER_TITLE,
            "interval": EVERY,
            "rules": [_grafana_rule(alert, panels[alert.panel]) for alert in group.alerts],
        }
        for group in groups
    ]
    return _yaml({"apiVersion": 1, "groups": told})


def _grafana_rule(alert: Alert, panel: int) -> dict[str, object]:
    """It fires for whatever ``expr`` finds, 0 as well. Finding nothing is what is hoped for: no NoData of Grafana's."""
    annotations = {
        name: text.replace("$value", f"$values.{_QUERY}.Value") for name, text in _annotations(alert).items()
    }
    return {
        "uid": f"bongsu-{alert.anchor.removeprefix('bongsu')}",
        "title": alert.name,
        "condition": _FIRES,
        "data": [
            _step(_QUERY, PROMETHEUS_UID, expr=one_line(alert.expr), instant=True, range=False),
            _step(_ANY, "__expr__", type="math", expression=f"is_number(${_QUERY}) || is_inf(${_QUERY})"),
            _step(_FIRES, "__expr__", type="threshold", expression=_ANY, conditions=[_ABOVE_ZERO]),
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": alert.lasts,
        "dashboardUid": ITSELF_UID,
        "panelId": panel,
        "labels": _labels(alert),
        "annotations": annotations,
        "isPaused": False,
    }


_ABOVE_ZERO = {"evaluator": {"type": "gt", "params": [0]}}


def _step(ref: str, source: str, **model: object) -> dict[str, object]:
    return {
        "refId": ref,
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": source,
        "model": {"refId": ref, **model},
    }


def _labels(alert: Alert) -> dict[str, str]:
    return {"severity": alert.severity.value, "service": "bongsu"}


def _annotations(alert: Alert) -> dict[str, str]:
    return {
        "summary": alert.summary,
        "description": one_line(alert.description),
        "runbook_url": f"{DOCS_URL}/reference/metrics.md#{alert.anchor}",
    }


def one_line(text: str) -> str:
    return " ".join(dedent(text).split())


class _Dumper(yaml.SafeDumper):
    """Lists stand further in than what they belong to, and nothing is an alias of something else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _yaml(told: object) -> str:
    text = yaml.dump(told, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True, default_flow_style=False)
    return _HEADER + text
