"""What Kubernetes would refuse is told before."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.manifests.objects import Object, read
from tests.manifests.rendering import rendered_file
from tests.manifests.schemas import VERSIONS, problems

NEWEST = VERSIONS[-1:]


def one(name: str, kind: str) -> Any:
    return deepcopy(next(one for one in read(rendered_file(name)) if one["kind"] == kind))


RULE = {"alert": "BongsuDown", "expr": "up == 0", "for": "5m", "labels": {"severity": "critical"}}


@pytest.mark.parametrize(
    ("kind", "spoil", "told"),
    [
        pytest.param("Service", lambda it: it["spec"].update(slector={}), "slector", id="a field that is misspelt"),
        pytest.param(
            "Service", lambda it: it["spec"]["ports"][0].update(port="80"), "integer", id="a text for a number"
        ),
        pytest.param(
            "PersistentVolumeClaim", lambda it: it.update(apiVersion="v2"), "knows no v2", id="no such version"
        ),
    ],
)
def test_kubernetes_knows_every_field(kind: str, spoil: Callable[[Any], object], told: str) -> None:
    spoilt = one("single", kind)
    assert list(problems([spoilt], NEWEST)) == []
    spoil(spoilt)
    assert [problem for problem in problems([spoilt], NEWEST) if told in problem]


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        pytest.param("ServiceMonitor", lambda it: it["spec"]["endpoints"][0].update(interval="15"), id="no unit"),
        pytest.param("ServiceMonitor", lambda it: it["spec"].update(endpoint=[]), id="a field that is misspelt"),
        pytest.param("PrometheusRule", lambda it: rules(it).append({"alert": "X"}), id="no expression"),
        pytest.param("PrometheusRule", lambda it: rules(it).append({**RULE, "fro": "5m"}), id="a key that is misspelt"),
        pytest.param(
            "PrometheusRule", lambda it: rules(it).append({**RULE, "labels": {"n": 1}}), id="a label of a number"
        ),
    ],
)
def test_the_operator_knows_every_field(kind: str, spoil: Callable[[Any], object]) -> None:
    spoilt: Object = one("monitoring", kind)
    if kind == "PrometheusRule":
        spoilt["spec"]["groups"] = [{"name": "bongsu", "rules": [RULE]}]
    assert list(problems([spoilt])) == []
    spoil(spoilt)
    assert list(problems([spoilt]))


def rules(one: Object) -> list[object]:
    told: list[object] = one["spec"]["groups"][0]["rules"]
    return told
