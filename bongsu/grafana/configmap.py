"""The dashboards as ConfigMaps, which the sidecar of Grafana's Helm chart finds by their label."""

from collections.abc import Mapping
from typing import Any

from bongsu.client.errors import NotDone
from bongsu.grafana.provisioning import as_json, as_yaml
from bongsu.grafana.wanted import FOLDER_TITLE

Json = dict[str, Any]

LARGEST = 1024 * 1024
"""Bytes of one. https://kubernetes.io/docs/concepts/configuration/configmap/"""


def config_maps(dashboards: Mapping[str, Json], *, namespace: str | None) -> str:
    """One for each dashboard, as a stream of YAML. Raises NotDone: one is too large."""
    return "---\n".join(_config_map(name, one, namespace) for name, one in dashboards.items())


def _config_map(name: str, dashboard: Json, namespace: str | None) -> str:
    text = as_json(dashboard)
    size = len(text.encode())
    if size >= LARGEST:
        raise NotDone(
            f"{name} has {size:,} bytes, and a ConfigMap takes less than {LARGEST:,}: use --provisioning, or `bongsu "
            "grafana setup`"
        )
    metadata: Json = {
        "name": f"bongsu-dashboard-{name.removesuffix('.json')}",
        **({"namespace": namespace} if namespace else {}),
        "labels": {"grafana_dashboard": "1", "app.kubernetes.io/name": "bongsu"},
        "annotations": {"grafana_folder": FOLDER_TITLE},
    }
    return as_yaml({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {name: text}})
