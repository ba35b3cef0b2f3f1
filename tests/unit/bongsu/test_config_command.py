"""`bongsu config check`: every mistake as a person reads it, and the way that an alert takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from bongsu.cli import main

CONFIG = """\
slack: {default_channel: "#incidents"}
routes:
  - match: {service: "/search.*/"}
    channel: "#search"
  - match:
      service: "/pay.*/"
      labels.team: payments
    channels: ["#payments", "#leads"]
    mention: ["@oncall"]
    storm: 30
  - match: {severity: critical}
    channel: "#grave"
    storm: off
"""
CALENDAR = '  {0}: {{timezone: UTC, ical: "{1}/{0}.ics", people: {{alice: U0ALICE}}}}'
ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20240101T000000Z
DTSTART:20240101T000000Z
DTEND:20240102T000000Z
RRULE:FREQ=DAILY
SUMMARY:eve
END:VEVENT
END:VCALENDAR
"""
RIGHT = {"BONGSU_WEBHOOK_TOKEN": "t", "SLACK_BOT_TOKEN": "xoxb-x", "SLACK_SIGNING_SECRET": "s"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BONGSU_CONFIG", raising=False)
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "bongsu.yaml").write_text(CONFIG, "utf-8")
    return tmp_path


@pytest.fixture
def said(home: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["config", "check", *arguments]) == code
        told = capsys.readouterr()
        return told.out + told.err

    return run


def test_what_is_right_is_said_in_a_line(said: Any) -> None:
    assert said() == ("the settings and bongsu.yaml are right: incidents go to #incidents, 3 routes lead elsewhere\n")


