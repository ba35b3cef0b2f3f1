"""What the OpenAPI document promises of itself. That the API keeps to it is what test_contract.py looks at."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from bongsu.cli.openapi import printed
from receiver.api.openapi import TAGS, document
from receiver.api.operation import PREFIX, Operation
from receiver.api.problem import STATUS
from receiver.api.routes import OPERATIONS

EXPORTED = Path(__file__).parents[3] / "docs/reference/openapi.json"
DOCUMENT: dict[str, Any] = document(OPERATIONS)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
NAMES = [one.name for one in OPERATIONS]


def told_of(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = DOCUMENT["paths"][PREFIX + operation.path][operation.method.lower()]
    return told


def nodes(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects below this one, with where they stand."""
    if isinstance(value, dict):
        yield where, value
        for key, child in value.items():
            yield from nodes(child, f"{where}/{key}")
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from nodes(child, f"{where}/{number}")


def test_the_exported_document_is_current() -> None:
    if os.environ.get("BONGSU_UPDATE_SNAPSHOTS"):
        EXPORTED.write_text(printed(), encoding="utf-8")
    assert EXPORTED.read_text(encoding="utf-8") == printed(), "run this test with BONGSU_UPDATE_SNAPSHOTS=1"


def test_all_references_lead_somewhere() -> None:
    for where, node in nodes(DOCUMENT):
        if isinstance(ref := node.get("$ref"), str):
            target = DOCUMENT
            for part in ref.removeprefix("#/").split("/"):
                assert part in target, f"{where}: {ref}"
                target = target[part]


def test_who_is_named_in_it_is_who_the_guides_name() -> None:
    found = set(re.findall(r"\b[UW]0[A-Z0-9]{3,}\b", json.dumps(DOCUMENT)))
    assert found <= {"U0ALICE", "U0BOB"}


def test_all_schemas_are_schemas_and_have_plain_names() -> None:
    for name, schema in SCHEMAS.items():
        Draft202012Validator.check_schema(schema)
        assert name.isalnum(), f"two shapes have the same name: {name}"


def test_names_are_told_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {one.tag for one in OPERATIONS} == TAGS.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_the_gaps_of_a_path_are_its_parameters(operation: Operation) -> None:
    fields = operation.path_model.model_fields if operation.path_model is not None else {}
    assert set(fields) == {part[1:-1] for part in operation.path.split("/") if part.startswith("{")}
    assert operation.summary
    assert not operation.summary.endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_refuses_with_statuses_that_there_are(operation: Operation) -> None:
    assert set(operation.refusals) <= set(STATUS.values())
    assert all(f"Problem{status}" in DOCUMENT["components"]["responses"] for status in operation.refusals)


def asked(operation: Operation) -> Iterator[type[BaseModel]]:
    yield from (one for one in (operation.path_model, operation.query, operation.body) if one is not None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_what_is_asked_has_bounds(operation: Operation) -> None:
    """What has none ends as an error of the database."""
    for model in asked(operation):
        schema = model.model_json_schema()
        for where, node in nodes(schema, model.__name__):
            assert is_bounded(node), f"{where} has no bound: {node}"


def is_bounded(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    if kind == "string":
        return bool(node.keys() & {"maxLength", "enum", "const", "pattern", "format"})
    if kind in {"integer", "number"}:
        return bool(node.keys() & {"maximum", "exclusiveMaximum", "enum", "const"})
    if kind == "array":
        return "maxItems" in node
    return True


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_examples_are_what_the_operation_takes(operation: Operation) -> None:
    for value in operation.examples.values():
        assert operation.body is not None
        operation.body.model_validate_json(json.dumps(value), strict=True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_with_a_body_has_an_example(operation: Operation) -> None:
    if operation.body is not None and operation.body.model_fields:
        assert operation.examples


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_examples_of_parameters_fit_them(operation: Operation) -> None:
    for parameter in told_of(operation)["parameters"]:
        if "example" in parameter:
            schema = {**parameter["schema"], "components": DOCUMENT["components"]}
            Draft202012Validator(schema).validate(parameter["example"])
