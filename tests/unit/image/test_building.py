"""The Dockerfile's steps happen below a folder, and a step that Docker would refuse is refused."""

import sys
from pathlib import Path

import pytest

from tests.image.building import Building
from tests.image.dockerfile import parse

DOCKERFILE = """
FROM python:3 AS build
WORKDIR /src
ENV GREETING=hello FOLDER=/opt/x:$PATH
COPY a.txt pages/b.txt texts/
ARG LOUD=
RUN groupadd nobody-makes-this && cat texts/a.txt texts/b.txt > all.txt
COPY . .
RUN install --directory --owner=10001 --group=10001 /opt/x && echo "$GREETING ${LOUD:+world}" > /opt/x/told.txt
FROM python:3
COPY --from=build /opt/x /opt/x
"""


@pytest.fixture
def building(tmp_path: Path) -> Building:
    context = tmp_path / "context"
    (context / "pages").mkdir(parents=True)
    for name in ("a.txt", "pages/b.txt"):
        (context / name).write_text(f"{name}\n")
    files = ["a.txt", "pages/b.txt"]
    return Building(tmp_path / "root", context, files, {"LOUD": "1"}, Path(sys.executable).resolve(), lambda _: None)


def test_each_step_is_done_below_the_root(building: Building) -> None:
    building.build(parse(DOCKERFILE))
    assert (building.root / "src" / "all.txt").read_text() == "a.txt\npages/b.txt\n"
    assert (building.root / "src" / "pages" / "b.txt").exists()
    assert (building.root / "opt" / "x" / "told.txt").read_text() == "hello world\n"


def test_an_argument_that_is_not_given_has_its_default(building: Building) -> None:
    building.arguments = {}
    building.build(parse(DOCKERFILE))
    assert (building.root / "opt" / "x" / "told.txt").read_text() == "hello \n"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("COPY secret.env .", "it is not there, or .dockerignore keeps it out"),
        ("COPY --from=build /opt/x /opt/y", "a virtual environment can't be"),
    ],
)
def test_what_docker_would_not_find_is_refused(building: Building, step: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        building.build(parse(f"FROM python:3\nWORKDIR /src\n{step}\n"))


def test_only_whole_folders_of_the_image_are_moved(building: Building) -> None:
    root = str(building.root)
    assert building.inside("/opt/x a/opt/b /options ./src /src") == f"{root}/opt/x a/opt/b /options ./src {root}/src"
