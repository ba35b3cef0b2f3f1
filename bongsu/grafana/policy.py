"""The notification policy: a route of ours in a tree that is somebody else's.

Grafana has one tree, which is read and written as a whole. Every alert that went somewhere before must go there still:
ours comes first and lets others see the alert, too (``continue``). As a tree's own receiver hears only of what no
route takes, and ours takes it, a second route at the end sends on there what no other takes. Where a route of the
tree has ``continue`` itself, that would hear of more than before: there the old routes move below one of their own.
"""

import json
from collections.abc import Sequence
from typing import Any

from bongsu.client.errors import NotDone
from bongsu.grafana import contact_point
from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.wanted import CONTACT_NAME, Matcher

Json = dict[str, Any]

_PATH = "/api/v1/provisioning/policies"


def look(grafana: Grafana, matchers: Sequence[Matcher]) -> Step:
    contact = contact_point.find(grafana)
    name = contact["name"] if contact is not None else CONTACT_NAME
    tree = _read(grafana)
    if sends_to(tree, name):
        return Step(Outcome.SAME)
    wanted = with_route(tree, name, matchers)
    diff = difference(_shown(tree), _shown(wanted))
    if tree.get("provenance"):
        why = (
            f"all policies are managed elsewhere (provenance: {tree['provenance']}), and would be changed back from "
            f"there: add this route to it: {json.dumps(route(name, matchers))}"
        )
        return Step(Outcome.KEPT, why, diff)
    return Step(Outcome.CHANGE, _meaning(tree, matchers), diff, write=lambda: _write(grafana, tree, wanted))


def route(name: str, matchers: Sequence[Matcher]) -> Json:
    return {"receiver": name, **_matched(matchers), "continue": True}


def with_route(tree: Json, name: str, matchers: Sequence[Matcher]) -> Json:
    """The tree with the contact point ``name`` in it, which nobody else hears less or more for."""
    routes = tree.get("routes") or []
    before = {"receiver": tree["receiver"]}
    if _goes_on(tree):
        return {**tree, "routes": [route(name, matchers), {**before, "routes": routes}]}
    return {**tree, "routes": [route(name, matchers), *routes, {**before, **_matched(matchers)}]}


def sends_to(tree: Json, name: str) -> bool:
    """Whether it, or a route anywhere in it, has that receiver."""
    return tree.get("receiver") == name or any(sends_to(one, name) for one in tree.get("routes") or [])


def _meaning(tree: Json, matchers: Sequence[Matcher]) -> str:
    which = "alerts that match" if matchers else "all alerts"
    moved = "; the routes that are there move below one of their own" if _goes_on(tree) else ""
    return f"{which} go to Bongsu, and where they went before as well{moved}"


def _goes_on(tree: Json) -> bool:
    return any(one.get("continue") for one in tree.get("routes") or [])


def _matched(matchers: Sequence[Matcher]) -> Json:
    return {"object_matchers": [list(one) for one in matchers]} if matchers else {}


def _read(grafana: Grafana) -> Json:
    tree = grafana.get(_PATH)
    if tree is None or not tree.get("receiver"):
        raise NotDone("Grafana has no notification policies: is its alerting switched off (unified_alerting)?")
    return tree


def _write(grafana: Grafana, before: Json, wanted: Json) -> str:
    """Grafana itself does not look whether the tree is still the one that was read."""
    if _shown(_read(grafana)) != _shown(before):
        raise NotDone("somebody has changed the policies since they were looked at: run it again to see what differs")
    grafana.put(_PATH, _shown(wanted))
    return ""


def _shown(tree: Json) -> Json:
    return {name: value for name, value in tree.items() if name != "provenance"}
