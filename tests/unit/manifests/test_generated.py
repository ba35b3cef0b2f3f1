"""What kustomize can't make is made here, and is as what it is made of."""

import yaml

from bongsu.grafana.configmap import config_maps
from tests.manifests.generated import dashboard_maps, outdated, prometheus_rule
from tests.manifests.objects import parse
from tests.manifests.rendering import rendered_file
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


def test_each_dashboard_has_the_map_that_the_command_makes() -> None:
    """Whoever has used one of the two can go on with the other."""
    maps = yaml.safe_load(dashboard_maps(["a.json", "b.json"]))["configMapGenerator"]
    made = list(yaml.safe_load_all(config_maps({"a.json": {}, "b.json": {}}, namespace=None)))
    assert [{"name": one["name"], **one["options"]} for one in maps] == [one["metadata"] for one in made]
    assert [one["files"] for one in maps] == [[*one["data"]] for one in made]


def test_the_example_says_where_runbooks_are() -> None:
    (rule,) = (one for one in parse(rendered_file("example").read_text("utf-8")) if one["kind"] == "PrometheusRule")
    links = [one["annotations"]["runbook_url"] for group in rule["spec"]["groups"] for one in group["rules"]]
    assert links
    assert all(link.startswith("https://git.example.org/ops/bongsu/blob/main/docs/reference/") for link in links)


def test_what_is_committed_is_up_to_date() -> None:
    assert list(outdated()) == []
