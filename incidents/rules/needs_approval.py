"""Does closing this need a second person?"""

from collections.abc import Iterable

from incidents.approvals.model import ApprovalRule, Wanted
from incidents.policy import Traits


def rule_for(wanted: Wanted, traits: Traits, rules: Iterable[ApprovalRule]) -> ApprovalRule | None:
    """The first rule that matches the incident decides; None: it is done at once."""
    first = next((rule for rule in rules if _matches(rule, traits)), None)
    return first if first is not None and wanted in first.wanted else None


def _matches(rule: ApprovalRule, traits: Traits) -> bool:
    return all(_takes(rule, name, traits.told(name)) for name in (*rule.match, *rule.patterns))


def _takes(rule: ApprovalRule, name: str, value: str) -> bool:
    if value.casefold() in rule.match.get(name, ()):
        return True
    return any(pattern.matches(value) for pattern in rule.patterns.get(name, ()))
