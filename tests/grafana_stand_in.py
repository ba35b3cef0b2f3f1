"""A stand-in for Grafana: the part of its HTTP API that setup uses, as strict as the real one, on loopback.

Shapes, codes and words are those of grafana/grafana: pkg/api/{datasources,dashboard,folder}.go,
pkg/services/ngalert/api/api_provisioning.go and pkg/services/ngalert/provisioning.
"""

import asyncio
import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Handler = Callable[[web.Request], Any]

TOKEN = "glsa_0123456789abcdefghij"
DATABASE_PASSWORD = "a-password-of-the-database"
REDACTED = "[REDACTED]"
SECRET_SETTINGS = ("password", "authorization_credentials", "hmacConfig.secret")


def answer(status: int, body: Any) -> web.Response:
    return web.json_response(body, status=status)


def refusal(code: int, message: str, **more: Any) -> web.Response:
    return answer(code, {"message": message, **more})


@dataclass
class Grafana:
    """Its state, which tests may look at and change as people do in Grafana's pages."""

    version: str = "12.1.0"
    denied: set[str] = field(default_factory=set)  # permissions that the token lacks
    broken: dict[tuple[str, str], tuple[int, Json]] = field(default_factory=dict)
    flat_secrets: bool = False  # as "hmacConfig.secret", and not below "hmacConfig"
    silent: set[tuple[str, str]] = field(default_factory=set)  # what is done, but never answered
    folders: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    history: dict[str, list[Json]] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    groups: dict[tuple[str, str], Json] = field(default_factory=dict)
    rules_of_others: list[Json] = field(default_factory=list)
    policies: Json = field(default_factory=lambda: {"receiver": "grafana-default-email", "group_by": ["alertname"]})
    provenance_of_policies: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def written(self) -> list[str]:
        return [f"{method} {path}" for method, path in self.asked if method != "GET"]

    def edit_dashboard(self, uid: str, **fields: Any) -> None:
        """By hand, in Grafana's pages."""
        self._save({**self.dashboards[uid]["dashboard"], **fields}, self.dashboards[uid]["folder"], "", "ada")

    def _save(self, dashboard: Json, folder: str, message: str, who: str) -> int:
        entries = self.history.setdefault(dashboard["uid"], [])
        version = len(entries) + 1
        self.dashboards[dashboard["uid"]] = {"dashboard": {**dashboard, "version": version}, "folder": folder}
        at = "2026-03-02T10:00:00Z"
        entries.insert(0, {"version": version, "message": message, "createdBy": who, "created": at})
        return version

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        app.add_routes(
            [
                web.get("/api/health", self._health),
                web.get("/api/frontend/settings", self._settings),
                web.get("/api/folders/{uid}", self._folder),
                web.post("/api/folders", self._make_folder),
                web.get("/api/datasources/uid/{uid}", self._source),
                web.get("/api/datasources/uid/{uid}/health", self._source_health),
                web.post("/api/datasources", self._make_source),
                web.put("/api/datasources/uid/{uid}", self._change_source),
                web.get("/api/dashboards/uid/{uid}", self._dashboard),
                web.get("/api/dashboards/uid/{uid}/versions", self._versions),
                web.post("/api/dashboards/db", self._save_dashboard),
                web.get("/api/v1/provisioning/contact-points", self._contacts),
                web.post("/api/v1/provisioning/contact-points", self._make_contact),
                web.put("/api/v1/provisioning/contact-points/{uid}", self._change_contact),
                web.get("/api/v1/provisioning/policies", self._policies),
                web.put("/api/v1/provisioning/policies", self._change_policies),
                web.get("/api/v1/provisioning/alert-rules", self._rules),
                web.get("/api/v1/provisioning/folder/{folder}/rule-groups/{group}", self._group),
                web.put("/api/v1/provisioning/folder/{folder}/rule-groups/{group}", self._change_group),
            ]
        )
        return app

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = (request.method, request.path)
        self.asked.append(asked)
        if asked in self.broken:
            return answer(*self.broken[asked])
        if request.path != "/api/health" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refusal(401, "Invalid API key", messageId="api-key.invalid", statusCode=401, traceID="")
        needed = _permission(*asked)
        if needed in self.denied:
            message = f"You'll need additional permissions to perform this action. Permissions needed: {needed}"
            return refusal(403, message, accessErrorId="ACE1", title="Access denied")
        done: web.StreamResponse = await handler(request)
        if asked in self.silent:
            await asyncio.Event().wait()
        return done

    async def _health(self, _: web.Request) -> web.Response:
        return answer(200, {"database": "ok", "version": self.version, "commit": "abc"})

    async def _settings(self, _: web.Request) -> web.Response:
        return answer(200, {"buildInfo": {"version": self.version}})

    async def _folder(self, request: web.Request) -> web.Response:
        found = self.folders.get(request.match_info["uid"])
        return answer(200, found) if found else refusal(404, "folder not found", status="not-found")

    async def _make_folder(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not body.get("title"):
            return refusal(400, "folder title cannot be empty")
        if any(one["title"] == body["title"] or one["uid"] == body["uid"] for one in self.folders.values()):
            return refusal(409, "a folder with the same name already exists in the current location")
        self.folders[body["uid"]] = {**body, "id": len(self.folders) + 1, "version": 1}
        return answer(200, self.folders[body["uid"]])

    async def _source(self, request: web.Request) -> web.Response:
        found = self.sources.get(request.match_info["uid"])
        if found is None:
            return refusal(404, "Data source not found")
        shown = {name: value for name, value in found.items() if name != "secureJsonData"}
        return answer(200, {**shown, "secureJsonFields": dict.fromkeys(found["secureJsonData"], True)})

    async def _source_health(self, request: web.Request) -> web.Response:
        found = self.sources[request.match_info["uid"]]
        if found["type"] == "mysql" and found["secureJsonData"].get("password") != DATABASE_PASSWORD:
            return answer(400, {"status": "ERROR", "message": "Error 1045: Access denied for user"})
        return answer(200, {"status": "OK", "message": "Database Connection OK"})

    async def _make_source(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not (body.get("name") and body.get("type") and body.get("access")):
            return refusal(400, "bad request data")
        if body["uid"] in self.sources:
            return refusal(409, "data source with the same uid already exists")
        if any(one["name"] == body["name"] for one in self.sources.values()):
            return refusal(409, "data source with the same name already exists")
        made = {"id": len(self.sources) + 1, "orgId": 1, "version": 1, "readOnly": False, "database": "", **body}
        self.sources[body["uid"]] = made
        return answer(200, {"message": "Datasource added", "id": made["id"], "name": made["name"]})

    async def _change_source(self, request: web.Request) -> web.Response:
        body, found = await request.json(), self.sources[request.match_info["uid"]]
        if found["readOnly"]:
            return refusal(403, "Cannot update read-only data source")
        if body.get("version") and body["version"] != found["version"]:
            return refusal(409, "Datasource has already been updated by someone else. Please reload and try again")
        secrets = {**found["secureJsonData"], **body.get("secureJsonData", {})}
        self.sources[found["uid"]] = {**found, **body, "secureJsonData": secrets, "version": found["version"] + 1}
        return answer(200, {"message": "Datasource updated", "name": body["name"]})

    async def _dashboard(self, request: web.Request) -> web.Response:
        found = self.dashboards.get(request.match_info["uid"])
        if found is None:
            return refusal(404, "Dashboard not found", status="not-found")
        meta = {"folderUid": found["folder"], "provisioned": found.get("provisioned", False)}
        return answer(200, {"dashboard": found["dashboard"], "meta": meta})

    async def _versions(self, request: web.Request) -> web.Response:
        entries = self.history[request.match_info["uid"]][: int(request.query.get("limit", 100))]
        return answer(200, entries if self.version < "11.3" else {"continueToken": "", "versions": entries})

    async def _save_dashboard(self, request: web.Request) -> web.Response:
        body = await request.json()
        dashboard, uid = body["dashboard"], body["dashboard"]["uid"]
        if not dashboard.get("title"):
            return refusal(400, "Dashboard title cannot be empty", status="empty-name")
        if body["folderUid"] and body["folderUid"] not in self.folders:
            return refusal(400, "folder not found")
        there = self.dashboards.get(uid)
        if there is not None and there.get("provisioned"):
            return refusal(400, "Cannot save provisioned dashboard")
        if there is not None and not body["overwrite"]:
            if dashboard.get("id") is None:
                return refusal(400, "A dashboard with the same uid already exists")
            if dashboard.get("version") != there["dashboard"]["version"]:
                return refusal(412, "The dashboard has been changed by someone else", status="version-mismatch")
        # As newer ones do, which bring what they are given up to their own schema.
        dashboard = {**dashboard, "id": len(self.dashboards) + 1, "schemaVersion": 42}
        version = self._save(dashboard, body["folderUid"], body["message"], "sa-bongsu")
        return answer(200, {"uid": uid, "status": "success", "version": version})

    async def _contacts(self, _: web.Request) -> web.Response:
        return answer(200, [_redacted(one, flat=self.flat_secrets) for one in self.contacts.values()])

    async def _make_contact(self, request: web.Request) -> web.Response:
        body = await request.json()
        if wrong := _wrong(body):
            return wrong
        if body["uid"] in self.contacts:
            return refusal(500, f"receiver configuration with UID '{body['uid']}' already exist in contact point")
        self.contacts[body["uid"]] = {**body, "provenance": _provenance(request)}
        return answer(202, _redacted(self.contacts[body["uid"]]))

    async def _change_contact(self, request: web.Request) -> web.Response:
        body, found = await request.json(), self.contacts.get(request.match_info["uid"])
        if found is None:
            return refusal(404, "object not found: contact point with uid not found")
        if wrong := _wrong(body):
            return wrong
        if found["provenance"] not in ("", _provenance(request)):
            return refusal(500, f"cannot change provenance from '{found['provenance']}' to '{_provenance(request)}'")
        self.contacts[found["uid"]] = {**body, "provenance": _provenance(request)}
        return answer(202, {"message": "contactpoint updated"})

    async def _policies(self, _: web.Request) -> web.Response:
        provenance = {"provenance": self.provenance_of_policies} if self.provenance_of_policies else {}
        return answer(200, {**self.policies, **provenance})

    async def _change_policies(self, request: web.Request) -> web.Response:
        tree = await request.json()
        if not tree.get("receiver") or tree.get("object_matchers"):
            return refusal(400, "invalid object specification: root route must have a receiver and no matchers")
        known = {"grafana-default-email", "team-mail", *(one["name"] for one in self.contacts.values())}
        unknown = [name for name in _receivers(tree) if name and name not in known]
        if unknown:
            return refusal(400, f"invalid object specification: receiver '{unknown[0]}' does not exist")
        self.policies, self.provenance_of_policies = tree, _provenance(request)
        return answer(202, {"message": "policies updated"})

    async def _rules(self, _: web.Request) -> web.Response:
        own = [rule for group in self.groups.values() for rule in group["rules"]]
        return answer(200, [*own, *self.rules_of_others])

    async def _group(self, request: web.Request) -> web.Response:
        found = self.groups.get((request.match_info["folder"], request.match_info["group"]))
        return answer(200, found) if found else refusal(404, "rule group not found")

    async def _change_group(self, request: web.Request) -> web.Response:
        body, folder = await request.json(), request.match_info["folder"]
        if folder not in self.folders:
            return refusal(404, "folder not found")
        if not isinstance(body["interval"], int) or body["interval"] % 10:
            return refusal(400, "invalid alert rule: interval should be non-zero and divided exactly by 10s")
        for rule in body["rules"]:
            if rule["condition"] not in [query["refId"] for query in rule["data"]]:
                return refusal(400, f"invalid alert rule: condition {rule['condition']} does not exist")
        stored = copy.deepcopy(body)
        for number, rule in enumerate(stored["rules"], 1):
            rule.update(id=number, orgID=1, updated="2026-03-02T10:00:00Z", provenance=_provenance(request))
            for query in rule["data"]:
                query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}
        self.groups[folder, request.match_info["group"]] = stored
        return answer(200, body)


def _permission(method: str, path: str) -> str:
    kind = path.removeprefix("/api/v1").split("/")[2]
    return f"{kind}:{'read' if method == 'GET' else 'write'}"


def _provenance(request: web.Request) -> str:
    return "" if "X-Disable-Provenance" in request.headers else "api"


def _wrong(contact: Json) -> web.Response | None:
    if not (contact.get("name") and contact.get("type") and contact.get("settings", {}).get("url")):
        return refusal(400, "invalid object specification: required field 'url' is not specified")
    settings = contact["settings"]
    if settings.get("username") and settings.get("authorization_credentials"):
        return refusal(400, "both HTTP Basic Authentication and Authorization Header are set, only 1 is permitted")
    return None


def _redacted(contact: Json, *, flat: bool = False) -> Json:
    told = copy.deepcopy(contact)
    for name in SECRET_SETTINGS:
        *outer, last = name.split(".")
        place = told["settings"].get(outer[0], {}) if outer else told["settings"]
        if place.get(last):
            place[last] = REDACTED
            if flat and outer:
                del place[last]
                told["settings"][name] = REDACTED
    return {name: value for name, value in told.items() if not (name == "provenance" and not value)}


def _receivers(route: Json) -> list[str]:
    return [route.get("receiver", ""), *(name for one in route.get("routes") or [] for name in _receivers(one))]


@contextmanager
def running(grafana: Grafana) -> Iterator[Grafana]:
    """Serves it from a thread, as the command that asks it is synchronous."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(grafana.app(), access_log=None, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        grafana.url = f"http://{host}:{port}"
        ready.set()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        left = asyncio.all_tasks(loop)  # what is never answered
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield grafana
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)


def written_dashboard(uid: str, title: str) -> str:
    """A small one with the variables that all have."""
    variables = [
        {"name": "datasource", "type": "datasource", "query": "mysql", "current": {}},
        {"name": "tenant", "type": "constant", "query": "default", "hide": 2},
        {"name": "slack_url", "type": "constant", "query": "https://slack.com", "hide": 2},
    ]
    panels = [{"type": "row", "title": "Now"}, {"type": "stat", "title": "Open", "targets": [{"rawSql": "SELECT 1"}]}]
    return json.dumps({"uid": uid, "title": title, "templating": {"list": variables}, "panels": panels})
