"""`bongsu escalation simulate`: the future of an incident as a person reads it."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from bongsu.cli import main
from bongsu.config_file import parse_policy

CONFIG = """\
routes:
  - match: {service: payments, cluster: prod-a}
    channels: ["#payments", "#leads"]
    mention: ["@payments"]
    escalation: {critical: page, error: none}
  - match: {labels.team: search}
    channel: "#search"
    mention: ["schedule:office"]
escalations:
  page:
    steps:
      - {after: 5m}
      - {after: 15m, mention: ["<@U0CAROL>", "schedule:payments"], broadcast: true}
      - {after: 30m, channel: "#leads", webhook: "https://a.example/x?k=1", direct: ["<@U0ALICE>", "schedule:payments"]}
    repeat: 45m
    acknowledge_timeout: 1h
    unresolved_reminder: 4h
schedules:
  payments: {timezone: Europe/Berlin, rotate: daily, handover: "03:00", people: ["<@U0ALICE>", "<@U0BOB>"]}
  office: {timezone: Asia/Seoul, hours: "09:00-18:00", gaps: true, people: ["<@U0ALICE>"]}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BONGSU_CONFIG", raising=False)
    (tmp_path / "bongsu.yaml").write_text(CONFIG, "utf-8")
    return tmp_path


@pytest.fixture
def said(home: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["escalation", "simulate", *arguments]) == code
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_the_night_on_which_the_clocks_go_forward(said: Any) -> None:
    """The last step of the first round is due at 02:00, which no clock shows: it is 03:00, and Bob's turn is over."""
    [webhook] = parse_policy(CONFIG, name="bongsu.yaml").webhooks
    told = said("--service", "payments", "--cluster", "prod-a", "--at", "2026-03-29T01:30", "--hours", "2")
    assert told.replace(webhook, "<its name>") == (
        """\
An incident: severity critical · service payments · cluster prod-a
  route in line 2: to #payments, #leads
  escalated by page (line 10), as the route says: 5m, 15m, 30m, and 45m later from the start

after  at (Europe/Berlin)         step   round  tells                                       where
0s     Sun 2026-03-29 01:30 CET   opens         @payments                                   card in #payments and #leads
5m     Sun 2026-03-29 01:35 CET   1/3    1      @payments                                   thread
15m    Sun 2026-03-29 01:45 CET   2/3    1      <@U0CAROL>, <@U0BOB> (on call: payments)    thread and #payments
30m    Sun 2026-03-29 03:00 CEST  3/3    1      @payments                                   thread, #leads, \
direct message to <@U0ALICE> (on call: payments), webhook <its name>
1h15m  Sun 2026-03-29 03:45 CEST  1/3    2      @payments                                   thread
1h25m  Sun 2026-03-29 03:55 CEST  2/3    2      <@U0CAROL>, <@U0ALICE> (on call: payments)  thread and #payments
1h40m  Sun 2026-03-29 04:10 CEST  3/3    2      @payments                                   thread, #leads, \
direct message to <@U0ALICE> (on call: payments), webhook <its name>
The next page comes at Sun 2026-03-29 04:55 CEST.

If somebody takes it at Sun 2026-03-29 01:35 CET, nobody is paged any more.
  Sun 2026-03-29 03:35 CEST  they are asked whether they still work on it; without an answer within 5m
                             it is nobody's again, and paged from the first step
  Sun 2026-03-29 06:35 CEST  they hear that it is still open, and again every 4h

Snoozes, maintenance, storms, and what people have taken over are not looked at.
"""
    )


def test_what_is_not_escalated_says_why(said: Any) -> None:
    assert said("--service", "payments", "--cluster", "prod-a", "--severity", "error") == (
        """\
An incident: severity error · service payments · cluster prod-a
  route in line 2: to #payments, #leads
  not escalated: the route says none
"""
    )


