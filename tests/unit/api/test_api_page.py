"""The tables of docs/reference/api.md are what the code says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from receiver.api.openapi import TAGS
from receiver.api.operation import PREFIX
from receiver.api.routes import OPERATIONS

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/reference/api.md"
# In a process of its own: which errors there are depends on what was imported.
PROBLEMS = """
import receiver.api.routes
from receiver.api.problem import types_of_problems
for name, status, words in types_of_problems():
    print(f"| `{name}` | {status} | {words} |")
"""


def table_of_operations() -> str:
    by_tag = {tag: [one for one in OPERATIONS if one.tag == tag] for tag in TAGS}
    lines = [
        f"| `{one.method} {PREFIX}{one.path}` | {one.summary} | `{one.scope.value}` |"
        for operations in by_tag.values()
        for one in operations
    ]
    return "\n".join(["| operation | does | scope |", "|---|---|---|", *lines])


def table_of_problems() -> str:
    found = subprocess.run(
        [sys.executable, "-c", PROBLEMS], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return f"| type | status | when |\n|---|---|---|\n{found.stdout.rstrip()}"


def expect_table(name: str, table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- {name}: [^>]* -->\n).*?(<!-- end -->)", re.DOTALL)
    current = place.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page)
    if os.environ.get("BONGSU_UPDATE_SNAPSHOTS"):
        PAGE.write_text(current, encoding="utf-8")
    assert table in current
    assert PAGE.read_text(encoding="utf-8") == current, "run this test with BONGSU_UPDATE_SNAPSHOTS=1"


def test_the_page_lists_all_operations() -> None:
    expect_table("operations", table_of_operations())


def test_the_page_lists_all_problems() -> None:
    expect_table("problems", table_of_problems())
