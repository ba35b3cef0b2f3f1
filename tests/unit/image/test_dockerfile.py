"""The Dockerfile: what an image must be before anybody builds it, and that its steps are read as Docker reads them."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from bongsu import __version__
from bongsu.settings import read_settings
from tests.image.dockerfile import Stage, let_through, parse

ROOT = Path(__file__).parents[3]
IGNORE = (ROOT / ".dockerignore").read_text("utf-8")


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return parse((ROOT / "Dockerfile").read_text("utf-8"))


@pytest.fixture(scope="module")
def context() -> list[str]:
    """What Docker is sent of a checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return let_through(subprocess.check_output(command, cwd=ROOT, text=True).splitlines(), IGNORE)


def test_both_stages_begin_with_the_same_pinned_image(stages: list[Stage]) -> None:
    assert {stage.image for stage in stages} == {stages[0].image}
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", stages[0].image)


def test_it_does_not_run_as_root(stages: list[Stage]) -> None:
    assert stages[-1].last("USER").rest == "10001:10001"


def test_the_port_is_the_program_s(stages: list[Stage]) -> None:
    assert stages[-1].last("EXPOSE").rest == str(read_settings({}).port)


def test_the_label_has_this_version(stages: list[Stage]) -> None:
    labels = stages[-1].last("LABEL").pairs
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_no_secret_is_among_what_it_is_built_with(stages: list[Stage]) -> None:
    told = [one for stage in stages for word in ("ENV", "ARG") for one in stage.all(word)]
    assert not [name for one in told for name in one.pairs if re.search("TOKEN|SECRET|PASSWORD|KEY", name)]


def test_requirements_are_installed_with_hashes_and_as_wheels(stages: list[Stage]) -> None:
    installs = re.findall(r"pip install ([^&]+)", " && ".join(one.rest for one in stages[0].all("RUN")))
    of_ours, of_others = [one for one in installs if "." in one.split()], [one for one in installs if "-r " in one]
    assert len(of_ours) + len(of_others) == len(installs)
    assert all("--require-hashes --only-binary :all:" in one for one in of_others)


def test_every_optional_part_can_be_built_in(stages: list[Stage]) -> None:
    assert {name for one in stages[0].all("ARG") for name in one.pairs} == {"CHARTS", "OTEL"}


def test_every_package_and_what_is_copied_is_let_through(stages: list[Stage], context: list[str]) -> None:
    rooms = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]["packages"]
    assert not [room for room in rooms if f"{room}/__init__.py" not in context]
    copied = [source for one in stages[0].all("COPY") for source in one.words[:-1] if source != "."]
    assert not [source for source in copied if source not in context]


def test_nothing_else_is_let_through(context: list[str]) -> None:
    assert not [path for path in context if re.match(r"tests/|docs/|manifests/|benchmarks/|\.git|.*\.db$|\.env", path)]


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        ("README.md", True),
        ("bongsu/cli/serve.py", True),
        ("bongsu/cli/__pycache__/serve.pyc", False),
        ("bongsu/incidents.db", False),
        ("requirements/dev.txt", False),
        (".env", False),
        ("tests/unit/test_house.py", False),
    ],
)
def test_the_last_pattern_that_matches_decides(path: str, passes: bool) -> None:
    assert let_through([path], IGNORE) == ([path] if passes else [])


def test_steps_are_read_as_docker_reads_them() -> None:
    (build, last) = parse(
        "FROM a:1 AS build\n# no comment\nARG X=\nRUN one \\\n    && two\n"
        'FROM b:2\nCOPY --from=build /x /x\nENV A=1 \\\n  # in between\n  B="2 3"\nCMD ["serve", "now"]\n'
    )
    assert (build.image, build.name, build.last("RUN").rest) == ("a:1", "build", "one && two")
    assert (last.image, last.name, last.environment) == ("b:2", "", {"A": "1", "B": "2 3"})
    assert (last.last("COPY").flags, last.last("COPY").words) == ({"from": "build"}, ["/x", "/x"])
    assert last.last("CMD").words == ["serve", "now"]
