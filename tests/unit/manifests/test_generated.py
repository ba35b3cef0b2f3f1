"""What kustomize can't make is made here, and is as what it is made of."""

import yaml

from tests.manifests.generated import dashboard_maps, outdated, prometheus_rule
from tests.manifests.schemas import problems

RULES = """
groups:
  - name: bongsu
    rules:
      - alert: BongsuOutboxOld
        expr: |
          max(bongsu_outbox_age_seconds)
            > 300
        for: 5m
        labels: {severity: critical}
        annotations: {summary: "{{ $value | humanizeDuration }} behind"}
"""


def test_rules_of_prometheus_become_an_object_of_its_operator() -> None:
    made = yaml.safe_load(prometheus_rule(RULES))
    assert list(problems([made])) == []
    assert made["spec"] == yaml.safe_load(RULES)


def test_each_dashboard_has_a_map_that_the_sidecar_takes() -> None:
    (one, other) = yaml.safe_load(dashboard_maps(["a.json", "bongsu-b.json"]))["configMapGenerator"]
    assert (one["name"], one["files"], other["name"]) == ("bongsu-a", ["a.json"], "bongsu-b")
    assert one["options"]["labels"] == {"grafana_dashboard": "1"}


def test_what_is_committed_is_up_to_date() -> None:
    assert list(outdated()) == []
