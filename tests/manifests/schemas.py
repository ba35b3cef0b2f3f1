"""Does Kubernetes know every field? Of its own kinds by its schemas, of the operator's by what is written down here."""

from collections.abc import Iterable, Iterator
from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator

from tests.manifests.objects import Object, called

VERSIONS = ("1.28.0", "1.31.0", "1.34.0", "1.37.0")
"""From the oldest that has all that we use, with its defaults, to the newest that the schemas know."""


def _part(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_DURATION = {
    "type": "string",
    "pattern": "^(0|([0-9]+(y|w|d|h|m|s|ms))+)$",
}
_METADATA = _part(["name"], name=_TEXT, namespace=_TEXT, labels=_TEXTS, annotations=_TEXTS)
_MONITORING = "monitoring.coreos.com/v1"
_RULE = {
    "expr": _TEXT,
    "for": _DURATION,
    "keep_firing_for": _DURATION,
    "labels": _TEXTS,
    "annotations": _TEXTS,
}
# The part of the operator's fields that we use: https://prometheus-operator.dev/docs/api-reference/api/
CRDS = {
    (_MONITORING, "ServiceMonitor"): _part(
        ["apiVersion", "kind", "metadata", "spec"],
        apiVersion=_TEXT,
        kind=_TEXT,
        metadata=_METADATA,
        spec=_part(
            ["selector", "endpoints"],
            selector=_part([], matchLabels=_TEXTS),
            jobLabel=_TEXT,
            namespaceSelector=_part([], matchNames={"type": "array", "items": _TEXT}),
            endpoints={
                "type": "array",
                "minItems": 1,
                "items": _part(
                    ["port"],
                    port=_TEXT,
                    path={"type": "string", "pattern": "^/"},
                    interval=_DURATION,
                    scrapeTimeout=_DURATION,
                    honorLabels={"type": "boolean"},
                ),
            },
        ),
    ),
    (_MONITORING, "PrometheusRule"): _part(
        ["apiVersion", "kind", "metadata", "spec"],
        apiVersion=_TEXT,
        kind=_TEXT,
        metadata=_METADATA,
        spec=_part(
            ["groups"],
            groups={
                "type": "array",
                "items": _part(
                    ["name", "rules"],
                    name=_TEXT,
                    interval=_DURATION,
                    labels=_TEXTS,
                    rules={
                        "type": "array",
                        "items": {
                            "oneOf": [
                                _part(["alert", "expr"], alert=_TEXT, **_RULE),
                                _part(["record", "expr"], record=_TEXT, expr=_TEXT, labels=_TEXTS),
                            ]
                        },
                    },
                ),
            },
        ),
    ),
}


def problems(objects: Iterable[Object], versions: Iterable[str] = VERSIONS) -> Iterator[str]:
    versions = tuple(versions)
    for one in objects:
        schema = CRDS.get((one["apiVersion"], one["kind"]))
        if schema is not None:
            yield from (_told(one, error) for error in Draft202012Validator(schema).iter_errors(one))
        else:
            yield from (problem for version in versions for problem in _against(one, version))


def _against(one: Object, version: str) -> Iterator[str]:
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{_told(one, error)} (Kubernetes {version})"
    except kubernetes_validate.SchemaNotFoundError:
        yield f"{called(one)}: Kubernetes {version} knows no {one['apiVersion']} {one['kind']}"


def _told(one: Object, error: Any) -> str:
    where = ".".join(str(step) for step in error.absolute_path) or "the object"
    return f"{called(one)}: {where}: {error.message[:200]}"
