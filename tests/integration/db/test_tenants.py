"""Each tenant sees its own and nothing else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import event

from db import tables
from db.engine import Engines
from db.unit_of_work import SqlUnitOfWork
from db.workspace_tables import OF_SLACK_SDK
from incidents import actions
from incidents.browse import PAST, Filter, Matching, PageTurn
from incidents.digests.model import Digest
from incidents.errors import IncidentNotFound
from incidents.homes import PageSizes
from incidents.ingest import reject
from incidents.listing import AlertsWanted, IncidentsWanted, Sort
from incidents.model import AlertKind, RejectedDelivery, Severity, Status
from incidents.outbox import Priority
from incidents.policy import Policies, Policy, Retention
from incidents.schedules import Layer, Rotation, Schedule
from incidents.schedules.handover import Handover
from incidents.schedules.passing import pass_on
from incidents.schedules.trouble import TroubleKind
from incidents.schedules.troubles import tell_troubles
from jobs.retention import Keeper, RetentionMetrics
from tests.building import ALICE, a_delivery, cannot_see, firing, minutes, resolved, sees
from tests.integration.db.past import no_rest, rollup_job
from tests.integration.db.stage import Stage
from tests.integration.db.weather import Weather

OF_NO_TENANT = {"tenants", *(table.name for table in OF_SLACK_SDK)}
"""The tenants themselves, and what slack_sdk's stores keep, which is found by a workspace's id."""
OURS = {table.name for table in tables.metadata.sorted_tables} - OF_NO_TENANT | {"grafana_alerts"}
HOUR = timedelta(hours=1)
NAMED = re.compile(rf"\b({'|'.join(OURS)})\b")


@pytest.fixture
def statements(engines: Engines) -> Iterator[list[str]]:
    """All that is sent from now on."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    both = {engines.write.sync_engine, engines.read.sync_engine}
    for engine in both:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in both:
        event.remove(engine, "before_cursor_execute", note)


async def test_every_statement_names_its_tenant(stage: Stage, statements: list[str]) -> None:
    await all_that_can_be_done(stage)
    named = [statement for statement in statements if NAMED.search(statement)]
    assert len(named) > 100
    assert [statement for statement in named if not bound_to_a_tenant(statement)] == []


def bound_to_a_tenant(statement: str) -> bool:
    """Each SELECT (but of constants), UPDATE and DELETE asks for a tenant; each INSERT or REPLACE writes one."""
    if statement.startswith(("INSERT", "REPLACE")):
        return "tenant_id" in statement.partition("VALUES")[0]
    return len(re.findall(r"\btenant_id = ", statement)) >= len(
        re.findall(r"\bSELECT\b(?! \d| %s| \?| ')|^UPDATE|^DELETE", statement)
    )


