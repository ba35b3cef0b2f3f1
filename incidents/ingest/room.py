"""How many incidents are open while alerts are taken, where that may keep others from opening."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from incidents.model import Incident
from incidents.policy import Limit, Limits
from incidents.rules.limits_open import crowding

_TOLD_APART = 254
"""Characters of a rule's uid: a column that is too narrow for it keeps so many."""


@dataclass(slots=True)
class Room:
    """``in_all`` counts all that are open, ``of_rule`` by rule those that are no overflow."""

    limits: Limits
    in_all: int
    of_rule: Counter[str] = field(default_factory=Counter)

    @classmethod
    def counted(cls, limits: Limits, of_rule: Mapping[str, int], in_all: int) -> "Room":
        return cls(limits, in_all, Counter({_name(uid): count for uid, count in of_rule.items()}))

    def copy(self) -> "Room":
        return Room(self.limits, self.in_all, self.of_rule.copy())

    def crowding(self, rule_uid: str) -> Limit | None:
        """What keeps an incident of this rule from opening now."""
        return crowding(of_rule=self.of_rule[_name(rule_uid)], in_all=self.in_all, limits=self.limits)

    def may_fill(self, wanted: Counter[str], *, others: int) -> bool:
        """Whether any limit can be reached if so many open, by rule, and so many ``others`` of whatever rule."""
        if self.in_all + wanted.total() + others > self.limits.open_incidents:
            return True
        return any(
            self.of_rule[_name(uid)] + count + others > self.limits.incidents_per_rule for uid, count in wanted.items()
        )

    def without(self, overflow: Incident) -> None:
        """It was counted as one of its rule's, but it takes no room from them."""
        self.of_rule[_name(overflow.rule_uid)] -= 1

    def opened(self, incident: Incident) -> None:
        self._count(incident, 1)

    def closed(self, incident: Incident) -> None:
        self._count(incident, -1)

    def _count(self, incident: Incident, by: int) -> None:
        self.in_all += by
        if not incident.is_overflow:
            self.of_rule[_name(incident.rule_uid)] += by


def _name(rule_uid: str) -> str:
    return rule_uid[:_TOLD_APART]
