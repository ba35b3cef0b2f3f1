"""Files of ``manifests/`` and ``dashboards/`` that are made of others, where kustomize can't."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.manifests.objects import MANIFESTS, ROOT

DASHBOARDS = ROOT / "dashboards"
ALERTS = DASHBOARDS / "alerts" / "prometheus.yaml"
RULE = MANIFESTS / "components" / "prometheus-operator" / "prometheus-rule.yaml"
KUSTOMIZATION = DASHBOARDS / "kustomization.yaml"


class _Dumper(yaml.SafeDumper):
    """Expressions of several lines stay readable, and what is said twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, told: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", told, style="|" if "\n" in told else None)


_Dumper.add_representer(str, _text)


def wanted() -> dict[Path, str]:
    """What each is to hold."""
    return {
        RULE: prometheus_rule(ALERTS.read_text("utf-8") if ALERTS.exists() else "groups: []"),
        KUSTOMIZATION: dashboard_maps(sorted(path.name for path in DASHBOARDS.glob("*.json"))),
    }


def outdated() -> Iterator[str]:
    for path, text in wanted().items():
        if not path.exists() or path.read_text("utf-8") != text:
            yield f"{path.relative_to(ROOT)} is not what it is made of says: run `make manifests`"


def write() -> None:
    for path, text in wanted().items():
        path.write_text(text, "utf-8")


def prometheus_rule(rules: str) -> str:
    """A file of rules as Prometheus reads it, as an object of its operator."""
    return _dumped(
        "dashboards/alerts/prometheus.yaml",
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {
                "name": "bongsu",
                "namespace": "bongsu",
                # As in service-monitor.yaml: the name of the Helm release.
                "labels": {"app.kubernetes.io/name": "bongsu", "release": "kube-prometheus-stack"},
            },
            "spec": {"groups": yaml.safe_load(rules)["groups"]},
        },
    )


def dashboard_maps(files: list[str]) -> str:
    """One ConfigMap for each dashboard, the same as `bongsu grafana export --configmap` makes."""
    labels = {"grafana_dashboard": "1", "app.kubernetes.io/name": "bongsu"}
    options = {"labels": labels, "annotations": {"grafana_folder": "Bongsu"}}
    maps = [{"name": f"bongsu-dashboard-{Path(one).stem}", "files": [one], "options": options} for one in files]
    return _dumped(
        "the dashboards beside it",
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "generatorOptions": {"disableNameSuffixHash": True},
            "configMapGenerator": maps,
        },
    )


def _dumped(source: str, told: dict[str, Any]) -> str:
    text = yaml.dump(told, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return f"# Made of {source} by `make manifests`.\n{text}"
