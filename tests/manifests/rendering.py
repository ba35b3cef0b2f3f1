"""What kustomize makes of the overlays is committed, so that who installs needs nothing but kubectl's ``apply``."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from tests.manifests.objects import MANIFESTS, Object, called, parse, read

RENDERED = {
    "single": "overlays/single",
    "highly-available": "overlays/highly-available",
    "example": "overlays/example",
    "monitoring": "components/prometheus-operator",
}
"""By the name of the file: the folder below ``manifests`` of which it is made."""
COMPONENTS = tuple(sorted(path.parent.name for path in MANIFESTS.glob("components/*/kustomization.yaml")))
_HEADER = "# Made of {folder} by `make manifests`: change it there.\n"


def rendered_file(name: str) -> Path:
    return MANIFESTS / "rendered" / f"{name}.yaml"


def kustomize() -> list[str] | None:
    """The command that renders a folder; None where neither kustomize nor kubectl is."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if shutil.which("kubectl") else None


def render(folder: Path, command: Sequence[str]) -> str:
    """Raises CalledProcessError, which has what was said on standard error."""
    return subprocess.run([*command, folder], check=True, capture_output=True, text=True, timeout=60).stdout


def write(command: Sequence[str]) -> None:
    for name, folder in RENDERED.items():
        text = render(MANIFESTS / folder, command)
        rendered_file(name).write_text(_HEADER.format(folder=f"manifests/{folder}") + text, "utf-8")


def outdated(command: Sequence[str]) -> Iterator[str]:
    """Committed files that differ from what the overlays say today. Layout and order are kustomize's."""
    for name, folder in RENDERED.items():
        wanted, there = _by_name(parse(render(MANIFESTS / folder, command))), _by_name(read(rendered_file(name)))
        for one in sorted(wanted.keys() | there.keys()):
            if wanted.get(one) != there.get(one):
                yield f"rendered/{name}.yaml: {one} is not what manifests/{folder} says: run `make manifests`"


def combined(overlay: str, components: Sequence[str], command: Sequence[str]) -> list[Object]:
    """The overlay with these components, as an operator would combine them."""
    with tempfile.TemporaryDirectory() as folder:
        resources = [os.path.relpath(MANIFESTS / "overlays" / overlay, Path(folder).resolve())]
        parts = [os.path.relpath(MANIFESTS / "components" / one, Path(folder).resolve()) for one in components]
        said = {"namespace": "bongsu", "resources": resources, "components": parts}
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(said), "utf-8")
        return parse(render(Path(folder), command))


def _by_name(objects: Sequence[Object]) -> dict[str, Object]:
    return {called(one): one for one in objects}
