"""`python -m tests.mutations`: each guard is taken out in a copy of the source, and a test must notice.

The copy is made of the files that git tracks or would track. First the tests run in it as it is and must pass; then
once for each guard, without it. A Markdown table tells what failed. Exit code 1 if a guard can be taken out with no
test failing, if a text that takes one out no longer stands there once, or if a run did not come to its end.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards import GUARDS, ROOT, Guard
from tests.mariadb import MariaDB

_DATABASE = "BONGSU_TEST_DATABASE_URL"
_EACH_WITHIN = 60
"""Seconds for one test: one that hangs without its guard has failed."""
_RUN_WITHIN = 400
"""Seconds for all tests of one guard, so that the whole comes to an end."""
_NOTICED = re.compile(r"^FAILED (\S+)", re.MULTILINE)
_TESTS_FAILED = 1
"""pytest's exit code; others say that it could not even run them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one guard. ``failed`` are names of tests; ``trouble``: why it proves nothing, empty where it does."""

    guard: Guard
    failed: Sequence[str]
    seconds: float
    trouble: str = ""

    @property
    def row(self) -> str:
        told = self.trouble and f"**{self.trouble}**"
        return f"| {self.guard.name} | `{self.guard.places}` | {told or _listed(self.failed)} | {self.seconds:.0f} |"


def main(arguments: Sequence[str] | None = None) -> int:
    guards = _chosen(arguments)
    rotten = [guard.name for guard in guards if any(edit.matches != 1 for edit in guard.edits)]
    if rotten:
        _say(f"what takes these out does not stand there exactly once: {'; '.join(rotten)}")
        return 1
    with _database() as url:
        whole = _unharmed(guards, url)
        if whole:
            _say(whole)
            return 1
        _say("| guard | taken out where | tests that fail | seconds |\n|---|---|---|---|")
        survived = 0
        for guard in guards:
            outcome = _without(guard, url)
            survived += bool(outcome.trouble)
            _say(outcome.row)
    return int(survived > 0)


def _chosen(arguments: Sequence[str] | None) -> list[Guard]:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="guards in whose name this stands")
    only = parser.parse_args(arguments).only
    wanted = [guard for guard in GUARDS if only in guard.name]
    if not wanted:
        parser.error(f"no guard has {only!r} in its name")
    return wanted


@contextmanager
def _database() -> Iterator[str]:
    """One server for all runs: starting it costs more than most of them."""
    if url := os.environ.get(_DATABASE):
        yield url
        return
    with MariaDB() as server:
        yield server.url("")


def _unharmed(guards: Iterable[Guard], url: str) -> str:
    """Why the copy proves nothing: its tests fail with every guard in place. Empty: they pass."""
    tests = sorted({test for guard in guards for test in guard.tests})
    with _copy() as copy:
        run = _pytest(copy, tests, url)
    return "" if run is not None and run.returncode == 0 else f"as it is, they don't pass:\n{_output(run)}"


def _without(guard: Guard, url: str) -> Outcome:
    begun = time.monotonic()
    with _copy() as copy:
        for edit in guard.edits:
            edit.apply(copy)
        run = _pytest(copy, guard.tests, url)
    failed = _NOTICED.findall(_output(run))
    return Outcome(guard, failed, time.monotonic() - begun, _trouble(run, failed))


def _trouble(run: subprocess.CompletedProcess[str] | None, failed: Sequence[str]) -> str:
    if run is None:
        return f"did not end within {_RUN_WITHIN} s"
    if run.returncode == 0:
        return "no test fails"
    if run.returncode != _TESTS_FAILED or not failed:
        sys.stderr.write(_output(run))
        return "could not be run"
    return ""


@contextmanager
def _copy() -> Iterator[Path]:
    """The source tree in a directory of its own, which is gone afterwards."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory(prefix="bongsu-mutation-") as directory:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                target = Path(directory, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        yield Path(directory)


def _pytest(copy: Path, tests: Sequence[str], url: str) -> subprocess.CompletedProcess[str] | None:
    """None where it does not end. ``PYTHONPATH`` goes before what is installed, which is the source tree itself."""
    options = ["-q", "--no-header", "--tb=no", "-rf", "-p", "no:cacheprovider", f"--timeout={_EACH_WITHIN}"]
    given = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200", _DATABASE: url}
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        return subprocess.run(
            command, cwd=copy, env=given, capture_output=True, text=True, check=False, timeout=_RUN_WITHIN
        )
    except subprocess.TimeoutExpired:
        return None


def _output(run: subprocess.CompletedProcess[str] | None) -> str:
    return f"{run.stdout}{run.stderr}" if run else f"it did not end within {_RUN_WITHIN} s"


def _listed(tests: Iterable[str]) -> str:
    return ", ".join(f"`{test.partition('::')[2]}`" for test in tests)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