def test_without_a_file_the_settings_alone_are_looked_at(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").unlink()
    assert said().startswith("the settings are right: incidents go to #incidents, 0 routes")


def test_a_wrong_environment_is_a_line_of_its_own(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    assert said(code=2).startswith("bongsu: SLACK_BOT_TOKEN: ")


def test_every_mistake_shows_its_line_and_its_place(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text("slak: {}\nroutes:\n  - chanel: '#a'\n", "utf-8")
    told = said(code=1)
    assert told.startswith(
        """\
bongsu.yaml has 3 mistakes:

  line 1, column 1  slak
    there is no such key 'slak': did you mean 'slack'?
    1 | slak: {}
        ^

  line 3, column 5  routes.0.chanel
    there is no such key 'chanel': did you mean 'channel'?
    3 |   - chanel: '#a'
            ^

  line 3, column 5  routes.0.channel
    'channel' is missing or empty: write"""
    )
    assert told.endswith("    3 |   - chanel: '#a'\n            ^\n")


def test_a_long_line_is_shown_around_the_place(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text(f"limits: {{{' ' * 300}label: 3}}\n", "utf-8")
    lines = said(code=1).splitlines()
    shown, mark = lines[-2], lines[-1]
    assert len(shown) < 120
    assert shown[mark.index("^") :].startswith("label")


def test_what_is_hardly_meant_is_noted(home: Path, said: Any) -> None:
    told = "routes:\n  - {channel: C1, escalation: page}\n  - {match: {service: pay.*}, channel: C2}\n"
    told += "escalations:\n" + "".join(f"  {name}: {{steps: [{{after: 5m}}]}}\n" for name in ("page", "old", "default"))
    (home / "bongsu.yaml").write_text(told, "utf-8")
    told = said()
    assert "! line 2: this route takes everything, so those below it are never reached" in told
    assert '! line 3: service is compared with "pay.*" as it stands; as an expression it is "/pay.*/"' in told
    assert "! line 6: no route names the escalation policy 'old', so it pages nobody" in told
    assert told.count("!") == 3


def test_what_is_wrong_with_a_calendar_on_this_machine_is_noted(home: Path, said: Any) -> None:
    (home / "broken.ics").write_text("BEGIN:VCALENDAR\nno end", "utf-8")
    (home / "right.ics").write_text(ICS, "utf-8")
    calendars = ["missing", "broken", "right"]
    (home / "bongsu.yaml").write_text(
        "\n".join(["schedules:", *(CALENDAR.format(one, home) for one in calendars)]), "utf-8"
    )
    assert said().splitlines()[1:] == [
        "  ! line 2: the calendar of 'missing' can't be used, so nobody is on call by it: "
        "it can't be read (No such file or directory)",
        "  ! line 3: the calendar of 'broken' can't be used, so nobody is on call by it: it is no iCalendar",
        "  ! line 4: the calendar of 'right' is about people whom 'people' does not know: 'eve'",
    ]


def test_labels_take_a_route_and_each_that_was_tried_says_why_not(said: Any) -> None:
    assert said("--labels", "service=payments,severity=critical,team=Payments,alertname=HighErrorRate") == (
        """\
HighErrorRate: severity critical · service payments
  1. line 3, to #search: no, service is "payments", not /search.*/
  2. line 5, to #payments, #leads: yes, labels.team is "Payments", service "payments" matches /pay.*/
  → #payments, #leads
    mentions @oncall as it opens
    escalated by built-in critical: 5m, 15m, 30m, and 30m later from the start
    #payments: one message instead of cards above 30 new incidents a minute
    #leads: one message instead of cards above 30 new incidents a minute
"""
    )


def test_what_no_route_takes_goes_to_the_default_channel(said: Any) -> None:
    told = said("--labels", "service=payments")
    assert '2. line 5, to #payments, #leads: no, it has no labels.team, not "payments"' in told
    assert '3. line 11, to #grave: no, severity is "unknown", not "critical"' in told
    assert "→ #incidents (no route takes it: slack.default_channel)" in told


def test_an_alert_as_grafana_sends_it(home: Path, said: Any) -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "Slow", "service": "search-api", "severity": "warning"},
        "annotations": {"summary": "It is slow"},
        "startsAt": "2026-01-02T10:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://grafana.example.com/alerting/grafana/abc/view",
        "fingerprint": "f",
    }
    told = {"receiver": "bongsu", "status": "firing", "orgId": 1, "alerts": [alert, {**alert, "labels": {"a": "b"}}]}
    told |= {"externalURL": "https://grafana.example.com/", "groupLabels": {}, "version": "1"}
    (home / "alert.json").write_text(json.dumps(told), "utf-8")
    first, second = said("--alert", "alert.json").split("\n\n")
    assert "Slow: severity warning · service search-api · cluster 1@grafana.example.com" in first
    assert "→ #search" in first
    assert "→ #incidents" in second


ESCALATIONS = """\
routes:
  - {match: {service: a}, channel: "#a", escalation: page}
  - {match: {service: b}, channel: "#b", escalation: none}
  - {match: {service: c}, channel: "#c", escalation: {critical: page}}
  - {match: {service: d}, channel: "#d", escalation: default}
escalations:
  page:
    severity: [critical, error]
    steps: [{after: 0s}, {after: 10m}]
"""
DEFAULT = "  default: {severity: error, steps: [{after: 1h}]}\n"


@pytest.mark.parametrize(
    ("labels", "more", "told"),
    [
        ("service=a,severity=critical", "", "escalated by page (line 7), as the route says: 0s, 10m"),
        ("service=a,severity=warning", "", "not escalated: page (line 7) is not for warning"),
        ("service=b,severity=critical", "", "not escalated: the route says none"),
        ("service=c,severity=critical", "", "escalated by page (line 7), as the route says: 0s, 10m"),
        ("service=c,severity=warning", "", "escalated by built-in warning: 1h"),
        ("service=c,severity=error", DEFAULT, "escalated by default (line 10): 1h"),
        ("service=c,severity=warning", DEFAULT, "not escalated: default (line 10) is not for warning"),
        ("service=d,severity=error", DEFAULT, "escalated by default (line 10), as the route says: 1h"),
        ("service=d,severity=error", "", "escalated by built-in error: 15m, 1h, and 2h later from the start"),
        ("service=e,severity=info", "", "not escalated: nothing is built in for info"),
    ],
)
def test_an_alert_is_told_by_which_policy_it_escalates(
    home: Path, said: Any, labels: str, more: str, told: str
) -> None:
    (home / "bongsu.yaml").write_text(ESCALATIONS + more, "utf-8")
    assert f"    {told}\n" in said("--labels", labels)


@pytest.mark.parametrize("text", ['{"service": "search", "tier": 1}', "service: search\ntier: 1\n"])
def test_labels_in_a_file(home: Path, said: Any, text: str) -> None:
    (home / "alert").write_text(text, "utf-8")
    assert "→ #search" in said("--alert", "alert")


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        (["--labels", "service"], "'service' is no label: write such as service=payments"),
        (["--alert", "nowhere"], "write the path of a file"),
        (["--alert", "list"], "write what Grafana sends"),
        (["--alert", "odd"], "is not what Grafana sends"),
        (["--alert", "broken"], "is neither JSON nor YAML"),
    ],
)
def test_an_example_that_is_none_says_what_to_write(home: Path, said: Any, given: list[str], mend: str) -> None:
    (home / "list").write_text("[]", "utf-8")
    (home / "odd").write_text('{"alerts": 5, "x": {}}', "utf-8")
    (home / "broken").write_text("{", "utf-8")
    assert mend in said(*given, code=2)


def test_with_mistakes_no_way_is_told(home: Path, said: Any) -> None:
    (home / "bongsu.yaml").write_text("slak: {}", "utf-8")
    assert "has 1 mistake" in said("--labels", "service=x", code=1)
