"""Swagger UI is what its makers published, whole, and in what we ship."""

import hashlib
import tomllib
from pathlib import Path

from receiver.api.pages import FILES, UI

ROOT = Path(__file__).parents[3]
OURS = {"index.html", "start.js", "VERSION"}


def test_what_is_not_ours_is_as_it_was_published() -> None:
    name, *lines = (UI / "VERSION").read_text(encoding="utf-8").splitlines()
    assert name.startswith("swagger-ui-dist ")
    told = {file: digest for _, digest, file in (line.split() for line in lines)}
    assert told.keys() == {path.name for path in UI.iterdir()} - OURS
    assert {file: hashlib.sha256((UI / file).read_bytes()).hexdigest() for file in told} == told


def test_each_file_is_served_and_shipped() -> None:
    assert FILES.keys() == {path.name for path in UI.iterdir()} - {"VERSION"}
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    assert "api/ui/*" in shipped["receiver"]


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    """The Content-Security-Policy allows none."""
    page = (UI / "index.html").read_text(encoding="utf-8")
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=") == 2
    assert "//" not in page
