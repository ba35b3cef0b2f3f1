"""Promises about the house itself."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["packages"]
MODULES = sorted(module for room in ROOMS for module in (ROOT / room).rglob("*.py"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
LONGEST_MODULE = 400
# In pieces, or this file would be the one that breaks the promise.
REGISTRIES = tuple(".".join(name) for name in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")])
GENERATED = {"__pycache__", "build", "node_modules"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def files(directory: Path = ROOT) -> Iterator[Path]:
    for path in directory.iterdir():
        hidden = path.name.startswith(".") and path.name != ".ci"
        if path.is_dir() and not (hidden or path.name in GENERATED or path.name.endswith(".egg-info")):
            yield from files(path)
        elif path.is_file() and not path.name.endswith((".db", ".db-wal", ".db-shm")):
            yield path


def pins(lock: Path) -> dict[str, str]:
    """Requirement, with its marker → everything that the lock says about it."""
    joined = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(None, 1) for line in joined.splitlines() if line and not line.startswith("#")]
    return {name: rest for name, *more in lines for rest in more or [""]}


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_every_requirement_is_pinned_with_hashes(lock: Path) -> None:
    assert pins(lock)
    assert not [name for name in pins(lock) if not re.fullmatch(r"[a-z0-9._-]+==\S+", name)]
    assert not [name for name, rest in pins(lock).items() if "--hash=sha256:" not in rest]


def test_what_is_tested_is_what_is_run() -> None:
    tested = pins(ROOT / "requirements" / "dev.txt")
    assert not [name for name in pins(ROOT / "requirements" / "run.txt") if name not in tested]


def test_no_file_names_a_package_registry() -> None:
    names = [name.encode() for name in REGISTRIES]
    assert not [relative(path) for path in files() if any(name in path.read_bytes() for name in names)]


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_modules_import_at_their_top(module: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(module.read_bytes())) if isinstance(node, Function)]
    nested = [node for function in functions for node in ast.walk(function)]
    assert not [node.lineno for node in nested if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_modules_stay_short(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
