"""The data sources: Bongsu's database, and Prometheus."""

from collections.abc import Mapping
from typing import Any

from bongsu.client.errors import NotDone
from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.wanted import MYSQL_NAME, MYSQL_UID, PROMETHEUS_NAME, PROMETHEUS_UID, MySql

Json = dict[str, Any]

_READ_ONLY = "it comes from Grafana's provisioning files, which alone can change it"


def mysql(wanted: MySql) -> Json:
    """As Grafana's API takes it. Times in the database are UTC, so its session has to be, too."""
    tls = {"tlsAuthWithCACert": True} if wanted.ca else {}
    secure = {"password": wanted.password, "tlsCACert": wanted.ca}
    return {
        "uid": MYSQL_UID,
        "name": MYSQL_NAME,
        "type": "mysql",
        "access": "proxy",
        "url": wanted.host,
        "user": wanted.user,
        "jsonData": {
            "database": wanted.database,
            "timezone": "+00:00",
            "maxOpenConns": 10,
            "maxIdleConns": 2,
            "connMaxLifetime": 3600,
            **tls,
        },
        "secureJsonData": {name: value for name, value in secure.items() if value},
    }


def prometheus(url: str) -> Json:
    return {
        "uid": PROMETHEUS_UID,
        "name": PROMETHEUS_NAME,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "jsonData": {"httpMethod": "POST"},
        "secureJsonData": {},
    }


def look(grafana: Grafana, wanted: Json) -> Step:
    """Of what stands there, only what is wanted otherwise is changed: other settings stay."""
    found = grafana.get(f"/api/datasources/uid/{wanted['uid']}")
    if found is None:
        return _create(grafana, wanted)
    diff = difference(_compared(found, wanted), _compared(wanted, wanted))
    if found.get("readOnly"):
        return Step(Outcome.KEPT if diff else Outcome.SAME, _READ_ONLY if diff else "", diff)
    if diff:
        return Step(Outcome.CHANGE, diff=diff, write=_update(grafana, found, wanted))
    trouble = grafana.trouble_with(wanted["uid"])
    if trouble and wanted["secureJsonData"]:
        note = f"Grafana can't use it ({trouble}): its secrets are written again"
        return Step(Outcome.SECRET, note, write=_update(grafana, found, wanted))
    return Step(Outcome.SAME, f"but Grafana can't use it: {trouble}" if trouble else "")


def look_for(grafana: Grafana, uid: str) -> Step:
    """One that must be there already. Raises NotDone."""
    found = grafana.get(f"/api/datasources/uid/{uid}")
    if found is None:
        raise NotDone(f"there is no data source with the uid {uid}: its page's address in Grafana ends with its uid")
    if found.get("type") != "prometheus":
        raise NotDone(f"the data source {uid} is no Prometheus, but {found.get('type')}: name another")
    return Step(Outcome.SAME)


def _create(grafana: Grafana, wanted: Json) -> Step:
    if wanted["type"] == "mysql" and "password" not in wanted["secureJsonData"]:
        raise NotDone(
            "it has to be made, so the password of its database user is needed: write it into a file and name that by "
            "--database-password-file, or set BONGSU_GRAFANA_DATABASE_PASSWORD"
        )

    def write() -> str:
        grafana.post("/api/datasources", wanted)
        return _tried(grafana, wanted["uid"])

    return Step(Outcome.CREATE, diff=difference(None, wanted), write=write)


def _update(grafana: Grafana, found: Json, wanted: Json) -> Any:
    kept = {name: value for name, value in found.items() if name not in {"secureJsonFields", "accessControl"}}
    json_data = {**(found.get("jsonData") or {}), **wanted["jsonData"]}
    if "tlsAuthWithCACert" not in wanted["jsonData"]:
        json_data.pop("tlsAuthWithCACert", None)

    def write() -> str:
        # With the version that was looked at: Grafana answers 409 where somebody else was faster.
        grafana.put(
            f"/api/datasources/uid/{wanted['uid']}", {**kept, **wanted, "name": found["name"], "jsonData": json_data}
        )
        return _tried(grafana, wanted["uid"])

    return write


def _tried(grafana: Grafana, uid: str) -> str:
    trouble = grafana.trouble_with(uid)
    return f"but Grafana can't use it yet: {trouble}" if trouble else ""


def _compared(told: Mapping[str, Any], wanted: Json) -> Json:
    """What setup writes of it. The name is people's to choose once it is there."""
    json_data = told.get("jsonData") or {}
    settings = {name: json_data.get(name) for name in wanted["jsonData"]}
    if wanted["type"] == "mysql":
        settings["tlsAuthWithCACert"] = bool(json_data.get("tlsAuthWithCACert"))
        settings["database"] = json_data.get("database") or told.get("database")
    names = [name for name in ("type", "access", "url", "user") if name in wanted]
    return {**{name: told.get(name) for name in names}, "jsonData": settings}
