"""Objects of Kubernetes as they are written, and what to ask them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "manifests"
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Installation:
    """All that is applied together. ``secrets`` is the example, which an operator applies before."""

    objects: Sequence[Object]
    secrets: Sequence[Object]

    def of_kind(self, *kinds: str) -> Iterator[Object]:
        return (one for one in self.objects if one["kind"] in kinds)

    def named(self, kind: str, name: str) -> Object | None:
        everything = (*self.objects, *self.secrets)
        return next((one for one in everything if one["kind"] == kind and one["metadata"]["name"] == name), None)

    def pods(self) -> Iterator["Pod"]:
        return (Pod(one) for one in self.of_kind("Deployment", "Job"))


@dataclass(frozen=True, slots=True)
class Pod:
    """What a Deployment or a Job makes."""

    owner: Object

    @property
    def name(self) -> str:
        return called(self.owner)

    @property
    def labels(self) -> Mapping[str, str]:
        labels: Mapping[str, str] = self.owner["spec"]["template"]["metadata"]["labels"]
        return labels

    @property
    def spec(self) -> Object:
        spec: Object = self.owner["spec"]["template"]["spec"]
        return spec

    @property
    def containers(self) -> Sequence["Container"]:
        told = [*self.spec.get("initContainers", []), *self.spec["containers"]]
        return [Container(self, one) for one in told]


@dataclass(frozen=True, slots=True)
class Container:
    pod: Pod
    spec: Object

    @property
    def name(self) -> str:
        return f"{self.pod.name}, container {self.spec['name']}"

    @property
    def env(self) -> Mapping[str, str]:
        """Values by name. All of ours are written out: what is secret is a path."""
        return {one["name"]: one.get("value", "") for one in self.spec.get("env", [])}

    def volume_at(self, path: str) -> tuple[Object, str] | None:
        """The volume that holds this path, and what is left of the path in it. None: it is the image's."""
        volumes = {one["name"]: one for one in self.pod.spec.get("volumes", [])}
        for mount in self.spec.get("volumeMounts", []):
            if path.startswith(mount["mountPath"] + "/") and mount["name"] in volumes:
                return volumes[mount["name"]], path.removeprefix(mount["mountPath"] + "/")
        return None


def called(one: Object) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def read(path: Path) -> list[Object]:
    return parse(path.read_text("utf-8"))


def parse(text: str) -> list[Object]:
    return [one for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return selector.items() <= labels.items()
