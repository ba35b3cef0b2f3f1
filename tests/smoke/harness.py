"""The whole house: Bongsu and the sandbox as processes, a Grafana beside them, and what must hold when a test ends."""

import contextlib
import json
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from bongsu.config_file import read_policy
from bongsu.config_mistakes import InvalidConfig
from bot.language import DEFAULT, speaking
from incidents.policy import Policy
from tests.smoke.grafana import Grafana
from tests.smoke.processes import Process
from tests.smoke.truth import Truth, truth
from tests.smoke.waiting import until
from tests.smoke.workspace import Workspace, is_answer, is_digest, is_notice, is_page, is_report, is_rollup

TOKEN = "canary-webhook-token"
HMAC_SECRET = "canary-hmac-secret"
BOT_TOKEN = "xoxb-test-canary"
APP_TOKEN = "xapp-test-canary"
SIGNING_SECRET = "canary-signing-secret"
CANARIES = (TOKEN, HMAC_SECRET, BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, "beacon-fire")
"""Secrets, MariaDB's password among them, that no process may ever say."""

Json = dict[str, Any]


class House:
    """``allowed`` are the errors in Bongsu's log that the test provokes: by ``action``, else by logger.

    All of its Bongsu processes share one database. ``language`` is what ``config`` says that channels are written in.
    """

    def __init__(
        self, home: Path, *, database_url: str, free_port: Callable[[], int], config: str = "", language: str = DEFAULT
    ) -> None:
        self.home, self.database_url, self._free_port = home, database_url, free_port
        self.sandbox_port, self.port = free_port(), free_port()
        self.language = language
        self.allowed: set[str] = set()
        self.processes: list[Process] = []
        self.sandbox: Process | None = None
        self.workspace = Workspace(f"http://127.0.0.1:{self.sandbox_port}")
        self.grafana = self.grafana_at(self.port)
        if config:
            (home / "bongsu.yaml").write_text(config, "utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bongsu(self) -> Process:
        """The one that was started last."""
        return self.processes[-1]

    def settings(self, **changes: str | None) -> dict[str, str]:
        """The environment of `bongsu serve`; None leaves a variable out."""
        told = {
            "BONGSU_DATABASE_URL": self.database_url,
            "BONGSU_HOST": "127.0.0.1",
            "BONGSU_PORT": str(self.port),
            "BONGSU_WEBHOOK_TOKEN": TOKEN,
            "BONGSU_GRAFANA_HMAC_SECRET": HMAC_SECRET,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "BONGSU_SLACK_API_URL": f"http://127.0.0.1:{self.sandbox_port}/api/",
            **changes,
        }
        return {name: value for name, value in told.items() if value is not None}

    def grafana_at(self, port: int) -> Grafana:
        return Grafana(f"http://127.0.0.1:{port}", token=TOKEN, hmac_secret=HMAC_SECRET)

    def open(self, **settings: str | None) -> "House":
        """Sandbox and Bongsu, ready."""
        self.start_sandbox(wait=False)
        self.start_bongsu(wait=False, **settings)
        self.wait_for_sandbox()
        self.wait_until_ready()
        return self

    def open_in_order(self, **settings: str | None) -> "House":
        """The same, but Slack is there first: Bongsu knows the workspace as it starts, so all its links are there."""
        self.start_sandbox()
        self.start_bongsu(**settings)
        return self

    def start_sandbox(self, *options: str, wait: bool = True) -> None:
        told = ("--port", str(self.sandbox_port), "--app-url", self.url, "--signing-secret", SIGNING_SECRET)
        self.sandbox = Process("sandbox", *told, *options, cwd=self.home)
        if wait:
            self.wait_for_sandbox()

    def start_bongsu(self, *, wait: bool = True, **settings: str | None) -> Process:
        process = Process("serve", cwd=self.home, settings=self.settings(**settings))
        self.processes.append(process)
        if wait:
            self.wait_until_ready(port=int(settings.get("BONGSU_PORT") or self.port))
        return process

    def wait_for_sandbox(self) -> None:
        def look() -> bool:
            assert self.sandbox is not None
            assert self.sandbox.exit_code is None, self.sandbox.stderr
            return status_of(f"{self.workspace.url}/_control/faults") == 200

        until(look, "the sandbox listens", within=60)
        self.workspace.do("people", user="carol", locale="en-US", silent=True)  # what tests read is English

    def wait_until_ready(self, *, port: int | None = None) -> None:
        process = self.bongsu

        def look() -> bool:
            assert process.exit_code is None, process.stderr
            return status_of(f"http://127.0.0.1:{port or self.port}/readyz") == 200

        until(look, "bongsu is ready", within=60)

    def wait_until_told(self, action: str, *, within: float = 30.0) -> Json:
        """The first line of the newest process's log with this ``action``."""

        def look() -> Json | None:
            told = [json.loads(line) for line in self.bongsu.stderr.splitlines() if line.startswith("{")]
            return next((one for one in told if one.get("action") == action), None)

        found = until(look, f"the log tells of {action}", within=within)
        assert found is not None
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Of an SQLite house, past the program."""
        with contextlib.closing(sqlite3.connect(self.home / "bongsu.db", timeout=10)) as database:
            found = database.execute(sql).fetchall()
            database.commit()
            return found

    def policy(self) -> Policy:
        """What stands in the file of this house now; what is built in where that is wrong."""
        try:
            return read_policy(self.home / "bongsu.yaml", required=False)
        except InvalidConfig:
            return Policy()

    def settled(self, *, within: float = 40.0) -> Truth:
        """Once Slack was told everything."""

        def look() -> Truth | None:
            told = truth(self.database_url, self.workspace.url, self.policy())
            return None if told.waiting else told

        found = until(look, "slack shows everything", within=within)
        assert found is not None
        return found

    def check(self) -> None:
        """What holds at the end of every test: each incident has one true card, or a true roll-up shows it; one true
        notice for each hour of refusals; nothing unexpected; a clean log."""
        if self.sandbox is not None and self.sandbox.exit_code is None:
            with speaking(self.language):
                self._check_slack(self.settled())
        self._check_logs()

    def _check_slack(self, told: Truth) -> None:
        roots: dict[str, list[Json]] = {name: [] for name in told.cards}
        notices, rollups = [], []
        for message in self.workspace.messages():
            if not message["thread_ts"] and not message["deleted"] and message["user"] == "U0BONGSU":
                if is_notice(message):
                    notices.append(message["text"])
                elif is_rollup(message):
                    rollups.append((message["text"], message["blocks"]))
                elif not (is_digest(message) or is_answer(message) or is_page(message) or is_report(message)):
                    roots.setdefault(_incident_in(message["text"]), []).append(message)
        assert sorted(notices) == sorted(notice.text for notice in told.notices.values())
        assert sorted(rollups) == sorted((one.text, one.blocks) for one in told.rollups.values())
        assert told.rollups or not told.parked
        assert {name: len(found) for name, found in roots.items()} == dict.fromkeys(told.cards, 1)
        for name, rendered in told.cards.items():
            [shown] = roots[name]
            if shown["blocks"]:
                assert shown["blocks"] == rendered.blocks, f"{name} is not shown as it is"
            assert shown["text"] == rendered.text
        unexpected = self.workspace.unexpected()
        assert not unexpected, "\n".join(unexpected)

    def _check_logs(self) -> None:
        for process in [*self.processes, *([self.sandbox] if self.sandbox else [])]:
            said = process.stdout + process.stderr
            assert [canary for canary in CANARIES if canary in said] == []
        for process in self.processes:
            wrong = [line for line in process.stderr.splitlines() if not self._is_fine(line)]
            assert not wrong, "\n".join(wrong)
        assert self.sandbox is None or "Traceback" not in self.sandbox.stderr, self.sandbox.stderr

    def _is_fine(self, line: str) -> bool:
        """A line of JSON that tells no error but those that were allowed."""
        try:
            told = json.loads(line)
        except ValueError:
            return False
        return told["level"] not in {"error", "critical"} or told.get("action", told["logger"]) in self.allowed

    def close(self) -> None:
        for process in [*self.processes, *([self.sandbox] if self.sandbox else [])]:
            process.kill()
        self.workspace.close()

    def explain(self) -> Iterator[str]:
        """What every process said last, for whoever reads of a failure."""
        for process in [*self.processes, *([self.sandbox] if self.sandbox else [])]:
            yield f"--- {process.arguments[0]} ({process.pid}, exit code {process.exit_code})\n{process.stderr[-6000:]}"

    def stop_bongsu(self, *, within: float = 30.0) -> int:
        """By SIGTERM; its exit code."""
        self.bongsu.tell(signal.SIGTERM)
        return self.bongsu.wait(within=within)


def status_of(url: str) -> int:
    """0: nobody answers."""
    try:
        return requests.get(url, timeout=8).status_code
    except requests.ConnectionError:
        return 0


def _incident_in(text: str) -> str:
    found = re.search(r"INC-\d+", text)
    return found[0] if found else text
