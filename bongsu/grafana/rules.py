"""Alert rules: those about Bongsu itself, whose thresholds are people's to tune, so that what differs is kept; and
those of others that pass by the notification policies."""

from typing import Any
from urllib.parse import quote

from bongsu.client.errors import NotDone
from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.packaged import RUNBOOK, is_placeholder
from bongsu.grafana.step import Outcome, Step
from bongsu.why.plain import line

Json = dict[str, Any]

_NAMED = 3
"""Titles that a note names."""


def look(grafana: Grafana, group: Json, *, overwrite: bool) -> Step:
    path = f"/api/v1/provisioning/folder/{group['folderUid']}/rule-groups/{quote(group['title'], safe='')}"
    found = grafana.get(path)
    if found is None or not found.get("rules"):
        count = len(group["rules"])
        note = f"{count} {'rule' if count == 1 else 'rules'}"
        return Step(Outcome.CREATE, note, write=lambda: _write(grafana, path, group))
    group = _with_links(found, group)
    there = _with_own_links(_narrowed(found, group), found)
    diff = difference(there, group)
    provenance = next((rule["provenance"] for rule in found["rules"] if rule.get("provenance")), "")
    if not diff:
        return Step(Outcome.SAME)
    if provenance:
        why = f"it is managed elsewhere (provenance: {provenance}), and would be changed back from there"
        return Step(Outcome.KEPT, why, diff)
    if not (overwrite or not difference(_without_links(there), _without_links(group))):
        return Step(Outcome.KEPT, "its rules differ from those that Bongsu brings: --overwrite replaces them", diff)
    return Step(Outcome.CHANGE, diff=diff, write=lambda: _write(grafana, path, group))


def that_pass_by(grafana: Grafana, name: str) -> str:
    """Which rules name a contact point other than ``name`` themselves, so that no policy sees their alerts; mostly
    empty, as where Grafana doesn't let them be seen. https://grafana.com/docs/grafana/latest/alerting/fundamentals/notifications/
    """
    try:
        told = grafana.read("/api/v1/provisioning/alert-rules")
    except NotDone:
        return ""
    every = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    past = [str(one.get("title")) for one in every if _receiver(one) not in ("", name)]
    if not past:
        return ""
    titles = ", ".join(f'"{line(one, 60)}"' for one in past[:_NAMED])
    more = f" and {len(past) - _NAMED:,} more" if len(past) > _NAMED else ""
    rules = "1 rule names its contact point itself" if len(past) == 1 else f"{len(past):,} rules name theirs themselves"
    return f"{rules}, so no policy brings its alerts here: {titles}{more}"


def _receiver(rule: Json) -> str:
    settings = rule.get("notification_settings")
    return str(settings.get("receiver") or "") if isinstance(settings, dict) else ""


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


def _with_links(found: Json, group: Json) -> Json:
    """With the runbook links that are there where none are wanted, so that --docs-url need not be said again."""
    links = {rule.get("uid"): _link(rule) for rule in found["rules"]}
    stay = {uid: link for uid, link in links.items() if not is_placeholder(link)}
    return {**group, "rules": [_linked(one, _link(one) or stay.get(one.get("uid"), "")) for one in group["rules"]]}


def _with_own_links(narrowed: Json, found: Json) -> Json:
    """Also with those of which nothing is wanted."""
    pairs = zip(narrowed["rules"], found["rules"], strict=True)
    return {**narrowed, "rules": [_linked(one, _link(own)) for one, own in pairs]}


def _without_links(group: Json) -> Json:
    return {**group, "rules": [_linked(rule, "") for rule in group["rules"]]}


def _linked(rule: Json, link: str) -> Json:
    rest = {name: text for name, text in (rule.get("annotations") or {}).items() if name != RUNBOOK}
    return {**rule, "annotations": {**rest, RUNBOOK: link} if link else rest}


def _link(rule: Json) -> str:
    return str((rule.get("annotations") or {}).get(RUNBOOK) or "")
