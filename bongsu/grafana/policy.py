"""The notification policy: a route of ours in a tree that is somebody else's.

Grafana has one tree, which is read and written as a whole. Every alert that went somewhere before must go there still:
ours comes first and lets others see the alert, too (``continue``). As a tree's own receiver hears only of what no
route takes, and ours takes it, a second route at the end sends on there what no other takes. Where a route of the
tree has ``continue`` itself, that would hear of more than before: there the old routes move below one of their own.
Where it sends to Bongsu already, it is changed only if that route is as setup writes it; people's own are theirs.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from bongsu.client.errors import NotDone
from bongsu.grafana import contact_point, routes, rules
from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.wanted import CONTACT_NAME, Matcher
from bongsu.why.plain import line

Json = dict[str, Any]

_PATH = "/api/v1/provisioning/policies"
_NAMED = 3
"""Places that a note names."""


def look(grafana: Grafana, matchers: Sequence[Matcher]) -> Step:
    contact = contact_point.find(grafana)
    name = contact["name"] if contact is not None else CONTACT_NAME
    tree = _read(grafana)
    past = rules.that_pass_by(grafana, name)
    if routes.does(tree, name, matchers):
        return Step(Outcome.SAME, past)
    before = routes.without_route(tree, name) if routes.sends_to(tree, name) else tree
    if before is None:
        return Step(Outcome.KEPT, _joined(_theirs(tree, name, matchers), past))
    if before is not tree and not matchers:
        return Step(Outcome.SAME, _joined(_stays(tree), past))
    wanted = routes.with_route(before, name, matchers)
    diff = difference(_shown(tree), _shown(wanted))
    if tree.get("provenance"):
        why = (
            f"all policies are managed elsewhere (provenance: {tree['provenance']}), and would be changed back from "
            f"there: add this route to it: {_written(name, matchers)}"
        )
        return Step(Outcome.KEPT, _joined(why, past), diff)
    meaning = _joined(_meaning(before, matchers), past)
    return Step(Outcome.CHANGE, meaning, diff, partial(_write, grafana, tree, wanted))


def _theirs(tree: Json, name: str, matchers: Sequence[Matcher]) -> str:
    """What is to be known of a tree that sends to Bongsu by routes of people's own."""
    places = routes.places(tree, name)
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    where = line("; ".join(places[:_NAMED]), 300)
    lacking = "--match is not in force" if matchers else "not surely all alerts go there (no --match)"
    return (
        f"it sends to {name} already, by routes that setup did not write (at {where}{more}), which stay as they are: "
        f"{lacking}. If that is not meant, take those out and run it again, which would add this as the first: "
        f"{_written(name, matchers)}"
    )


def _stays(tree: Json) -> str:
    """Of a route that setup wrote: what it was told then need not be said again."""
    told = " and ".join("".join(one) for one in routes.children(tree)[0]["object_matchers"])
    return f"only alerts that match {line(told, 200)} go there, as it stands; --match 'alertname=~.*' is for all"


def _written(name: str, matchers: Sequence[Matcher]) -> str:
    return json.dumps(routes.route(name, matchers), ensure_ascii=False)


def _meaning(before: Json, matchers: Sequence[Matcher]) -> str:
    which = "alerts that match" if matchers else "all alerts"
    moved = "; the routes that are there move below one of their own" if routes.goes_on(before) else ""
    return f"{which} go to Bongsu, and where they went before as well{moved}"


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


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
