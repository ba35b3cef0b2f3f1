"""Does closing this need a second person?"""

from incidents.approvals.model import ApprovalRule, Wanted
from incidents.model import Place, Severity
from incidents.pattern import Pattern
from incidents.policy import Traits
from incidents.rules.needs_approval import rule_for

BOTH, RESOLVE = frozenset(Wanted), frozenset({Wanted.RESOLVE})
CRITICAL = {"severity": frozenset({"critical"})}


def of(service: str = "checkout", severity: Severity = Severity.CRITICAL, **labels: str) -> Traits:
    return Traits(Place(service=service), severity, "grafana", labels={**labels})


def test_nothing_is_asked_where_no_rule_matches() -> None:
    rule = ApprovalRule(BOTH, match=CRITICAL)
    assert rule_for(Wanted.RESOLVE, of(), []) is None
    assert rule_for(Wanted.RESOLVE, of(severity=Severity.ERROR), [rule]) is None
    assert rule_for(Wanted.RESOLVE, of(), [rule]) is rule


def test_the_first_that_matches_decides_also_that_nobody_else_is_needed() -> None:
    exempt = ApprovalRule(frozenset(), match={"service": frozenset({"batch"})})
    only_resolve, rest = ApprovalRule(RESOLVE, match=CRITICAL), ApprovalRule(BOTH)
    rules = [exempt, only_resolve, rest]
    assert rule_for(Wanted.RESOLVE, of("Batch"), rules) is None
    assert rule_for(Wanted.RESOLVE, of(), rules) is only_resolve
    assert rule_for(Wanted.NOISE, of(), rules) is None
    assert rule_for(Wanted.NOISE, of(severity=Severity.INFO), rules) is rest


def test_all_that_is_named_must_match_in_any_case_and_as_an_expression() -> None:
    rule = ApprovalRule(BOTH, match=CRITICAL, patterns={"labels.team": (Pattern("pay.*"),)})
    assert rule_for(Wanted.RESOLVE, of(team="Payments"), [rule]) is rule
    assert rule_for(Wanted.RESOLVE, of(team="search"), [rule]) is None
    assert rule_for(Wanted.RESOLVE, of(), [rule]) is None
    assert rule_for(Wanted.RESOLVE, of(team="pay", severity=Severity.INFO), [rule]) is None
