"""Is an alert a sign of life? It fires always, by design, so that its silence tells something."""

from collections.abc import Iterable

from incidents.heartbeats.model import Heartbeat
from incidents.model import Alert
from incidents.policy import Traits
from incidents.rules.blindness import blindness


def signs_of_life(alert: Alert, heartbeats: Iterable[Heartbeat]) -> tuple[str, ...]:
    """The names of the heartbeats that it is a beat of; none where it has ended, or its rule could see nothing."""
    if not alert.is_firing or blindness(alert.told) is not None:
        return ()
    told = alert.told
    traits = Traits(alert.place, alert.severity, alert.source, told.alert_name, told.rule_uid, told.labels)
    return tuple(one.name for one in heartbeats if _is_of(one, traits))


def _is_of(heartbeat: Heartbeat, traits: Traits) -> bool:
    asked = {*heartbeat.match, *heartbeat.patterns}
    return bool(asked) and all(_takes(heartbeat, name, traits.told(name)) for name in asked)


def _takes(heartbeat: Heartbeat, name: str, value: str) -> bool:
    if value.casefold() in heartbeat.match.get(name, ()):
        return True
    return any(pattern.matches(value) for pattern in heartbeat.patterns.get(name, ()))
