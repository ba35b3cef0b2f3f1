"""Every mistake of a bongsu.yaml, with its line, its column, and what to write instead."""

from pathlib import Path

import pytest

from bongsu.config_file import parse_policy, read_policy
from bongsu.config_mistakes import InvalidConfig, Mistake
from incidents.errors import InvalidInput


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(InvalidConfig) as refused:
        parse_policy(text, name="bongsu.yaml")
    return list(refused.value.mistakes)


ROUTE = "routes:\n  - channel: '#pay'\n"

# The text, then the place and words of the only mistake in it.
ALONE = [
    # --- the YAML itself
    ("routes:\n\t- channel: '#a'", (2, 1), "a tab indents this line: write blanks"),
    ("slack: {default_channel: '#a'", (1, 30), "close the bracket"),
    ("slack: [", (1, 9), "close the bracket"),
    ("slack:\n  default_channel: '#a", (2, 23), "close the quotes or the bracket"),
    ("routes:\n  - channel: C1\n    mention: @oncall", (3, 14), "write the value in quotes"),
    ("routes:\n  - match: {service: *}\n    channel: C1", (2, 23), "'*' begins an alias: write the value in quotes"),
    ("routes:\n  - match: {alert: !x}\n    channel: C1", (2, 22), "'!' begins a tag: write the value in quotes"),
    ('routes:\n  - match: {alert: "/v\\d/"}\n    channel: C1', (2, 24), "write single quotes"),
    ("slack:\n  default_channel: a: b", (2, 21), "in quotes"),
    ("slack:\n  default_channel: '#a'\n admin_channel: '#b'", (3, 2), "stands one below the other"),
    ("slack:\n  default_channel\n  admin_channel: C1", (3, 16), "in quotes"),
    ("slack: {}\nstorm: {}\nslack: {}", (3, 1), "'slack' stands twice, first in line 1: put them together"),
    ("routes:\n  - channel: C1\n    channel: C2", (3, 5), "'channel' stands twice, first in line 2"),
    ("slack: {}\n---\nstorm: {}", (2, 1), "leave '---' out"),
    ("slack: {}\nstorm: \x01", (2, 8), "delete it"),
    ("sources: {grafana: {repeat_interval: 2026-13-45}}", (1, 38), "a number or date can't be read"),
    ("2026-13-45: {}", (1, 1), "a number or date can't be read"),
    ("- slack", (1, 1), "it is not a mapping: write keys such as 'slack:'"),
    ("hello", (1, 1), "it is not a mapping"),
    # --- keys
    ("slak: {}", (1, 1), "there is no such key 'slak': did you mean 'slack'?"),
    ("calendars: {}", (1, 1), "there is no such key 'calendars': use approvals, digests, escalations, heartbeat"),
    ("escalation: {}", (1, 1), "there is no such key 'escalation': did you mean 'escalations'?"),
    ("slack:\n  default_chanel: '#a'", (2, 3), "did you mean 'default_channel'?"),
    (f"{ROUTE}    chanels: ['#a']", (3, 5), "did you mean 'channels'?"),
    (f"{ROUTE}    escalations: page", (3, 5), "did you mean 'escalation'?"),
    (f"{ROUTE}    storm:\n      abve: 3", (4, 7), "did you mean 'above'?"),
    ("sources:\n  grafan: {}", (2, 3), "there is no source 'grafan': did you mean 'grafana'?"),
    ("sources:\n  grafana:\n    repeat: 4h", (3, 5), "use default_labels, repeat_interval"),
    ("retention: {alert: 30d}", (1, 13), "did you mean 'alerts'?"),
    # --- types
    ("slack: hello", (1, 8), "a mapping is needed: write keys below it"),
    ("routes: hello", (1, 9), "a list is needed"),
    ("routes:\n  channel: C1", (2, 3), "a list is needed: write - before each"),
    ("routes:\n  - hello", (2, 5), "a mapping is needed"),
    ("slack:\n  admin_channel: 5", (2, 18), 'text is needed: write it in quotes, "5"'),
    ("slack:\n  default_channel: #incidents", (2, 3), "in quotes where it begins with # or @"),
    ("slack: {language: klingon}", (1, 19), "'klingon' is no language that Bongsu speaks: use en or ko"),
    ("labels: {phases: prod}", (1, 18), "a list is needed: write [prod]"),
    ("limits: {timeline: 0}", (1, 20), "write a whole number from 1"),
    ("retention: {alerts: 5m}", (1, 21), "write 1h or more"),
    ("retention: {incidents: 30d}", (1, 12), "set alerts, too"),
    ("roles: {admin: ['<@U0ALICE>', alice]}", (1, 31), "'alice' is nobody: write"),
    ("roles: {amdin: [U0ALICE]}", (1, 9), "did you mean 'admin'?"),
    # --- channels
    ("slack: {default_channel: incidents}", (1, 26), "'incidents' is no channel: write \"#name\" (in quotes)"),
    ("routes:\n  - match: {service: a}", (2, 5), "'channel' is missing or empty"),
    ("routes:\n  - channel: #pay", (2, 5), "in quotes since YAML takes # for a comment"),
    ("routes:\n  - channel: pay", (2, 14), "'pay' is no channel"),
    ("routes:\n  - channels: ['#a', b]", (2, 22), "'b' is no channel"),
    ("routes:\n  - channels: ['#a', '#a']", (2, 22), "'#a' stands twice in the list"),
    ("routes:\n  - channels: []", (2, 5), "'channel' is missing or empty"),
    (f"{ROUTE}    channels: ['#a']", (3, 15), "write one of them"),
    # --- matchers
    (f"{ROUTE}    match: {{pod: a}}", (3, 13), "'pod' can't be matched: use cluster, namespace"),
    (f"{ROUTE}    match: {{servce: a}}", (3, 13), "did you mean 'service'?"),
    (f"{ROUTE}    match: {{labels.: a}}", (3, 13), "write such as labels.team"),
    (f"{ROUTE}    match: {{severity: crit}}", (3, 23), "'crit' is no severity: did you mean 'critical'?"),
    (f"{ROUTE}    match: {{severity: [error, grave]}}", (3, 31), "'grave' is no severity: use critical"),
    (f"{ROUTE}    match: {{labels.tier: 1}}", (3, 26), "'1' is no text: write it in quotes"),
    (f"{ROUTE}    match: {{labels.on: yes}}", (3, 24), 'true is no text: write it in quotes, "true"'),
    (f"{ROUTE}    match: {{service: }}", (3, 13), 'it is empty: write a value, or "" for what has none'),
    (f"{ROUTE}    match: {{service: []}}", (3, 22), "the list is empty, so nothing would match"),
    (f"{ROUTE}    match: {{service: {{a: b}}}}", (3, 22), "is no text"),
    (f"{ROUTE}    match: [a]", (3, 12), "a mapping is needed"),
    (f"{ROUTE}    match: {{service: '/pay(/'}}", (3, 22), "at character 4: '(' is never closed"),
    (f"{ROUTE}    match: {{service: [a, '/(?=b)/']}}", (3, 26), "write a plain group"),
    (f"{ROUTE}    match: {{service: '//'}}", (3, 22), 'or "/.+/" for what has any') ,
    # --- mentions and storms
    (f"{ROUTE}    mention: ['@here']", (3, 15), "would call everybody in the channel"),
    (f"{ROUTE}    mention: U0123456", (3, 14), 'write "<@U0123456>"'),
    (f"{ROUTE}    mention: [S0123456]", (3, 15), 'write "<!subteam^S0123456>"'),
    (f"{ROUTE}    mention: [oncall]", (3, 15), "a group's \"@handle\""),
    (f"{ROUTE}    mention: [5]", (3, 15), "'5' can't be mentioned"),
    (f"{ROUTE}    mention: [{', '.join(['<@U0ALICE>'] * 21)}]", (3, 14), "write 20 at most, or a group"),
    (f"{ROUTE}    storm: fast", (3, 12), "a mapping is needed"),
    (f"{ROUTE}    storm: -1", (3, 12), "'-1' is no rate"),
    (f"{ROUTE}    storm: {{calm: 2d}}", (3, 19), "from 1s to 1h"),
    (f"{ROUTE}    storm: 3\n  - channel: '#pay'\n    storm: 5", (5, 12), "#pay has another rate in routes.0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), ALONE, ids=[f"{n}-{one[2][:30]}" for n, one in enumerate(ALONE)])
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    [mistake] = mistakes(text)
    assert words in mistake.problem
    assert (mistake.line, mistake.column) == place, mistake


def test_all_mistakes_are_told_in_their_order() -> None:
    text = """\
slack: {default_chanel: "#a", language: x}
routes:
  - match: {severity: [crit, error], pod: x}
    chanel: "#x"
  - channel: x
    mention: ["@here", "<@U0ALICE>", U0BOB123]
    storm: {above: x, clam: 2m}
    channel: "#y"
storm: {above: -4}
limits: {timeline: no, label: 3}
"""
    told = [(one.line, one.where) for one in mistakes(text)]
    assert told == [
        (1, "slack.default_chanel"),
        (1, "slack.language"),
        (3, "routes.0.channel"),
        (3, "routes.0.match.severity.0"),
        (3, "routes.0.match.pod"),
        (4, "routes.0.chanel"),
        (6, "routes.1.mention.0"),
        (6, "routes.1.mention.2"),
        (7, "routes.1.storm.above"),
        (7, "routes.1.storm.clam"),
        (8, "routes.1.channel"),
        (9, "storm.above"),
        (10, "limits.timeline"),
        (10, "limits.label"),
    ]


def test_every_tab_is_told() -> None:
    assert [one.line for one in mistakes("slack:\n\tdefault_channel: C1\n\tadmin_channel: C2\n")] == [2, 3]


def test_what_an_anchor_says_is_found_where_it_stands() -> None:
    text = "routes:\n  - &pay {channel: C1, storm: 3}\n  - {<<: *pay, match: {service: a}, mention: '@here'}\n"
    [mistake] = mistakes(text)
    assert (mistake.line, mistake.where) == (3, "routes.1.mention.0")


def test_anchors_can_be_used() -> None:
    text = "routes:\n  - &pay {channel: C1, storm: 3}\n  - {<<: *pay, match: {service: a}}\n"
    assert [route.channel for route in parse_policy(text, name="x").routes] == ["C1", "C1"]


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "routes: &a [*a]", "a: " + "[" * 3000, "? [a]\n: b", "? {a: b}\n: c", "1: 2"]
)
def test_whatever_is_in_it_is_a_mistake_and_no_fall(text: str) -> None:
    assert mistakes(text)


def test_one_line_tells_the_first_and_how_many_there_are(tmp_path: Path) -> None:
    path = tmp_path / "bongsu.yaml"
    path.write_text("slak: {}\nstrom: {}\n", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_policy(path, required=False)
    assert str(refused.value) == (
        "bongsu.yaml: slak: line 1, column 1: there is no such key 'slak': did you mean 'slack'? "
        "(and 1 more: `bongsu config check` lists them)"
    )


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bongsu.yaml"
    path.write_bytes(b"\xef\xbb\xbfslack: {default_channel: C1}\r\n")
    assert read_policy(path, required=True).default_channel == "C1"
