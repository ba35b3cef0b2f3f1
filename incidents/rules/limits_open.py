"""An alert needs an incident that is not there: may it have one of its own, or where does it go instead?"""

from incidents.model import AlertKind, Place
from incidents.policy import Limit, Limits


def crowding(*, of_rule: int, in_all: int, limits: Limits) -> Limit | None:
    """What keeps it from having one of its own, with so many open of its rule and of all; None: nothing does.

    Where both do it goes with the rest of its source, for each rule's rest would be one more.
    """
    if in_all >= limits.open_incidents:
        return Limit.OPEN_INCIDENTS
    return Limit.INCIDENTS_PER_RULE if of_rule >= limits.incidents_per_rule else None


def rest(limit: Limit, *, kind: AlertKind, rule_uid: str, source: str) -> tuple[str, Place]:
    """What the key of the incident is made of that takes what this limit keeps out: of the rule, or of the source.

    It knows no place, of which there may be a million. Alerts of different kinds are apart, as they are elsewhere.
    """
    if limit is Limit.INCIDENTS_PER_RULE:
        return f"rest_of_rule:{kind.value}:{rule_uid}", Place()
    return f"rest_of_source:{kind.value}:{source}", Place()


def rest_title(limit: Limit, *, alert_name: str, limits: Limits) -> str:
    """What people call that incident."""
    if limit is Limit.INCIDENTS_PER_RULE:
        return f"{alert_name[:_LONGEST_NAME]} … and more: this rule has {limits.incidents_per_rule:,} open incidents"
    return f"… and more: {limits.open_incidents:,} incidents are open"


_LONGEST_NAME = 200
