"""The section approvals: as it is meant, and every mistake with its place and its mend."""

from datetime import timedelta

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from incidents.approvals.model import ApprovalRule, Wanted
from incidents.pattern import Pattern
from incidents.policy import Policy

BOTH = frozenset(Wanted)
WHOLE = """\
approvals:
  - {match: {service: batch}, for: []}
  - match: {severity: [critical, Error], labels.team: "/pay.*/"}
    for: [resolve, noise]
    timeout: 1h
  - for: resolve
"""


def read(text: str) -> Policy:
    return parse_policy(text, name="bongsu.yaml")


def test_each_rule_is_read_in_its_order() -> None:
    exact = {"severity": frozenset({"critical", "error"})}
    exempt, grave, rest = read(WHOLE).approvals
    assert exempt == ApprovalRule(frozenset(), match={"service": frozenset({"batch"})})
    assert grave == ApprovalRule(BOTH, timedelta(hours=1), exact, {"labels.team": (Pattern("pay.*"),)})
    assert rest == ApprovalRule(frozenset({Wanted.RESOLVE}), timedelta(minutes=15))
    assert [one.line for one in (exempt, grave, rest)] == [2, 3, 6]


def test_nobody_else_is_needed_where_nothing_is_said() -> None:
    assert read("").approvals == read("approvals:\n").approvals == read("approvals: []").approvals == ()


A = "approvals:\n  - "
MISTAKES = [
    (f"{A}{{match: {{severity: critical}}}}", (2, 5), "'for' is missing"),
    (f"{A}resolve", (2, 5), "a mapping is needed"),
    ("approvals: {for: [resolve]}", (1, 12), "a list is needed"),
    (f"{A}{{for: }}", (2, 6), "it says nothing: write [resolve, noise]"),
    (f"{A}{{for: {{resolve: true}}}}", (2, 11), "it says nothing: write [resolve, noise]"),
    (f"{A}{{for: [resolv]}}", (2, 12), "did you mean 'resolve'?"),
    (f"{A}{{for: merge}}", (2, 11), "'merge' takes no second person: use resolve, noise"),
    (f"{A}{{for: [resolve, 3]}}", (2, 21), "'3' takes no second person"),
    (f"{A}{{for: [noise, noise]}}", (2, 19), "stands twice"),
    (f"{A}{{for: noise, timeout: 15}}", (2, 27), "write a number with its unit"),
    (f"{A}{{for: noise, timeout: 59s}}", (2, 27), "from 1m to 1d"),
    (f"{A}{{for: noise, timeout: 25h}}", (2, 27), "from 1m to 1d"),
    (f"{A}{{for: noise, timout: 5m}}", (2, 18), "did you mean 'timeout'?"),
    (f"{A}{{for: noise, four: 5m}}", (2, 18), "did you mean 'for'?"),
    (f"{A}{{for: noise, match: critical}}", (2, 25), "a mapping is needed"),
    (f"{A}{{for: noise, match: {{severty: critical}}}}", (2, 26), "did you mean 'severity'?"),
    (f"{A}{{for: noise, match: {{severity: bad}}}}", (2, 36), "'bad' is no severity"),
    (f"{A}{{for: noise}}\n  - {{match: {{service: a}}, for: noise}}", (3, 5), "approvals.0 matches everything"),
    (f"{A}{{for: noise, match: {{service: '/(/'}}}}", (2, 35), "can't be used, at character"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES)
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        read(text)
    [mistake] = refused.value.mistakes
    assert words in mistake.problem
    assert (mistake.line, mistake.column) == place


def test_so_many_are_no_rules_any_more() -> None:
    with pytest.raises(InvalidConfig, match="there are 101 approvals: 100 are the most"):
        read("approvals:\n" + "  - {match: {service: a}, for: noise}\n" * 101)
