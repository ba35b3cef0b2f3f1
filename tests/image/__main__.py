"""`python -m tests.image`: the Dockerfile's steps where no Docker is, and then what they made, as the image would run.

What is proved: the steps come to their end with the files that .dockerignore lets through and hashes of all
requirements; the result serves as user 10001 without rights, on a root that is read-only but for /data and /tmp; and is
healthy. What is not: the base image, and its version of Python. Exit code 1 where something is not so.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import requests

from tests.image.building import Building
from tests.image.dockerfile import let_through, parse
from tests.image.running import Image, free_port, listing, status

ROOT = Path(__file__).parents[2]
_TOKEN = "smoke-webhook-token"
_SIGNING = "smoke-signing-secret"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.image", description="Try the Dockerfile without Docker.")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--python", type=Path, help="in place of the image's: one that everybody may read")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        stages = parse((ROOT / "Dockerfile").read_text("utf-8"))
        building = Building(
            root=Path(folder) / "root",
            context=ROOT,
            files=let_through(_files(), (ROOT / ".dockerignore").read_text("utf-8")),
            arguments=dict(one.partition("=")[::2] for one in given.build_arg),
            python=given.python or _python(),
            says=_say,
        )
        port, slack = free_port(), free_port()
        try:
            building.build(stages)
            _say(f"built with {len(building.files)} files of the context")
            _try(Image(stages[-1], building, _settings(port, slack)), port=port, slack=slack)
        except AssertionError as error:
            return _say(f"FAILED: {error}")
        except subprocess.CalledProcessError as error:
            return _say(f"FAILED: {error}\n{error.stdout}\n{error.stderr}")
    return 0


def _files() -> list[str]:
    """What git tracks or would track: what lies in a fresh checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def _python() -> Path:
    """This one, unless it lies in a home that the image's user can't look into; then the system's."""
    names = (f"python3.{minor}" for minor in (13, 12, 11))
    found = [sys.executable, *(shutil.which(name, path="/usr/local/bin:/usr/bin") for name in names)]
    paths = [Path(one).resolve() for one in found if one]
    open_to_all = [one for one in paths if all(folder.stat().st_mode & 0o001 for folder in one.parents)]
    return (open_to_all or paths)[0]


def _settings(port: int, slack: int) -> dict[str, str]:
    return {
        "BONGSU_HOST": "127.0.0.1",
        "BONGSU_PORT": str(port),
        "BONGSU_WEBHOOK_TOKEN": _TOKEN,
        "BONGSU_SLACK_API_URL": f"http://127.0.0.1:{slack}/api/",
        "SLACK_BOT_TOKEN": "xoxb-smoke",
        "SLACK_SIGNING_SECRET": _SIGNING,
    }


def _try(image: Image, *, port: int, slack: int) -> None:
    image.seal()
    _say("the root is mounted read-only" if image.is_read_only else "the root's files are not writable (not as root)")
    before, url = listing(image.building.root), f"http://127.0.0.1:{port}"
    _expect(_is_told(image), "the SBOM names what is installed, and no pip")
    _expect(image.run("--version").startswith("bongsu "), "it says its version")
    _expect("revision" in image.run("migrate"), "it migrates")
    with (
        image.started("sandbox", "--port", str(slack), "--app-url", url, "--signing-secret", _SIGNING),
        image.started(*image.stage.last("CMD").words) as bongsu,
    ):
        bongsu.until(lambda: status(f"{url}/healthz") == 200, "/healthz is answered 200")
        bongsu.until(lambda: status(f"{url}/readyz") == 200, "/readyz is answered 200")
        _expect(status(f"{url}/metrics") == 200, "it has metrics")
        _expect(status(f"{url}/api/docs/") == 200, "it brings its pages")
        _expect(image.is_healthy(), "it is healthy, as Docker asks")
        _expect(_takes_an_alert(url), "it takes an alert")
        code, seconds = bongsu.stop()
        _expect(code == 0, f"it stops by itself, in {seconds:.1f} s")
    _expect(not image.is_healthy(), "it isn't healthy once it has stopped")
    _expect(listing(image.building.root) == before, "nothing was written but below /data and /tmp")


def _is_told(image: Image) -> bool:
    file = image.building.root / "opt" / "bongsu" / "bongsu.cdx.json"
    names = {one["name"].lower().replace("_", "-") for one in json.loads(file.read_text("utf-8"))["components"]}
    return {"aiohttp", "sqlalchemy", "slack-sdk"} <= names and not names & {"pip", "setuptools", "cyclonedx-bom"}


def _takes_an_alert(url: str) -> bool:
    alert = {
        "status": "firing",
        "labels": {"alertname": "Smoke", "severity": "warning", "cluster": "smoke"},
        "annotations": {"summary": "From the image"},
        "startsAt": "2026-01-01T00:00:00Z",
        "fingerprint": "5a0fe1bc0c2d3e4f",
    }
    body = {"receiver": "bongsu", "status": "firing", "alerts": [alert], "externalURL": "http://127.0.0.1:3000/"}
    headers = {"Authorization": f"Bearer {_TOKEN}"}
    return requests.post(f"{url}/webhooks/grafana", json=body, headers=headers, timeout=30).status_code == 200


def _expect(so: bool, what: str) -> None:
    if not so:
        raise AssertionError(what)
    _say(f"- {what}")


def _say(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return 1


if __name__ == "__main__":
    sys.exit(main())
