"""The sections heartbeats and heartbeat: as they are meant, and every mistake with its place and its mend."""

from datetime import timedelta

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from bongsu.heartbeats_told import heartbeat_told
from bot.check import Level
from incidents.heartbeats.model import DeadMansSwitch, Heartbeat, Pulse
from incidents.model import Place, Severity
from incidents.pattern import Pattern
from incidents.policy import Policy
from tests.building import T0, minutes

TEN = timedelta(minutes=10)
WHOLE = """\
heartbeats:
  prod-a: {source: grafana, match: {alert: Watchdog, cluster: Prod-A}, within: 10m, severity: error}
  staging: {match: {alert: [Watchdog, DeadMansSwitch], cluster: "/stag.*/", labels.team: infra}, within: 1h}
  nightly-backup: {within: 26h, labels: {team: storage}}
heartbeat: {url: "https://hc.example.com/ping/abc"}
"""


def read(text: str) -> Policy:
    return parse_policy(text, name="bongsu.yaml")


def test_each_way_to_be_heard_of() -> None:
    policy = read(WHOLE)
    exact = {"alert": frozenset({"watchdog"}), "cluster": frozenset({"prod-a"}), "source": frozenset({"grafana"})}
    assert policy.heartbeats == {
        "prod-a": Heartbeat("prod-a", TEN, Severity.ERROR, exact, place=Place(cluster="Prod-A")),
        "staging": Heartbeat(
            "staging",
            timedelta(hours=1),
            match={"alert": frozenset({"watchdog", "deadmansswitch"}), "labels.team": frozenset({"infra"})},
            patterns={"cluster": (Pattern("stag.*"),)},
        ),
        "nightly-backup": Heartbeat("nightly-backup", timedelta(hours=26), labels={"team": "storage"}),
    }
    assert policy.heartbeat == DeadMansSwitch("https://hc.example.com/ping/abc", timedelta(minutes=1))
    assert "abc" not in repr(policy)
    private = read("heartbeat: {url: 'http://10.0.0.7/x', every: 30s, allow_private: true}").heartbeat
    assert private == DeadMansSwitch("http://10.0.0.7/x", timedelta(seconds=30), allow_private=True)


def test_nothing_is_expected_where_nothing_is_said() -> None:
    assert (read("").heartbeats, read("").heartbeat) == ({}, None)
    assert read("heartbeats:\nheartbeat:\n") == read("")


A = "heartbeats:\n  a: "
MISTAKES = [
    (f"{A}{{}}", (2, 6), "'within' is missing"),
    (f"{A}", (2, 3), "a mapping is needed"),
    (f"{A}{{within: 10}}", (2, 15), "write a number with its unit"),
    (f"{A}{{within: 1s}}", (2, 15), "from 2s to 366d"),
    (f"{A}{{within: 367d}}", (2, 15), "from 2s to 366d"),
    (f"{A}{{within: 10m, sevrity: info}}", (2, 20), "did you mean 'severity'?"),
    (f"{A}{{within: 10m, severity: bad}}", (2, 30), "'bad' is no severity: use critical"),
    (f"{A}{{within: 10m, severity: [info]}}", (2, 30), "is no severity"),
    (f"{A}{{within: 10m, source: grafana}}", (2, 20), "'source' alone says nothing"),
    (f"{A}{{within: 10m, source: grafan, match: {{alert: W}}}}", (2, 28), "did you mean 'grafana'?"),
    (f"{A}{{within: 10m, source: grafana, match: {{alert: W, source: grafana}}}}", (2, 20), "it is one too many"),
    (f"{A}{{within: 10m, match: {{cluster: prod-a}}}}", (2, 27), "name its 'alert', too"),
    (f"{A}{{within: 10m, match: {{}}}}", (2, 27), "name its 'alert', too"),
    (f"{A}{{within: 10m, match: Watchdog}}", (2, 27), "a mapping is needed"),
    (f"{A}{{within: 10m, match: {{alrt: W}}}}", (2, 28), "did you mean 'alert'?"),
    (f"{A}{{within: 10m, match: {{alert: '/(/'}}}}", (2, 35), "can't be used, at character"),
    (f"{A}{{within: 10m, labels: {{team: 1}}}}", (2, 35), "text is needed"),
    ("heartbeats:\n  Prod A: {within: 10m}", (2, 3), "'Prod A' can't be a name here"),
    ("heartbeats:\n  1: {within: 10m}", (2, 3), "'1' can't be a name here"),
    ("heartbeats: [a]", (1, 13), "a mapping is needed"),
    ("heartbeat: https://hc", (1, 12), "a mapping is needed"),
    ("heartbeat: {every: 1m}", (1, 12), "'url' is missing"),
    ("heartbeat: {url: hc.example.com}", (1, 18), "it is no http(s) URL"),
    ("heartbeat: {url: 'ftp://hc/secret'}", (1, 18), "it is no http(s) URL"),
    ("heartbeat: {url: 'https://hc:port/secret'}", (1, 18), "it is no URL"),
    ("heartbeat: {url: 'https://hc/a secret'}", (1, 18), "it is no http(s) URL"),
    ("heartbeat: {url: 'https://10.0.0.7/secret'}", (1, 18), "allow_private: true"),
    ("heartbeat: {url: 'https://169.254.169.254/secret', allow_private: true}", (1, 18), "the machine's metadata"),
    ("heartbeat: {url: 1}", (1, 18), "it is no URL"),
    ("heartbeat: {url: 'https://hc', every: 5s}", (1, 39), "from 10s to 1d"),
    ("heartbeat: {url: 'https://hc', evry: 1m}", (1, 32), "did you mean 'every'?"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES)
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        read(text)
    [mistake] = refused.value.mistakes
    assert words in mistake.problem
    assert (mistake.line, mistake.column) == place
    assert "secret" not in mistake.problem


def test_so_many_are_no_heartbeats_any_more() -> None:
    with pytest.raises(InvalidConfig, match="there are 201 heartbeats: 200 are the most"):
        read("heartbeats:\n" + "".join(f"  a{number}: {{within: 10m}}\n" for number in range(201)))


HEARD = Pulse("a", TEN, T0, minutes(10), last_seen_at=T0)


@pytest.mark.parametrize(
    ("pulse", "level", "words"),
    [
        (None, Level.WARNING, "nobody listens for it yet"),
        (HEARD, Level.OK, "last seen 2026-01-01 00:00:00 UTC, expected by 2026-01-01 00:10:00 UTC"),
        (Pulse("a", TEN, T0, minutes(10)), Level.OK, "never seen, expected by"),
        (Pulse("a", TEN, T0, minutes(1)), Level.WARNING, "silent since 2026-01-01 00:01:00 UTC, never seen"),
        (Pulse("a", TEN, T0, minutes(1), T0, minutes(1)), Level.WARNING, "silent since 2026-01-01 00:01:00 UTC, last"),
    ],
)
def test_doctor_says_when_each_was_last_seen(pulse: Pulse | None, level: Level, words: str) -> None:
    found = heartbeat_told("a", pulse, now=minutes(2))
    assert found.level is level
    assert words in found.what
