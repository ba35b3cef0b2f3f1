"""What a tree of notification policies does with alerts: who gets those that match, and where from.

https://prometheus.io/docs/alerting/latest/configuration/#route
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bongsu.grafana.wanted import Matcher

Json = dict[str, Any]

_ELSEWHERE = ("matchers", "match", "match_re")
"""Older ways to write matchers, which are not read here: nobody can say what they let through."""
_MUTES = ("mute_time_intervals", "active_time_intervals")


def route(name: str, matchers: Sequence[Matcher]) -> Json:
    return {"receiver": name, **matched(matchers), "continue": True}


def matched(matchers: Sequence[Matcher]) -> Json:
    return {"object_matchers": [list(one) for one in matchers]} if matchers else {}


def goes_on(tree: Json) -> bool:
    return any(one.get("continue") for one in children(tree))


def children(tree: Json) -> list[Json]:
    return tree.get("routes") or []


def sends_to(tree: Json, name: str) -> bool:
    """Whether it, or a route anywhere in it, has that receiver."""
    return tree.get("receiver") == name or any(sends_to(one, name) for one in children(tree))


def does(tree: Json, name: str, matchers: Sequence[Matcher]) -> bool:
    """Whether ``name`` gets the alerts that match all of these, and no others, as far as it can be seen."""
    wanted = frozenset(matchers)
    return _gets_all(tree, name, wanted, "") and all(wanted <= met for _, met in _places(tree, name, frozenset()))


def places(tree: Json, name: str) -> list[str]:
    """Where it sends there: ``team=b → bongsu=test``, or ``the top``."""
    return [path or "the top" for path, _ in _places(tree, name, frozenset())]


def with_route(tree: Json, name: str, matchers: Sequence[Matcher]) -> Json:
    """The tree with the contact point ``name`` in it, which nobody else hears less or more for."""
    before = {"receiver": tree["receiver"]}
    if goes_on(tree):
        return {**tree, "routes": [route(name, matchers), {**before, "routes": children(tree)}]}
    return {**tree, "routes": [route(name, matchers), *children(tree), {**before, **matched(matchers)}]}


def without_route(tree: Json, name: str) -> Json | None:
    """The tree as it was before ``with_route``, whatever its matchers were. None: people have made it so, not that."""
    ours, *rest = children(tree) or [{}]
    matchers = [tuple(one) for one in ours.get("object_matchers") or []]
    if ours != route(name, matchers) or not rest:
        return None
    for routes in (rest[:-1], children(rest[0])):
        before = {**tree, "routes": routes}
        if not sends_to(before, name) and children(with_route(before, name, matchers)) == children(tree):
            return before
    return None


def _gets_all(tree: Json, name: str, wanted: frozenset[Matcher], inherited: str) -> bool:
    """Whether each alert that comes here, and matches what is wanted, reaches ``name``."""
    own = tree.get("receiver") or inherited
    if any(tree.get(key) for key in _MUTES):
        return False
    is_ours = own == name
    for one in children(tree):
        reaches = _gets_all(one, name, wanted, own)
        if reaches and _own(one) <= wanted:
            return True
        if not (reaches or one.get("continue")):
            return False  # it takes some of them away
        is_ours = is_ours and reaches
    return is_ours


def _own(one: Json) -> frozenset[Matcher]:
    told = frozenset((str(a), str(b), str(c)) for a, b, c in one.get("object_matchers") or [])
    return told | {(key, "", str(one[key])) for key in _ELSEWHERE if one.get(key)}


def _places(tree: Json, name: str, met: frozenset[Matcher], path: str = "") -> Iterator[tuple[str, frozenset[Matcher]]]:
    """(path, what an alert has matched by then) of each route with that receiver."""
    if tree.get("receiver") == name:
        yield path, met
    for one in children(tree):
        own = _own(one)
        words = " and ".join(f"{label}{operator}{value}" for label, operator, value in sorted(own)) or "everything"
        yield from _places(one, name, met | own, f"{path} → {words}" if path else words)
