"""Alert rules about Bongsu itself. Thresholds are people's to tune, so what differs is kept."""

from typing import Any
from urllib.parse import quote

from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step

Json = dict[str, Any]


def look(grafana: Grafana, group: Json, *, overwrite: bool) -> Step:
    path = f"/api/v1/provisioning/folder/{group['folderUid']}/rule-groups/{quote(group['title'], safe='')}"
    found = grafana.get(path)
    if found is None or not found.get("rules"):
        count = len(group["rules"])
        note = f"{count} {'rule' if count == 1 else 'rules'}"
        return Step(Outcome.CREATE, note, write=lambda: _write(grafana, path, group))
    diff = difference(_narrowed(found, group), group)
    provenance = next((rule["provenance"] for rule in found["rules"] if rule.get("provenance")), "")
    if not diff:
        return Step(Outcome.SAME)
    if provenance:
        why = f"it is managed elsewhere (provenance: {provenance}), and would be changed back from there"
        return Step(Outcome.KEPT, why, diff)
    if not overwrite:
        return Step(Outcome.KEPT, "its rules differ from those that Bongsu brings: --overwrite replaces them", diff)
    return Step(Outcome.CHANGE, diff=diff, write=lambda: _write(grafana, path, group))


def _write(grafana: Grafana, path: str, group: Json) -> str:
    grafana.put(path, group)
    return ""


def _narrowed(found: Any, wanted: Any) -> Any:
    """Of ``found`` what ``wanted`` speaks of: Grafana adds much of its own. Rules that are there besides remain."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return {name: _narrowed(found[name], value) for name, value in wanted.items() if name in found}
    if isinstance(found, list) and isinstance(wanted, list):
        longer = [_narrowed(one, other) for one, other in zip(found, wanted, strict=False)]
        return [*longer, *found[len(wanted) :]]
    return found
