"""The JSON Schemas of all shapes, under the names by which people who write clients know them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

Mode = Literal["validation", "serialization"]
_REF = "#/components/schemas/"


class _Plain(GenerateJsonSchema):
    """Without a title for each field, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic hands it to each
        return False


class Schemas:
    """Of all ``models``, each with its mode: what is read (``validation``) or answered (``serialization``)."""

    def __init__(self, models: Sequence[tuple[type[BaseModel], Mode]]) -> None:
        inputs: list[Any] = list(dict.fromkeys(models))
        refs, told = models_json_schema(inputs, ref_template=_REF + "{model}", schema_generator=_Plain)
        names = _plain_names(told["$defs"])
        self._refs = {model: _renamed(ref, names) for model, ref in refs.items()}
        self._all = {names[name]: _titleless(_renamed(schema, names)) for name, schema in told["$defs"].items()}
        self._taken_apart: set[str] = set()

    def ref(self, model: Any, mode: Mode) -> dict[str, Any]:
        return dict(self._refs[model, mode])

    def fields_of(self, model: type[BaseModel]) -> tuple[Mapping[str, Any], frozenset[str]]:
        """Those of a shape that is no object of its own, and which are required: parameters."""
        name = self._refs[model, "validation"]["$ref"].removeprefix(_REF)
        self._taken_apart.add(name)
        schema = self._all[name]
        return schema.get("properties", {}), frozenset(schema.get("required", ()))

    def shared(self) -> dict[str, Any]:
        """All but those that were taken apart, by name."""
        return {name: self._all[name] for name in sorted(self._all) if name not in self._taken_apart}


def _plain_names(names: Mapping[str, Any]) -> dict[str, str]:
    """IncidentShape → Incident, Listing_IncidentShape_ → IncidentList; as they are where two would be the same."""
    plain = {name: _plain(name) for name in names}
    taken = list(plain.values())
    return {name: short if taken.count(short) == 1 else name for name, short in plain.items()}


def _plain(name: str) -> str:
    if listed := re.fullmatch(r"Listing_(\w+?)(Shape)?_", name):
        return f"{listed[1]}List"
    return name.removesuffix("Shape")


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    if isinstance(schema, dict):
        return {
            key: _REF + names[value.removeprefix(_REF)] if key == "$ref" else _renamed(value, names)
            for key, value in schema.items()
        }
    return [_renamed(one, names) for one in schema] if isinstance(schema, list) else schema


def _titleless(schema: dict[str, Any]) -> dict[str, Any]:
    """Docstrings are written for Python: their double backticks become single ones."""
    told = {key: value for key, value in schema.items() if key != "title"}
    if "description" in told:
        told["description"] = " ".join(told["description"].replace("``", "`").split())
    return told
