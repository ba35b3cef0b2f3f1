"""The dashboards and alert rules that Bongsu brings along."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from base.durations import parse_duration, written
from dashboards.names import DOCS_URL

Json = dict[str, Any]

EXPRESSION = "__expr__"
"""What Grafana calls its own arithmetic where a data source is named."""

RUNBOOK = "runbook_url"
"""The annotation that links to what is to be done."""

_DEFAULTS = {"noDataState": "NoData", "execErrState": "Alerting", "isPaused": False}
_IN_FILES_ALONE = {"labels", "annotations", "dashboardUid", "panelId"}


def root() -> Traversable:
    return files("dashboards")


def dashboards() -> dict[str, Json]:
    """By the name of the file, such as ``incident-management.json``."""
    found = sorted((one for one in root().iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return {one.name: json.loads(one.read_text("utf-8")) for one in found}


def alert_rules_file(docs_url: str | None) -> Json | None:
    """As Grafana reads it from its provisioning directory. None: none was packaged.

    ``docs_url`` is where people read docs/; None: rules are without a runbook link, rather than with a dead one.
    """
    path = root() / "alerts" / "grafana.yaml"
    if not path.is_file():
        return None
    file = yaml.safe_load(path.read_text("utf-8"))
    groups = [{**one, "rules": [_with_docs(rule, docs_url) for rule in one["rules"]]} for one in file["groups"]]
    return {**file, "groups": groups}


def is_placeholder(link: str) -> bool:
    """Whether it leads to where docs/ stand nowhere, as packaged links do."""
    return link.startswith(f"{DOCS_URL}/")


def _with_docs(rule: Json, docs_url: str | None) -> Json:
    texts = dict(rule.get("annotations") or {})
    link = str(texts.pop(RUNBOOK, ""))
    if link and docs_url is not None:
        texts[RUNBOOK] = docs_url.replace("$", "$$") + link.removeprefix(DOCS_URL)
    return {**rule, **({"annotations": texts} if texts else {})}


def rule_groups(file: Json, *, folder_uid: str, prometheus_uid: str) -> list[Json]:
    """The groups of such a file as Grafana's API takes them.

    In files a dollar sign is written twice, as Grafana puts variables of its environment in its place.
    """
    return [_group(group, folder_uid, prometheus_uid) for group in file.get("groups") or []]


def _group(group: Json, folder_uid: str, prometheus_uid: str) -> Json:
    rules = [_rule(rule, folder_uid, group["name"], prometheus_uid) for rule in group["rules"]]
    seconds = int(parse_duration(group["interval"]).total_seconds())
    return {"title": group["name"], "folderUid": folder_uid, "interval": seconds, "rules": rules}


def _rule(rule: Json, folder_uid: str, group: str, prometheus_uid: str) -> Json:
    """Written as Grafana writes it, or it would seem to differ."""
    texts = {"labels": _texts(rule.get("labels")), "annotations": {**_texts(rule.get("annotations")), **_panel(rule)}}
    made = {
        "for": written(parse_duration(rule.get("for") or "0s")),
        "data": [with_source(query, prometheus_uid) for query in rule["data"]],
        "folderUID": folder_uid,
        "ruleGroup": group,
    }
    rest = {name: value for name, value in rule.items() if name not in _IN_FILES_ALONE}
    return {**_DEFAULTS, **rest, **{name: value for name, value in texts.items() if value}, **made}


def _texts(texts: Json | None) -> Json:
    return {name: str(text).replace("$$", "$") for name, text in (texts or {}).items()}


def _panel(rule: Json) -> Json:
    """The panel that the rule belongs to, which the API wants among the annotations."""
    if not rule.get("dashboardUid"):
        return {}
    panel = {"__panelId__": str(rule["panelId"])} if rule.get("panelId") else {}
    return {"__dashboardUid__": rule["dashboardUid"], **panel}


def with_source(query: Json, prometheus_uid: str) -> Json:
    """The query, asked of that data source. Grafana's own arithmetic has none."""
    if query["datasourceUid"] == EXPRESSION:
        return query
    model = dict(query.get("model") or {})
    if isinstance(model.get("datasource"), dict):
        model["datasource"] = {**model["datasource"], "uid": prometheus_uid}
    return {**query, "datasourceUid": prometheus_uid, "model": model}
