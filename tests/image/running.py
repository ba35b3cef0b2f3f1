"""What was built runs as the image would: as its user, on a root that is read-only but for ``/data`` and ``/tmp``."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.image.building import Building
from tests.image.dockerfile import Stage

_WITHIN = 60.0
"""Seconds for anything to become true."""
# The mounts are this process's own and go with it.
_READ_ONLY = """
set -e
mount --make-rprivate /
for folder in "$1" "$2"; do mount --bind "$folder" "$folder"; done
mount -o remount,bind,ro /
user=$3; shift 3
exec setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --bounding-set=-all "$@"
"""


@dataclass(frozen=True, slots=True)
class Image:
    """The last stage, built."""

    stage: Stage
    building: Building
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.building.root / "data"

    @property
    def user(self) -> str:
        return self.stage.last("USER").rest.partition(":")[0]

    @property
    def is_read_only(self) -> bool:
        """Whether the root can be mounted so here. Else files are only not writable."""
        if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
            return False
        return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0

    def seal(self) -> None:
        for path in (self.building.root, *self.building.root.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        for folder in (self.data, self.building.root / "tmp"):
            folder.chmod(0o700)
            if os.geteuid() == 0:
                os.chown(folder, int(self.user), int(self.user))

    def command(self, *arguments: str) -> list[str]:
        """What runs ``bongsu`` with these arguments."""
        program = self.stage.last("ENTRYPOINT").words
        return self._as_its_user([*program, *arguments])

    def _as_its_user(self, words: Sequence[str]) -> list[str]:
        program = shutil.which(words[0], path=self.building.environ["PATH"]) or words[0]
        if not self.is_read_only:
            return [program, *words[1:]]
        writable = [str(self.data), str(self.building.root / "tmp")]
        return ["unshare", "--mount", "sh", "-c", _READ_ONLY, "sh", *writable, self.user, program, *words[1:]]

    @property
    def environ(self) -> dict[str, str]:
        """The image's, and what is set for one container."""
        outside = {"HOME": str(self.data), "TMPDIR": str(self.building.root / "tmp"), "NO_PROXY": "127.0.0.1"}
        image = {name: self.building.environ[name] for name in ("PATH", *self.stage.environment)}
        return {**image, **outside, **self.settings}

    def run(self, *arguments: str) -> str:
        """To its end. Raises CalledProcessError."""
        return self._run(self.command(*arguments))

    def is_healthy(self) -> bool:
        """Docker's own question."""
        words = self.stage.last("HEALTHCHECK").rest.partition(" CMD ")[2] or self.stage.last("HEALTHCHECK").rest
        try:
            self._run(self._as_its_user(json.loads(words[words.index("[") :])))
        except subprocess.CalledProcessError:
            return False
        return True

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            command, cwd=self.data, env=self.environ, check=True, capture_output=True, text=True, timeout=_WITHIN
        )
        return done.stdout

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator["Running"]:
        """Ended when the block is left, by its id."""
        with (self.building.root.parent / f"{arguments[0]}.log").open("w+") as log:
            process = subprocess.Popen(
                self.command(*arguments), cwd=self.data, env=self.environ, stdout=log, stderr=log, text=True
            )
            try:
                yield Running(process, Path(log.name))
            finally:
                process.kill()
                process.wait()


@dataclass(frozen=True, slots=True)
class Running:
    process: "subprocess.Popen[str]"
    log: Path

    def stop(self) -> tuple[int, float]:
        """Its exit code, and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_WITHIN), time.monotonic() - began

    def until(self, what: Callable[[], object], promise: str) -> None:
        """Raises AssertionError, with what the process said, where it doesn't become true."""
        ends = time.monotonic() + _WITHIN
        while not what():
            if time.monotonic() > ends or self.process.poll() is not None:
                raise AssertionError(f"not within {_WITHIN:g} s: {promise}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)


def status(url: str) -> int:
    """0: nobody answers."""
    try:
        return requests.get(url, timeout=10).status_code
    except requests.ConnectionError:
        return 0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def listing(root: Path) -> dict[str, int]:
    """All files but those in which may be written, with when they were changed."""
    return {
        str(path): path.lstat().st_mtime_ns
        for path in root.rglob("*")
        if path.relative_to(root).parts[0] not in ("data", "tmp") and not path.is_dir()
    }
