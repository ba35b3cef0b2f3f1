"""Figures over HTTP: whole days, told apart, and every question that can't be answered."""

from datetime import timedelta

from incidents import actions
from incidents.access.model import KeyRole
from incidents.daily.keeping import day_of
from tests.building import ALICE, firing, resolved
from tests.integration.api.conftest import Api
from tests.integration.db.past import rollup_job
from tests.integration.db.stage import Stage
from tests.integration.db.test_daily_figures import figures_job

REFUSED = {
    "since=yesterday": "query.since",
    "since=2026-01-01T00:00:00": "query.since",
    "since=1700000000": "query.since",
    "since=1969-12-31": "query.since",
    "since=2026-02-30": "query.since",
    "since=9999-01-01": "query.since",
    "since=2026-03-01&until=2026-03-01": "query.since",
    "since=2020-01-01&until=2022-01-01": "query.since",
    "until=9999-12-31T23:59:59-10:00": "query.until",
    "group_by=rule": "query.group_by",
    "severity=critical,bad": "query.severity.1",
    "service=%00": "query.service.0",
    "service=" + "x" * 256: "query.service.0",
    "service=" + "x," * 60: "query.service",
    "group_by=day&group_by=service": "query.group_by",
    "nothing=1": "query.nothing",
}


async def test_figures_of_some_days(api: Api) -> None:
    stage = api.stage
    await stage.take(*(firing(f"p{n}", service=f"s{n % 3}", severity="critical") for n in range(6)))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await rollup_job(stage).catch_up()
    await figures_job(stage).catch_up()
    await stage.take(resolved("p0", service="s0", severity="critical"), resolved("p3", service="s0"))
    told = await api.get("/stats?group_by=service", secret=await api.key(KeyRole.READ))
    assert told.status == 200
    total = told.json["total"]
    assert (total["opened"], total["ended"], total["open_now"], total["alerts"]) == (3, 1, 2, 6)
    assert total["time_to_acknowledge"] == {"n": 1, "median_seconds": None, "p90_seconds": None, "mean_seconds": None}
    assert total["coverage"] == {"n": 1, "of": 1, "percent": None}
    assert [(one["key"], one["figures"]["opened"]) for one in told.json["groups"]] == [("s0", 1), ("s1", 1), ("s2", 1)]
    assert told.json["noisiest_by_incidents"] == [{"rule_uid": "r1", "name": "Checkout5xx", "count": 3}]
    assert told.json["noisiest_by_alerts"] == [{"rule_uid": "r1", "name": "Checkout5xx", "count": 6}]
    assert told.json["counted_until"] == told.json["until"]
    one = await api.get("/stats?service=s1&severity=critical,info&group_by=day")
    [today] = one.json["groups"]
    assert (today["key"], today["figures"]["opened"]) == (f"{await stage.now():%Y-%m-%d}", 1)
    assert today["figures"]["open_now"] is None
    assert (await api.get("/stats?service=S1")).json["total"]["opened"] == 0


async def test_days_are_whole_and_what_is_not_counted_yet_is_said(api: Api) -> None:
    stage = api.stage
    empty = await api.get("/stats")
    assert (empty.status, empty.json["total"]["opened"], empty.json["groups"]) == (200, 0, [])
    assert empty.json["counted_until"] == empty.json["since"]
    now = await stage.now()
    at = (now - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.5z")
    told = await api.get("/stats", params={"since": at, "until": f"{now:%Y-%m-%d}"})
    assert told.json["since"] == day_of(now - timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert told.json["until"] == day_of(now).isoformat().replace("+00:00", "Z")
    assert (await api.get("/stats?since=2026-01-01&until=2999-01-01")).status == 200


async def test_what_can_not_be_answered_says_which_value_it_is(api: Api) -> None:
    for query, field in REFUSED.items():
        told = await api.get(f"/stats?{query}")
        assert (told.status, told.json["errors"][0]["field"]) == (422, field), query
    assert (await api.get("/stats", secret=await api.key(KeyRole.INGEST))).status == 403


async def test_another_tenants_figures_are_not_seen(api: Api) -> None:
    other = Stage.on(api.stage.engines, tenant_id=2)
    await other.take(firing())
    await figures_job(other).catch_up()
    assert (await api.get("/stats")).json["total"]["opened"] == 0
