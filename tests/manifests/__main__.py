"""`python -m tests.manifests`: what is wrong with ``manifests/``, before a cluster says so. That folder stays data.

It stands here, in no room of its own, since nobody who runs Bongsu needs it: it asks the program for its settings
and routes, and validates with what only developers install. ``--write`` makes anew what is made of other files. Exit
code 1 where something is wrong.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence

from tests.manifests import generated, network, pods, program, rendering, schemas, wiring
from tests.manifests.objects import MANIFESTS, Installation, Object, read

_NO_KUSTOMIZE = "neither kustomize nor kubectl is here"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.manifests", description="Check manifests/.")
    parser.add_argument("--write", action="store_true", help="make anew what is made of other files")
    command = rendering.kustomize()
    try:
        if parser.parse_args(arguments).write:
            return _write(command)
        problems = list(_problems(command))
    except subprocess.CalledProcessError as error:
        return _say(f"{' '.join(map(str, error.cmd))}: {error.stderr.strip()}")
    for problem in problems:
        _say(problem)
    if command is None:
        _say(f"{_NO_KUSTOMIZE}: rendered files were checked, and not whether they are what the overlays say")
    return 1 if problems else 0


def _write(command: Sequence[str] | None) -> int:
    generated.write()
    if command is None:
        return _say(f"{_NO_KUSTOMIZE}: install one of them to render manifests/overlays")
    rendering.write(command)
    return 0


def _problems(command: Sequence[str] | None) -> Iterator[str]:
    yield from generated.outdated()
    secrets = read(MANIFESTS / "secret.example.yaml")
    yield from schemas.problems(secrets)
    for name in rendering.RENDERED:
        objects = read(rendering.rendered_file(name))
        told = (*schemas.problems(objects), *_of_all(objects, secrets, name))
        yield from (f"rendered/{name}.yaml: {problem}" for problem in told)
    if command is not None:
        yield from rendering.outdated(command)
        for overlay in ("single", "highly-available"):
            objects = rendering.combined(overlay, rendering.COMPONENTS, command)
            told = (*schemas.problems(objects, schemas.VERSIONS[-1:]), *_of_all(objects, secrets, overlay))
            yield from (f"overlays/{overlay} with all components: {problem}" for problem in told)


def _of_all(objects: Sequence[Object], secrets: Sequence[Object], name: str) -> Iterator[str]:
    """Promises of an installation as a whole. Monitoring alone names what another file has."""
    if name == "monitoring":
        objects = [*objects, *read(rendering.rendered_file("single"))]
    installation = Installation(objects, secrets)
    for room in (pods, wiring, network, program):
        yield from room.problems(installation)


def _say(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
