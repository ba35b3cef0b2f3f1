"""Which way an alert goes, and why: each route that was tried, in words for a terminal."""

from bongsu.escalation.choice import choice
from incidents.ingest.opening import new_incident, opening_of
from incidents.model import Alert
from incidents.pattern import Pattern
from incidents.policy import Policy, Route, StormPolicy, Traits

_MOST_VALUES = 6


def routing(alert: Alert, policy: Policy) -> str:
    """Where the incident goes that this alert opens, if it does."""
    traits = traits_of(alert, policy)
    taken = policy.route_for(traits)
    lines = [_headline(alert, traits), *_tried(traits, policy), *_conclusion(taken, traits, policy)]
    return "".join(f"{line}\n" for line in lines)


def traits_of(alert: Alert, policy: Policy) -> Traits:
    """As of the incident that it would open."""
    new = new_incident(opening_of(alert, None), policy.limits)
    return Traits(new.place, new.severity, new.source, new.alert_name, new.rule_uid, alert.told.labels)


def _headline(alert: Alert, traits: Traits) -> str:
    told = [(name, traits.told(name)) for name in ("severity", "service", "namespace", "cluster", "phase")]
    parts = " · ".join(f"{name} {value}" for name, value in told if value)
    return f"{alert.told.alert_name or 'an alert'}: {parts}"


def _tried(traits: Traits, policy: Policy) -> list[str]:
    """Up to the route that takes it."""
    lines = []
    for number, route in enumerate(policy.routes, start=1):
        where = f"  {number}. line {route.line}, to {', '.join(route.channels)}"
        missed = next((name for name in route.fields if not route.takes(name, traits.told(name))), None)
        if missed is not None:
            lines.append(f"{where}: no, {_has(missed, traits)}, not {_wanted(route, missed)}")
            continue
        matched = ", ".join(_matched(route, name, traits) for name in route.fields) or "it takes everything"
        return [*lines, f"{where}: yes, {matched}"]
    return lines


def _has(name: str, traits: Traits) -> str:
    value = traits.told(name)
    return f'{name} is "{value}"' if value else f"it has no {name}"


def _matched(route: Route, name: str, traits: Traits) -> str:
    value = traits.told(name)
    if value.casefold() in route.match.get(name, ()):
        return f'{name} is "{value}"'
    by = next(pattern for pattern in route.patterns[name] if pattern.matches(value))
    return f'{name} "{value}" matches {_shown(by)}'


def _wanted(route: Route, name: str) -> str:
    exact = [f'"{value}"' for value in sorted(route.match.get(name, ()))]
    values = [*exact, *map(_shown, route.patterns.get(name, ()))]
    more = len(values) - _MOST_VALUES
    return " or ".join(values[:_MOST_VALUES]) + (f" or {more} others" if more > 0 else "")


def _shown(pattern: Pattern) -> str:
    return f"/{pattern.text}/"


def _conclusion(route: Route, traits: Traits, policy: Policy) -> list[str]:
    why = "" if route.line else " (no route takes it: slack.default_channel)"
    lines = [f"  → {', '.join(route.channels)}{why}"]
    if route.mention:
        lines.append(f"    mentions {', '.join(route.mention)} as it opens")
    lines.append(f"    {choice(policy, route, traits.severity)}")
    return [*lines, *(f"    {_storm(one, policy.storm_in(one))}" for one in route.channels)]


def _storm(channel: str, storm: StormPolicy) -> str:
    if storm.is_off:
        return f"{channel}: a card for each, however many open"
    return f"{channel}: one message instead of cards above {storm.above} new incidents a minute"
