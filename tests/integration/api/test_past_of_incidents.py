"""What is told of one incident: its timeline, series, episodes and alerts; and alerts of all."""

import pytest

from db import tables
from db.queries import alert_listing
from incidents.access.model import KeyRole
from tests.building import firing, resolved
from tests.integration.api.conftest import Api
from tests.integration.api.test_incidents import all_pages
from tests.integration.db.stage import Stage


async def lived(api: Api) -> None:
    """INC-1 has two series and two episodes, INC-2 one of each; six alerts."""
    stage = api.stage
    await stage.take(firing("pod-a", cluster="prod"), firing("pod-b", since=1, cluster="prod"))
    await stage.take(resolved("pod-a", cluster="prod"), resolved("pod-b", since=1, cluster="prod"))
    await stage.take(firing("pod-a", since=7, cluster="prod"))
    await stage.take(firing("pod-c", service="other"))


async def test_what_has_happened_to_an_incident_is_told_in_pages(api: Api) -> None:
    await lived(api)
    kinds = await api.stage.kinds()
    for sort, wanted in (("at", kinds), ("-at", kinds[::-1])):
        pages = await all_pages(api, f"/incidents/INC-1/timeline?limit=2&sort={sort}")
        assert [one["kind"] for page in pages for one in page] == wanted
        assert len(pages) > 1
    assert (await api.get("/incidents/INC-1/timeline")).json["items"][0]["actor"] == "system"
    series = [one for page in await all_pages(api, "/incidents/INC-1/series?limit=1") for one in page]
    assert [(one["name"], one["status"]) for one in series] == [("pod-a", "firing"), ("pod-b", "resolved")]
    assert series[0]["links"]["dashboard"] is None
    episodes = [one for page in await all_pages(api, "/incidents/1/episodes?limit=1") for one in page]
    assert [(one["number"], one["resolution"]) for one in episodes] == [(1, "recovered"), (2, None)]
    alerts = [one for page in await all_pages(api, "/incidents/INC-1/alerts?limit=2") for one in page]
    assert [(one["fingerprint"], one["status"]) for one in alerts] == [
        ("pod-a", "firing"), ("pod-b", "resolved"), ("pod-a", "resolved"), ("pod-b", "firing"), ("pod-a", "firing"),
    ]  # fmt: skip
    for part in ("timeline", "series", "episodes", "alerts"):
        assert (await api.get(f"/incidents/INC-9/{part}")).status == 404
        assert (await api.get(f"/incidents/INC-1/{part}?limit=0")).status == 422
        assert (await api.get(f"/incidents/INC-1/{part}?text=a")).json["errors"][0]["field"] == "query.text"
    assert (await api.get("/incidents/INC-1/timeline?sort=kind")).status == 422


FOUND = {
    "": 6, "status=firing": 4, "cluster=prod": 5, "cluster=prod&status=resolved": 2, "service=other,checkout": 6,
    "namespace=": 6, "phase=x": 0, "rule_uid=r1&source=grafana": 6, "incident=INC-2": 1, "incident=1&status=firing": 3,
    "since=2020-01-01T00:00:00Z": 6, "until=2020-01-01T00:00:00Z": 0,
}  # fmt: skip


async def test_alerts_are_found_newest_first(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    await lived(api)
    await api.stage.change(tables.alerts, received_at=await api.stage.now())
    for searched in (alert_listing.MOST_SEARCHED, 2):
        monkeypatch.setattr(alert_listing, "MOST_SEARCHED", searched)
        for asked, count in FOUND.items():
            ids = [one["id"] for page in await all_pages(api, f"/alerts?limit=2&{asked}") for one in page]
            assert (len(ids), ids) == (count, sorted(set(ids), reverse=True)), asked
    for asked, field in {"status=ok": "status.0", "incident=x": "incident", "severity=info": "severity"}.items():
        told = await api.get(f"/alerts?{asked}")
        assert (told.status, told.json["errors"][0]["field"]) == (422, f"query.{field}")
    assert (await api.get("/alerts?incident=INC-9")).status == 404


async def test_one_alert_is_told_in_full_and_as_it_was_received(api: Api) -> None:
    await api.stage.take(firing(value=5.5, service="pay"))
    [row] = await api.stage.all(tables.alerts)
    told = await api.get(f"/alerts/{row['id']}")
    assert told.json["labels"] == {"service": "pay", "severity": "warning", "pod": "pod-a"}
    assert (told.json["metric_values"], told.json["reason"], told.json["severity_raw"]) == (
        {"A": 5.5},
        "opened",
        "warning",
    )
    raw = await api.get(f"/alerts/{row['id']}/raw")
    assert raw.headers["Content-Type"].startswith("application/json")
    assert raw.json == row["raw_payload"]
    for ref, status in {"999": 404, "0": 422, "INC-1": 422, "9" * 19: 422}.items():
        assert (await api.get(f"/alerts/{ref}")).status == status
        assert (await api.get(f"/alerts/{ref}/raw")).status == status


async def test_another_tenants_are_not_there(api: Api) -> None:
    await api.stage.take(firing("pod-a", service="ours"))
    api.stages[2] = Stage.on(api.stage.engines, tenant_id=2)
    secret = await api.key(KeyRole.READ, tenant_id=2)
    [row] = await api.stage.all(tables.alerts)
    incident = await api.stage.incident()
    for path in ("/incidents", "/incidents?text=ours", "/incidents?service=ours&status=active", "/alerts"):
        assert (await api.get(path, secret=secret)).json == {"items": [], "next_cursor": None}
    for path in (f"/incidents/{incident.id}", f"/incidents/{incident.id}/timeline", f"/incidents/{incident.id}/series",
                 f"/incidents/{incident.id}/episodes", f"/incidents/{incident.id}/alerts", f"/alerts/{row['id']}",
                 f"/alerts/{row['id']}/raw", f"/alerts?incident={incident.id}"):  # fmt: skip
        assert (await api.get(path, secret=secret)).status == 404, path
    assert (await api.get("/incidents?text=ours")).json["items"][0]["id"] == incident.id