async def all_that_can_be_done(stage: Stage) -> None:
    """Every query of every port, at least once."""
    await stage.take_batch(a_delivery(firing("pod-a"), body="same"), a_delivery(firing("pod-a"), body="same"))
    await stage.take_batch(a_delivery(firing("pod-b", severity="critical"), firing("pod-c", service="b")))
    request = a_delivery(resolved("pod-x"))
    await stage.take_batch(request)
    await stage.take_batch(request)
    bad = RejectedDelivery("grafana", "r", "0" * 64, {}, "bad", b"")
    await stage.write(lambda uow: reject(bad, uow=uow, policy=stage.policy))
    for act in (actions.acknowledge, actions.unacknowledge, actions.resolve, actions.reopen, actions.mark_noise):
        await stage.write(lambda uow, act=act: act(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.mark_real(1, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.assign(1, to="U0BOB", by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.add_note(1, text="seen", by=ALICE, uow=uow))
    await stage.read(lambda uow: uow.views.browse(statuses=list(Status), limit=10))
    await stage.read(lambda uow: uow.views.count(statuses=list(Status)))
    await lists_and_figures(stage)
    await stage.read(lambda uow: uow.views.card_places(1))
    [newest] = await stage.read(lambda uow: uow.timeline.of(1, limit=1))
    await stage.read(lambda uow: uow.timeline.get(newest.id or 0))
    await finding(stage)
    await what_the_rules_ask(stage)
    await publishing(stage)
    await a_storm(stage)
    await home_tabs(stage)
    await on_call(stage)
    await a_digest(stage)
    await stage.write(lambda uow: uow.slack_workspaces.invite("0" * 64))
    await keeping(stage)


async def a_digest(stage: Stage) -> None:
    digest = Digest("d", "#a", "0 9 * * *", ZoneInfo("UTC"))
    await stage.write(lambda uow: uow.digests.begin(digest, at=minutes(0)))
    await stage.write(lambda uow: uow.digests.skip(digest, due_at=minutes(1)))
    told, _ = await stage.write(lambda uow: uow.digests.publish(digest, since=minutes(1), due_at=minutes(2)))
    await stage.write(lambda uow: uow.outbox.add_report(told.subject, channel=told.channel))
    await stage.read(lambda uow: uow.digests.latest([digest.name]))
    assert await stage.read(lambda uow: uow.digests.get(told.id)) == told
    await stage.read(lambda uow: uow.digests.any_chart())
    await stage.write(lambda uow: uow.digests.take_chart(lease=HOUR))
    await stage.write(lambda uow: uow.digests.chart_later(told.id, wait=HOUR))
    await stage.write(lambda uow: uow.digests.chart_done(told.id, file_id="F1"))


async def lists_and_figures(stage: Stage) -> None:
    wanted = actions.Declaration("V1", "Slow", Severity.ERROR, channel="C1")
    await stage.write(lambda uow: actions.declare(wanted, by=ALICE, uow=uow, policy=stage.policy))
    words = Matching(frozenset(Severity), ("check",))
    for filter_ in (Filter(matching=words, owner="U0ALICE"), Filter(statuses=PAST, matching=words, within=HOUR)):
        await stage.read(lambda uow, filter_=filter_: uow.views.page(filter_, limit=1))
    first = await stage.read(lambda uow: uow.views.page(Filter(), limit=1))
    assert first.on
    await stage.read(lambda uow: uow.views.page(Filter(), turn=PageTurn(first.on, back=True), limit=1))
    await stage.read(lambda uow: uow.statistics.past(words, within=HOUR))


async def finding(stage: Stage) -> None:
    """As clients do: among few, and in steps."""
    assert await stage.read(lambda uow: uow.search_words.is_behind())
    await stage.write(lambda uow: uow.search_words.follow(limit=10))
    incident = await stage.incident()
    await stage.write(lambda uow: uow.search_words.rewrite([incident]))
    words = IncidentsWanted(words=("check", "b"), statuses=frozenset({Status.RESOLVED}))
    for wanted in (words, IncidentsWanted(noise=False), IncidentsWanted(services=frozenset({"b", "c"}))):
        for sort in Sort:
            await stage.read(lambda uow, w=wanted, s=sort: uow.listing.incidents(w, sort=s, after=None, limit=1))
    for alerts in (AlertsWanted(sources=frozenset({"grafana"})), AlertsWanted(incident_id=1)):
        page = await stage.read(lambda uow, w=alerts: uow.listing.alerts(w, after=None, limit=1))
        await stage.read(lambda uow, w=alerts, p=page: uow.listing.alerts(w, after=p.after, limit=1))
    await stage.read(lambda uow: uow.listing.alert(page.alerts[0].id))
    await stage.read(lambda uow: uow.listing.raw_alert(page.alerts[0].id))
    await stage.read(lambda uow: uow.listing.timeline(1, newest_first=True, after=None, limit=5))
    await stage.read(lambda uow: uow.listing.episodes(1, after=0, limit=5))


async def home_tabs(stage: Stage) -> None:
    await stage.write(lambda uow: uow.homes.opened("U0ALICE", language="ko", page=1))
    world = await stage.read(lambda uow: uow.homes.world())
    await stage.read(lambda uow: uow.homes.get("U0ALICE"))
    await stage.read(lambda uow: uow.homes.followed())
    await stage.read(lambda uow: uow.homes.outdated(world, limit=5))
    await stage.read(lambda uow: uow.homes.view("U0ALICE", page=0, sizes=PageSizes(5, 5, 5)))
    await stage.write(lambda uow: uow.homes.may_publish(urgent=True))
    await stage.write(lambda uow: uow.homes.close(wait=timedelta(seconds=1)))
    await stage.write(lambda uow: uow.homes.shown("U0ALICE", world=world, content_sha256=world, view_hash=None))
    await stage.write(lambda uow: uow.homes.failed("U0ALICE", wait=timedelta(seconds=1)))
    await stage.write(lambda uow: uow.homes.lease("here", until_in=timedelta(seconds=1)))
    await stage.write(lambda uow: uow.homes.release("here"))
    await stage.write(lambda uow: uow.homes.forget_old())
    await stage.write(lambda uow: uow.homes.forget("U0ALICE"))


async def on_call(stage: Stage) -> None:
    week = Schedule("payments", ZoneInfo("UTC"), (Layer("all", Rotation(("U0BOB",))),))

    async def take(uow: SqlUnitOfWork) -> int:
        taken = await actions.take_over(week, person="U0ALICE", start=None, end=uow.now + HOUR, by=ALICE, uow=uow)
        return taken.id

    override_id = await stage.write(take)
    await stage.read(lambda uow: uow.overrides.standing())
    await stage.read(lambda uow: uow.overrides.standing(["payments"]))
    await stage.write(lambda uow: actions.give_back(override_id, by=ALICE, uow=uow))
    await stage.write(lambda uow: uow.calendars.claim("payments", source_sha256="a", lease=HOUR))
    await stage.read(lambda uow: uow.calendars.due({"payments": "a"}))
    kept = {"source_sha256": "a", "rest": HOUR}
    await stage.write(lambda uow: uow.calendars.read("payments", shifts=(), unmapped=(), **kept))
    await stage.write(lambda uow: uow.calendars.failed("payments", error="gone", **kept))
    await stage.read(lambda uow: uow.calendars.standing(["payments"]))
    await stage.write(lambda uow: uow.turns.take("handovers", rest=HOUR))
    for kind_found in ({("payments", ""): "gone"}, {("payments", ""): "away"}, {}):
        await stage.write(lambda uow, found=kind_found: tell_troubles(TroubleKind.CALENDAR, found, uow, stage.policy))
    await stage.read(lambda uow: uow.troubles.get(1))
    number = await stage.write(lambda uow: uow.handovers.add(Handover("payments", uow.now, "U0BOB")))
    await stage.read(lambda uow: uow.handovers.get(number or 0))
    await stage.write(lambda uow: uow.outbox.add_report(f"handover:{number}", channel="#pay"))
    await stage.write(lambda uow: pass_on({"payments": replace(week, handover_channel="#pay")}, uow))


async def a_storm(stage: Stage) -> None:
    weather = Weather(stage)
    await weather.opens("v", "w", "x", "y")
    await look(weather)
    view = await weather.view()
    await weather.stage.take(firing("w", cluster="w", service="pay", severity="critical", pod="w2"))
    await weather.stage.take(resolved("x", cluster="x", service="pay"))
    await weather.acknowledge_all(seen_rev=view.rev, by=ALICE)
    await weather.stage.write(lambda uow: uow.storms.show(1, urgent=True))
    await stage.read(lambda uow: uow.storms.page(1, offset=0, limit=5))
    await stage.read(lambda uow: uow.storms.count_under_way())
    await look(weather)
    await look(weather, hot=timedelta(hours=1))
    await weather.stage.take(firing("x", cluster="x", service="pay", since=9))
    await look(weather)
    storm, _ = await stage.write(lambda uow: uow.storms.begin("#next", first=uow.now, last=uow.now))
    await stage.write(lambda uow: uow.storms.hand_over([1], to=storm))


async def look(weather: Weather, hot: timedelta = timedelta(0)) -> None:
    """A look, some time after the last; the rate was above the limit so long ago."""

    async def earlier(uow: SqlUnitOfWork) -> None:
        times = {"looked_at": uow.now - timedelta(seconds=5), "hot_at": uow.now - hot}
        await uow.gate.execute(uow.gate.update(tables.storms).values(times))
        old = uow.gate.update(tables.outbox).values(created_at=uow.now - hot)
        await uow.gate.execute(old)

    await weather.stage.write(earlier)
    weather.clock += 10
    await weather.storms.look()


async def keeping(stage: Stage) -> None:
    """Rollups and retention, on all that is there by then."""
    await stage.write(lambda uow: uow.gate.execute(uow.gate.update(tables.outbox).values(due_at=None)))
    await stage.write(lambda uow: uow.rollups.start_over(None))
    await rollup_job(stage).catch_up()
    await rollup_job(stage).rebuild(None)
    ages = Retention(alerts=timedelta(0), deliveries=timedelta(0), incidents=timedelta(0))
    keeper = Keeper(
        stage.transactions,
        Policies(Policy(retention=ages)),
        RetentionMetrics(CollectorRegistry()),
        holder="here",
        rest=no_rest,
    )
    await keeper.plan()
    gone = await keeper.delete()
    assert gone
    assert gone["incident_events"] > 0


async def what_the_rules_ask(stage: Stage) -> None:
    await stage.take(cannot_see("blind", since=1), resolved("pod-b"))
    await stage.take(sees("blind", since=1))
    await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
    await stage.take(firing("pod-a"))
    await stage.take(replace(firing("pressed"), kind=AlertKind.TEST))
    await stage.write(make_all_due)
    assert await stage.read(lambda uow: uow.incidents.any_due())
    assert await stage.look()


async def make_all_due(uow: SqlUnitOfWork) -> None:
    due = uow.gate.update(tables.incidents).values(check_at=minutes(0), last_alert_time=minutes(0))
    await uow.gate.execute(due)


async def publishing(stage: Stage) -> None:
    wait = timedelta(seconds=30)
    assert await stage.read(lambda uow: uow.publishing.is_due())
    first, second = await stage.claim(), await stage.claim()
    assert first
    await stage.write(lambda uow: uow.publishing.sent(first, channel_id="C1", ts="1.0", rev=first.rev))
    await stage.write(lambda uow: uow.publishing.touch(first))
    await stage.write(lambda uow: uow.publishing.later(second or first, wait=wait, error="x", outcome_unknown=False))
    await stage.write(lambda uow: uow.publishing.close_way(first, wait=wait))
    await stage.write(lambda uow: uow.publishing.post_anew(first, channel="C2"))
    await stage.read(lambda uow: uow.publishing.known_channel_id("#incidents"))
    await stage.read(lambda uow: uow.publishing.depth())


async def test_two_tenants_with_the_same_keys_do_not_meet(engines: Engines) -> None:
    one, other = Stage.on(engines, tenant_id=1), Stage.on(engines, tenant_id=2)
    assert (await one.take(firing())).incidents == ("INC-1",)
    done = await other.take(firing(), firing("pod-b", service="b"))
    assert (done.incidents, [reason.value for reason in done.reasons]) == (("INC-1", "INC-2"), ["opened", "opened"])
    await one.take(resolved())
    assert (await one.incident()).status is Status.RESOLVED
    assert (await other.incident()).status is Status.ACTIVE
    assert (await other.take(firing())).reasons[0].value == "resent"


async def test_the_same_body_from_two_tenants_is_no_duplicate(engines: Engines) -> None:
    for tenant in (1, 2):
        done = await Stage.on(engines, tenant_id=tenant).take(firing(), body="same")
        assert done.duplicate_of is None


async def test_nobody_clicks_or_reads_or_publishes_what_is_anothers(engines: Engines) -> None:
    one, other = Stage.on(engines, tenant_id=1), Stage.on(engines, tenant_id=2)
    await one.take(firing())
    theirs = (await one.incident()).id
    for act in (actions.acknowledge, actions.resolve, actions.mark_noise):
        with pytest.raises(IncidentNotFound):
            await other.write(lambda uow, act=act: act(theirs, by=ALICE, uow=uow))
    with pytest.raises(IncidentNotFound):
        await other.read(lambda uow: uow.views.incident(theirs))
    assert await other.read(lambda uow: uow.views.browse(statuses=list(Status), limit=10)) == []
    assert not await other.read(lambda uow: uow.publishing.is_due())
    assert await other.claim() is None
    await other.write(lambda uow: uow.outbox.touch_cards([theirs], priority=Priority.CLICK))
    job = await one.claim()
    assert job is not None
    assert job.rev == 1
    assert not await other.write(lambda uow: uow.publishing.sent(job, channel_id="C1", ts="1.0", rev=1))
