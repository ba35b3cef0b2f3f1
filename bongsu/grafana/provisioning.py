"""The same as files for Grafana's provisioning directory. https://grafana.com/docs/grafana/latest/administration/provisioning/

Grafana puts a variable of its environment in place of each ``$NAME`` in YAML (not in dashboards), so that no secret
stands in a file, and every other dollar sign is written twice.
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from bongsu.grafana import contact_point, datasources, packaged, routes
from bongsu.grafana.dashboards import prepared
from bongsu.grafana.setup import sources_of, values_of
from bongsu.grafana.wanted import CONTACT_NAME, FOLDER_TITLE, FOLDER_UID, Wanted

Json = dict[str, Any]

POLICIES = "alerting/bongsu-policies.yaml.example"
"""Grafana reads no such name: a file of policies replaces all that are there."""
_DATA_SOURCES = "datasources/bongsu.yaml"
_PROVIDER = "dashboards/bongsu.yaml"
_CONTACT_POINT = "alerting/bongsu-contact-point.yaml"
_RULES = "alerting/bongsu-rules.yaml"
ALL = (_DATA_SOURCES, _PROVIDER, _CONTACT_POINT, POLICIES, _RULES)
"""What there may be of, besides dashboards below ``DASHBOARDS``."""
DASHBOARDS = "dashboards/bongsu"
MADE = "# Made by `bongsu grafana export`, which writes it anew, or takes it away where it is not wanted any more."
"""The first line of each but dashboards."""


def files_of(wanted: Wanted, *, where: str) -> dict[str, str]:
    """Path below the directory → text. ``where`` is the directory's path on Grafana's machine."""
    files = {
        **_data_sources(wanted),
        **(_dashboards(wanted, where) if wanted.has_dashboards else {}),
        **_contact_point(wanted),
        **_policies(wanted),
        **_rules(wanted),
    }
    return {name: f"{MADE}\n{text}" if name in ALL else text for name, text in files.items()}


def dashboards_of(wanted: Wanted) -> dict[str, Json]:
    """By file name, with values for their variables."""
    sources, values = sources_of(wanted), values_of(wanted)
    return {name: prepared(one, sources=sources, values=values) for name, one in packaged.dashboards().items()}


def as_json(dashboard: Json) -> str:
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


def as_yaml(value: Any, comment: str = "") -> str:
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + yaml.dump(value, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=120)


class _Readable(yaml.SafeDumper):
    """Texts of several lines line by line."""


def _text(dumper: _Readable, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)


def _data_sources(wanted: Wanted) -> dict[str, str]:
    found = [datasources.mysql(wanted.mysql)] if wanted.mysql is not None else []
    if wanted.prometheus_url is not None:
        found.append(datasources.prometheus(wanted.prometheus_url))
    text = as_yaml({"apiVersion": 1, "datasources": [_file_form(one) for one in found]})
    return {_DATA_SOURCES: text} if found else {}


def _file_form(source: Json) -> Json:
    """Without what is empty. Of secrets, ``$NAME`` stays; a certificate has no dollar sign."""
    secure = source["secureJsonData"]
    plain = _escaped({name: value for name, value in source.items() if name != "secureJsonData"})
    return {**plain, **({"secureJsonData": secure} if secure else {})}


def _dashboards(wanted: Wanted, where: str) -> dict[str, str]:
    provider = {
        "name": "bongsu",
        "folder": FOLDER_TITLE,
        "folderUid": FOLDER_UID,
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": f"{where.rstrip('/')}/{DASHBOARDS}"},
    }
    files = {f"{DASHBOARDS}/{name}": as_json(one) for name, one in dashboards_of(wanted).items()}
    return {_PROVIDER: as_yaml({"apiVersion": 1, "providers": [_escaped(provider)]}), **files}


def _contact_point(wanted: Wanted) -> dict[str, str]:
    if wanted.contact is None:
        return {}
    url = wanted.contact.url.replace("$", "$$")
    made = contact_point.contact_point(wanted.contact, wanted.contact.credentials[0])
    receiver = {name: made[name] for name in ("uid", "type", "disableResolveMessage")}
    receiver["settings"] = {**made["settings"], "url": url}
    point = {"orgId": 1, "name": made["name"], "receivers": [receiver]}
    return {_CONTACT_POINT: as_yaml({"apiVersion": 1, "contactPoints": [point]})}


def _policies(wanted: Wanted) -> dict[str, str]:
    if not wanted.has_policy:
        return {}
    tree = routes.with_route({"receiver": "grafana-default-email"}, CONTACT_NAME, wanted.matchers)
    text = as_yaml(
        {"apiVersion": 1, "policies": [_escaped({"orgId": 1, **tree})]},
        "Grafana has one tree of policies, and a file like this replaces all of it. Put these routes into your own\n"
        "file of policies, or, if you have no policies but Grafana's own, take .example off this file's name.",
    )
    return {POLICIES: text}


def _rules(wanted: Wanted) -> dict[str, str]:
    file = packaged.alert_rules_file(wanted.docs_url) if wanted.has_rules else None
    if file is None:
        return {}
    groups = [_with_source(group, str(wanted.prometheus_uid)) for group in file.get("groups") or []]
    return {_RULES: as_yaml({**file, "groups": groups})}


def _with_source(group: Json, uid: str) -> Json:
    rules = [{**rule, "data": [packaged.with_source(query, uid) for query in rule["data"]]} for rule in group["rules"]]
    return {**group, "folder": FOLDER_TITLE, "rules": rules}


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _escaped(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return value.replace("$", "$$") if isinstance(value, str) else value