def test_an_empty_file_has_a_future_too(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").unlink()
    told = said("--at", "2026-03-29T01:30")
    assert "  no route takes it: to #incidents\n  escalated by built-in critical: " in told
    assert "5m     Sun 2026-03-29 01:35 UTC  1/3    1      nobody by name  thread and #incidents\n" in told
    assert "15m    Sun 2026-03-29 01:45 UTC  2/3    1      nobody by name  thread and #incidents\n" in told
    assert said("--severity", "info").endswith("  not escalated: nothing is built in for info\n")


def test_a_label_takes_a_route_and_hours_without_anybody_are_told(said: Any) -> None:
    labels = ("--label", "team=search", "--label", "severity=warning", "--hours", "1")
    told = said(*labels, "--at", "2026-03-28T17:30")
    assert "severity warning · team search" in told
    assert "route in line 6: to #search" in told
    assert "0s     Sat 2026-03-28 17:30 KST  opens         <@U0ALICE> (on call: office)  card in #search" in told
    assert "1h     Sat 2026-03-28 18:30 KST  1/1    1      nobody on call: office        thread" in told
    assert "After that nobody is paged again." in told


def test_what_is_named_goes_before_what_labels_say(said: Any) -> None:
    told = said("--label", "service=search", "--label", "cluster=prod-a", "--service", "payments")
    assert told.startswith("An incident: severity critical · service payments · cluster prod-a")
    assert "route in line 2" in told


QUIET = 'paging: {quiet_hours: {timezone: Europe/Berlin, hours: "22:00-07:00"}}\n'


def test_a_warning_waits_for_the_morning(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text(QUIET, "utf-8")
    night = ("--severity", "warning", "--at", "2026-03-28T23:30")
    told = said(*night)
    assert "The next page comes at Sun 2026-03-29 07:00 CEST, as the quiet hours end." in told
    assert "If somebody takes it at Sun 2026-03-29 07:00 CEST, nobody is paged any more.\n\n" in told
    held = "6h30m  Sun 2026-03-29 07:00 CEST  1/1    1      nobody by name  thread and #incidents (due 00:30, held back"
    assert held in said(*night, "--hours", "8")
    assert "held back" not in said("--severity", "critical", "--at", "2026-03-28T23:30")


def test_what_goes_on_for_ever_ends_at_a_hundred_rows(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text("escalations: {default: {steps: [{after: 0s}], repeat: 1m}}\n", "utf-8")
    told = said("--at", "2026-01-02T00:00+01:00", "--hours", "168")
    assert told.count("1/1") == 100
    assert "The next page comes at Fri 2026-01-02 00:40 UTC." in told


def test_without_a_time_it_opens_now(said: Any) -> None:
    assert "The next page comes at" in said()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["--severity", "grve"], "--severity: 'grve' is no severity: use critical, error, warning, info, unknown"),
        (["--severity", "eror"], "--severity: 'eror' is no severity: did you mean 'error'?"),
        (["--label", "team"], "--label: 'team' is no label: write such as --label team=payments"),
        (["--label", "=x"], "--label: '=x' is no label: write such as --label team=payments"),
        (["--at", "tomorrow"], "--at: 'tomorrow' is no time: write such as 2026-03-29T01:30"),
        (["--at", "9999-12-31"], "--at: '9999-12-31' is out of range: write a time from 2000 to 2099"),
        (["--hours", "0"], "--hours: '0' can't be looked so far: write 1 to 168"),
        (["--hours", "169"], "--hours: '169' can't be looked so far: write 1 to 168"),
        (["--hours", "-4"], "--hours: '-4' can't be looked so far: write 1 to 168"),
        (["--hours", "1000000001"], "--hours: '1000000001' can't be looked so far: write 1 to 168"),
        (["--hours", "two"], "--hours: 'two' can't be looked so far: write 1 to 168"),
    ],
)
def test_what_is_wrong_is_one_line(said: Any, given: list[str], line: str) -> None:
    assert said(*given, code=2) == f"bongsu: {line}\n"


def test_a_mistake_in_the_file_is_one_line(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text("escalations: {a: {steps: []}}", "utf-8")
    assert said(code=2).startswith("bongsu: bongsu.yaml: escalations.a.steps: line 1, column 26: the list is empty")


def test_the_page_shows_what_is_printed(home: Path, said: Any) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "escalation.md").read_text("utf-8")
    [config] = re.findall(r"```yaml\n([^`]*  calm:[^`]*)```", page)
    [(command, printed)] = re.findall(r"\$ bongsu escalation simulate (.*)\n([^`]*)```", page)
    (home / "bongsu.yaml").write_text(config, "utf-8")
    assert said(*shlex.split(command)) == printed


def test_who_is_on_call_by_a_calendar_is_not_made_up(said: Any, home: Path) -> None:
    """It is read by `bongsu serve` alone."""
    schedules, _, _ = CONFIG.partition("  office:")
    calendar = '  office: {timezone: UTC, ical: "https://a.example/x.ics", people: {Bob: U0BOB12}, fallback: U0EVE12}\n'
    (home / "bongsu.yaml").write_text(schedules + calendar, "utf-8")
    told = said("--label", "team=search", "--hours", "1")
    assert "on call: office (its calendar says who)" in told
    assert "U0EVE12" not in told
