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


def prepared(dashboard: Json, *, sources: Mapping[str, tuple[str, str]], values: Mapping[str, str]) -> Json:
    """With values for its variables: ``sources`` is (name, uid) by the data source's type, ``values`` of constants."""
    templating = dashboard.get("templating") or {}
    variables = [_variable(one, sources, values) for one in templating.get("list") or []]
    rest = {name: value for name, value in dashboard.items() if name not in _OF_GRAFANA}
    return {**rest, "templating": {**templating, "list": variables}}


def _variable(variable: Json, sources: Mapping[str, tuple[str, str]], values: Mapping[str, str]) -> Json:
    if variable.get("type") == "datasource" and variable.get("query") in sources:
        text, value = sources[variable["query"]]
        return {**variable, "current": {"selected": True, "text": text, "value": value}}
    if variable.get("type") == "constant" and variable.get("name") in values:
        value = values[variable["name"]]
        current = {"selected": True, "text": value, "value": value}
        return {**variable, "query": value, "current": current, "options": [current]}
    return variable


def look(grafana: Grafana, wanted: Json, *, overwrite: bool) -> Step:
    uid, digest = wanted["uid"], _digest(wanted)
    found = grafana.get(f"/api/dashboards/uid/{uid}")
    if found is None:
        return Step(Outcome.CREATE, _panels(wanted), write=_save(grafana, wanted, digest, FOLDER_UID))
    there, meta = found.get("dashboard") or {}, found.get("meta") or {}
    newest = _newest(grafana, uid)
    ours = _OURS.fullmatch(str(newest.get("message", "")))
    diff = difference(_content(there), _content(wanted))
    if (ours and ours[1] == digest) or not diff:
        return Step(Outcome.SAME)
    if meta.get("provisioned"):
        return Step(Outcome.KEPT, "it comes from Grafana's provisioning files, which alone can change it", diff)
    if not ours and not overwrite:
        return Step(Outcome.KEPT, f"{_edited(newest)}: --overwrite replaces it", diff)
    wanted = {**wanted, "id": there.get("id"), "version": there.get("version")}
    note = f"{_edited(newest)}: that is overwritten (Grafana's history of it keeps it)" if not ours else ""
    return Step(Outcome.CHANGE, note, diff, _save(grafana, wanted, digest, str(meta.get("folderUid", ""))))


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


def _panels(dashboard: Json) -> str:
    """``1 panel``"""
    every = [inner for one in dashboard.get("panels") or [] for inner in (one, *(one.get("panels") or []))]
    count = sum(one.get("type") != "row" for one in every)
    return f"{count} {'panel' if count == 1 else 'panels'}"
