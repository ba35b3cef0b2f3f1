"""The dashboards, and how one is told that people have changed since.

Each is saved with a message in its history that names what was written. Where the newest entry of the history is not
ours, somebody has edited it. (Not by what Grafana returns: newer ones rewrite what they are given.)
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.wanted import FOLDER_UID
from bongsu.why.plain import line

Json = dict[str, Any]

_MESSAGE = "bongsu grafana setup"
_OURS = re.compile(rf"{_MESSAGE} ([0-9a-f]{{16}})")
_OF_GRAFANA = {"id", "version"}
_STAYS = "slack_url"
"""The constant that stays what it is where nothing else is said."""

Sources = Mapping[str, tuple[str, str]]
"""(name, uid) of the data source to begin with, by its type."""


def prepared(dashboard: Json, *, sources: Sources, values: Mapping[str, str]) -> Json:
    """With values for its variables; ``values`` of constants, by their name."""
    variables = [_variable(one, sources, values) for one in _variables(dashboard)]
    return {**_content(dashboard), "templating": {**(dashboard.get("templating") or {}), "list": variables}}


def _variable(variable: Json, sources: Sources, values: Mapping[str, str]) -> Json:
    if variable.get("type") == "datasource" and variable.get("query") in sources:
        text, value = sources[variable["query"]]
        return {**variable, "current": {"selected": True, "text": text, "value": value}}
    if variable.get("type") == "constant" and variable.get("name") in values:
        value = values[variable["name"]]
        current = {"selected": True, "text": value, "value": value}
        return {**variable, "query": value, "current": current, "options": [current]}
    return variable


def look(grafana: Grafana, dashboard: Json, *, sources: Sources, values: Mapping[str, str], overwrite: bool) -> Step:
    uid = dashboard["uid"]
    found = grafana.get(f"/api/dashboards/uid/{uid}")
    there = (found or {}).get("dashboard") or {}
    wanted = prepared(
        dashboard, sources={**_sources_of(there), **sources}, values={**_value_that_stays(there, dashboard), **values}
    )
    digest = _digest(wanted)
    if found is None:
        return Step(Outcome.CREATE, _panels(wanted), write=_save(grafana, wanted, digest, FOLDER_UID))
    return _look_again(grafana, found, wanted, digest, overwrite=overwrite)


def _look_again(grafana: Grafana, found: Json, wanted: Json, digest: str, *, overwrite: bool) -> Step:
    there, meta, newest = found.get("dashboard") or {}, found.get("meta") or {}, _newest(grafana, wanted["uid"])
    ours = _OURS.fullmatch(str(newest.get("message", "")))
    diff = difference(_compared(there), _compared(wanted))
    if (ours and ours[1] == digest) or not diff:
        return Step(Outcome.SAME)
    if meta.get("provisioned"):
        return Step(Outcome.KEPT, "it comes from Grafana's provisioning files, which alone can change it", diff)
    if not ours and not overwrite:
        return Step(Outcome.KEPT, f"{_edited(newest)}: --overwrite replaces it", diff)
    wanted = {**wanted, "id": there.get("id"), "version": there.get("version")}
    note = f"{_edited(newest)}: that is overwritten (Grafana's history of it keeps it)" if not ours else ""
    return Step(Outcome.CHANGE, note, diff, _save(grafana, wanted, digest, str(meta.get("folderUid", ""))))


def _sources_of(there: Json) -> Sources:
    """That are chosen in it, so that what was said once need not be said again."""
    chosen = [
        (one.get("query"), one.get("current") or {}) for one in _variables(there) if one.get("type") == "datasource"
    ]
    return {kind: (str(one.get("text")), str(one["value"])) for kind, one in chosen if kind and one.get("value")}


def _value_that_stays(there: Json, dashboard: Json) -> dict[str, str]:
    """Where somebody has said it: where it is another than that of the dashboard as it was packaged."""
    said, packaged = (
        next((str(one.get("query") or "") for one in _variables(each) if one.get("name") == _STAYS), "")
        for each in (there, dashboard)
    )
    return {_STAYS: said} if said and said != packaged else {}


def _variables(dashboard: Json) -> list[Json]:
    return (dashboard.get("templating") or {}).get("list") or []


def _save(grafana: Grafana, wanted: Json, digest: str, folder: str) -> Callable[[], str]:
    """Into the folder where it stands. Without ``overwrite``: Grafana answers 412 where somebody else was faster."""
    body = {"dashboard": wanted, "folderUid": folder, "message": f"{_MESSAGE} {digest}", "overwrite": False}

    def write() -> str:
        grafana.post("/api/dashboards/db", body)
        return ""

    return write


def _newest(grafana: Grafana, uid: str) -> Json:
    """Of its history. Older Grafanas answer with a list, newer ones with an object around it."""
    told = grafana.read(f"/api/dashboards/uid/{uid}/versions?limit=5")
    versions = told.get("versions") if isinstance(told, dict) else told
    entries = [one for one in versions or [] if isinstance(one, dict)]
    return max(entries, key=lambda one: int(one.get("version") or 0), default={})


def _edited(newest: Json) -> str:
    who = line(str(newest.get("createdBy") or ""), 64)
    when = line(str(newest.get("created") or "")[:16].replace("T", " "), 16)
    told = "".join([f" by {who}" if who else "", f" at {when}" if when else ""])
    return f"somebody has edited it, or made it, since setup last wrote it (version {newest.get('version', '?')}{told})"


def _digest(wanted: Json) -> str:
    return hashlib.sha256(json.dumps(_content(wanted), sort_keys=True).encode()).hexdigest()[:16]


def _content(dashboard: Json) -> Json:
    return {name: value for name, value in dashboard.items() if name not in _OF_GRAFANA}


def _compared(dashboard: Json) -> Json:
    """Newer Grafanas raise the number of the schema by themselves."""
    return {name: value for name, value in _content(dashboard).items() if name != "schemaVersion"}


def _panels(dashboard: Json) -> str:
    """``1 panel``"""
    every = [inner for one in dashboard.get("panels") or [] for inner in (one, *(one.get("panels") or []))]
    count = sum(one.get("type") != "row" for one in every)
    return f"{count} {'panel' if count == 1 else 'panels'}"
