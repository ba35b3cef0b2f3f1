"""What deliveries do to incidents: opening, joining, re-sending, resolving."""

from dataclasses import replace

import pytest

from db import tables
from incidents import actions
from incidents.ingest import reject
from incidents.model import AlertStatus, Place, RejectedDelivery, Resolution, Severity, Status
from incidents.policy import Policy, Route
from tests.building import ALICE, a_delivery, an_alert, firing, minutes, resolved
from tests.integration.db.stage import Stage, the


async def test_an_alert_that_fires_opens_an_incident(stage: Stage) -> None:
    done = await stage.take(firing(cluster="prod-a", namespace="pay", severity="critical", env="prod"))
    incident = await stage.incident()
    assert (done.incidents, done.alerts, the(done)) == (("INC-1",), 1, "opened")
    assert (incident.status, incident.severity, incident.start_time) == (Status.ACTIVE, Severity.CRITICAL, minutes(0))
    assert incident.place == Place("prod-a", "pay", "checkout", "prod")
    assert (incident.title, incident.alert_name, incident.alert_count) == ("Checkout 5xx above 5 %", "Checkout5xx", 1)
    assert await stage.kinds() == ["opened"]
    [episode] = await stage.episodes()
    assert (episode.number, episode.started_at, episode.opened_reason) == (1, minutes(0), "opened")


async def test_the_stored_alert_keeps_its_incident_and_what_became_of_it(stage: Stage) -> None:
    await stage.take(firing())
    [row] = await stage.all(tables.alerts)
    assert (row["incident_id"], row["reason"], row["status"]) == ((await stage.incident()).id, "opened", "firing")
    assert row["raw_payload"] == firing().raw
    assert row["starts_at"] == minutes(0)


async def test_it_starts_when_the_earliest_alert_of_its_delivery_did(stage: Stage) -> None:
    await stage.take(firing("pod-a", since=5), firing("pod-b", since=2, severity="critical"))
    incident = await stage.incident()
    assert (incident.start_time, incident.severity) == (minutes(2), Severity.CRITICAL)
    assert await stage.kinds() == ["opened", "series_firing"]


async def test_another_series_of_the_key_joins(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    assert the(await stage.take(firing("pod-b", since=1))) == "joined"
    view = await stage.read(lambda uow: uow.views.incident(1))
    assert (view.firing, view.resolved, [one.name for one in view.series]) == (2, 0, ["pod-a", "pod-b"])
    assert await stage.kinds() == ["opened", "series_firing"]


async def test_another_key_opens_another_incident(stage: Stage) -> None:
    done = await stage.take(firing("pod-a"), firing("pod-b", service="search"))
    assert done.incidents == ("INC-1", "INC-2")


async def test_a_resend_is_stored_and_counted_and_nothing_else(stage: Stage) -> None:
    await stage.take(firing())
    before = await stage.incident()
    assert the(await stage.take(firing())) == "resent"
    after = await stage.incident()
    assert (after.alert_count, after.version) == (2, before.version)
    assert await stage.kinds() == ["opened"]
    [card] = await stage.all(tables.outbox)
    assert card["desired_rev"] == 1


async def test_a_resend_with_another_value_redraws_the_card_and_keeps_the_peak(stage: Stage) -> None:
    for value in (5.0, 14.0, 12.0, None):
        await stage.take(firing(value=value))
    [series] = (await stage.read(lambda uow: uow.views.incident(1))).series
    assert (series.value_fired, series.value_peak, series.value_now) == (5.0, 14.0, None)
    [card] = await stage.all(tables.outbox)
    assert card["desired_rev"] == 4
    assert (await stage.incident()).version == 2


async def test_the_same_body_within_a_minute_is_only_a_delivery(stage: Stage) -> None:
    first = await stage.take(firing(), body="same")
    second = await stage.take(firing(), body="same")
    assert (second.alerts, second.incidents, second.duplicate_of) == (0, ("INC-1",), first.delivery_id)
    assert [row["status"] for row in await stage.all(tables.deliveries)] == ["processed", "duplicate"]
    assert len(await stage.all(tables.alerts)) == 1
    assert (await stage.incident()).alert_count == 1


async def test_the_same_body_after_a_minute_is_a_resend(stage: Stage) -> None:
    await stage.take(firing(), body="same")
    await stage.change(tables.deliveries, last_seen_at=await stage.now() - Policy().duplicate_window * 1.1)
    assert the(await stage.take(firing(), body="same")) == "resent"
    assert len(await stage.all(tables.alerts)) == 2


async def test_the_same_body_is_news_when_something_different_came_in_between(stage: Stage) -> None:
    """Fire, resolve, and the very same firing from the other half of an HA pair: all three are kept."""
    await stage.take(firing(), body="same")
    await stage.take(resolved(), body="other")
    done = await stage.take(firing(), body="same")
    assert (the(done), done.duplicate_of) == ("resent", None)
    assert len(await stage.all(tables.alerts)) == 3
    assert (await stage.incident()).status is Status.RESOLVED


async def test_the_last_series_to_resolve_recovers_the_incident(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    assert the(await stage.take(resolved("pod-a", until=5))) == "series_resolved"
    assert (await stage.incident()).status is Status.ACTIVE
    assert the(await stage.take(resolved("pod-b", until=7))) == "recovered"
    incident, [episode] = await stage.incident(), await stage.episodes()
    assert (incident.status, incident.resolution, incident.resolved_by) == (
        Status.RESOLVED, Resolution.RECOVERED, "system",
    )  # fmt: skip
    assert (episode.recovered_at, episode.resolution) == (minutes(7), Resolution.RECOVERED)
    assert await stage.kinds() == ["opened", "series_firing", "series_resolved", "series_resolved", "resolved"]


async def test_it_recovered_when_the_last_series_ended_in_whatever_order_they_are_told(stage: Stage) -> None:
    await stage.take(firing("pod-a"), firing("pod-b"))
    await stage.take(resolved("pod-a", until=9), resolved("pod-b", until=5))
    [episode] = await stage.episodes()
    assert episode.recovered_at == minutes(9)


async def test_a_series_resolves_by_its_identity_not_by_a_recomputed_key(stage: Stage) -> None:
    await stage.take(firing(service="checkout"))
    assert the(await stage.take(resolved(service="renamed"))) == "recovered"
    assert (await stage.incident()).status is Status.RESOLVED


async def test_a_stale_resolve_leaves_the_newer_episode_open(stage: Stage) -> None:
    await stage.take(firing(since=0))
    await stage.take(resolved(since=0, until=3))
    await stage.take(firing(since=4))
    assert the(await stage.take(resolved(since=0, until=3))) == "stale_resolve"
    incident = await stage.incident()
    assert (incident.status, incident.episode) == (Status.ACTIVE, 2)


async def test_the_end_of_an_unknown_series_is_stored_without_an_incident(stage: Stage) -> None:
    done = await stage.take(resolved())
    assert (done.incidents, done.alerts, the(done)) == ((), 1, "unknown_series")
    [row] = await stage.all(tables.alerts)
    assert row["incident_id"] is None
    assert not await stage.all(tables.incidents)


async def test_an_end_without_a_time_ends_when_it_is_told(stage: Stage) -> None:
    await stage.take(firing())
    before = await stage.now()
    await stage.take(resolved(until=None))
    [episode] = await stage.episodes()
    assert episode.recovered_at is not None
    assert episode.recovered_at >= before


async def test_an_end_that_overtook_its_beginning_closes_it_at_once(stage: Stage) -> None:
    await stage.take(resolved(since=0, until=2))
    done = await stage.take(firing(since=0))
    incident, [episode] = await stage.incident(), await stage.episodes()
    assert the(done) == "overtaken"
    assert (incident.status, incident.resolution) == (Status.RESOLVED, Resolution.RECOVERED)
    assert episode.recovered_at == minutes(2)


async def test_an_end_that_overtook_a_later_firing_closes_that_one_too(stage: Stage) -> None:
    await stage.take(firing(since=0))
    assert the(await stage.take(resolved(since=5, until=7))) == "recovered"
    assert the(await stage.take(firing(since=5))) == "resent"
    assert (await stage.incident()).status is Status.RESOLVED


async def test_a_graver_series_raises_the_severity_and_a_lesser_one_never_lowers_it(stage: Stage) -> None:
    await stage.take(firing("pod-a", severity="warning"))
    await stage.take(firing("pod-b", severity="critical"))
    await stage.take(firing("pod-c", severity="info"))
    assert (await stage.incident()).severity is Severity.CRITICAL
    assert "severity_raised" in await stage.kinds()
    [episode] = await stage.episodes()
    assert episode.severity is Severity.CRITICAL


@pytest.mark.parametrize(("severity", "channel"), [("critical", "#payments"), ("info", "#incidents")])
async def test_the_card_goes_where_the_routes_say(stage: Stage, severity: str, channel: str) -> None:
    policy = Policy(routes=(Route("#payments", {"severity": frozenset({"critical"})}),))
    await stage.take(firing(severity=severity), policy=policy)
    [card] = await stage.all(tables.outbox)
    assert (card["channel"], card["kind"], card["subject"]) == (channel, "card", "")


async def test_each_series_change_asks_for_the_card_and_for_no_thread_entry(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.take(firing("pod-b"))
    await stage.take(resolved("pod-a"))
    [card] = await stage.all(tables.outbox)
    assert (card["desired_rev"], card["sent_rev"]) == (3, 0)


async def test_two_sources_with_the_same_fingerprint_are_two_series(stage: Stage) -> None:
    await stage.take_batch(a_delivery(firing(), source="grafana"), a_delivery(firing(), source="alertmanager"))
    view = await stage.read(lambda uow: uow.views.incident(1))
    assert view.firing == 2
    await stage.take(resolved())
    assert (await stage.incident()).is_open


async def test_a_rejected_delivery_is_kept_byte_by_byte(stage: Stage) -> None:
    bad = RejectedDelivery("grafana", "r" * 32, "0" * 64, {"A": "b"}, "alerts: missing", bytes(range(256)) * 400)
    await stage.write(lambda uow: reject(bad, uow=uow, policy=stage.policy))
    [row] = await stage.all(tables.deliveries)
    assert (row["status"], row["error"], row["raw_body"]) == ("rejected", "alerts: missing", bad.raw_body)


async def test_names_longer_than_their_column_are_cut_where_they_are_shown_only(stage: Stage) -> None:
    long = "봉" * 5000
    alert = an_alert(AlertStatus.FIRING, long, labels={"service": long}, rule_uid=long, summary=long)
    other = replace(alert, fingerprint=long + "x", labels={**alert.labels, "service": long + "x"})
    done = await stage.take(alert, other)
    assert done.incidents == ("INC-1", "INC-2")
    assert len((await stage.incident()).title) == 500
    assert the(await stage.take(replace(alert, status=AlertStatus.RESOLVED))) == "recovered"
    assert (await stage.all(tables.alerts))[0]["labels"]["service"] == long


@pytest.mark.parametrize("text", ["봉수 \N{FIRE}", "a\x00b", "\ud800 alone", "\x7f\x9f", "x" * 5000], ids=ascii)
async def test_whatever_was_sent_is_kept_without_loss(stage: Stage, text: str) -> None:
    raw = {"labels": {text: text}, "values": [1, 43434343434343434343, 0.1, None], "deep": [[[[[{}]]]]]}
    told = an_alert(AlertStatus.FIRING, raw=raw)
    odd = replace(told, labels={**told.labels, "odd": text}, annotations={"odd": text})
    await stage.take(odd)
    [row] = await stage.all(tables.alerts)
    assert row["raw_payload"] == raw
    assert row["labels"]["odd"] == row["annotations"]["odd"] == text


async def test_ten_thousand_labels_are_kept_in_the_raw_payload(stage: Stage) -> None:
    raw = {"labels": {f"label-{n}": "x" * 100 for n in range(10_000)}}
    await stage.take(an_alert(AlertStatus.FIRING, raw=raw, labels=raw["labels"]))
    [row] = await stage.all(tables.alerts)
    assert row["raw_payload"] == raw
    assert len(row["labels"]) == 201
    assert row["labels"]["…"] == "9,803 more in raw_payload"


async def test_who_acknowledged_still_has_it_while_series_come_and_go(stage: Stage) -> None:
    await stage.take(firing("pod-a"))
    await stage.write(lambda uow: actions.acknowledge(1, by=ALICE, uow=uow))
    await stage.take(firing("pod-b"))
    await stage.take(resolved("pod-a"))
    incident = await stage.incident()
    assert (incident.status, incident.owner) == (Status.ACKNOWLEDGED, "U0ALICE")


async def test_what_a_sender_has_cut_off_is_told_with_what_it_opens(stage: Stage) -> None:
    whole, cut = a_delivery(firing("pod-a", service="a")), a_delivery(firing("pod-b", service="b"))
    done = await stage.take_batch(whole, replace(cut, hidden=7))
    assert [one.hidden for one in done] == [0, 7]
    assert [(await stage.events(number))[0].data.get("hidden") for number in (1, 2)] == [None, 7]


async def test_a_series_that_comes_back_to_an_incident_is_found_there(stage: Stage) -> None:
    """Its labels changed under its fingerprint, and back: the row that it left behind is its newest again."""
    await stage.take(firing("pod-a", service="a"))
    await stage.take(resolved("pod-a", service="a"))
    await stage.take(firing("pod-a", since=3, service="b"))
    await stage.take(resolved("pod-a", since=3, service="b"))
    await stage.take(firing("pod-z", since=6, service="a"))
    assert the(await stage.take(firing("pod-a", since=9, service="a"))) == "joined"
    assert the(await stage.take(firing("pod-a", since=9, service="a"))) == "resent"
    assert (await stage.incident(1)).firing == 2
    assert the(await stage.take(resolved("pod-a", since=9, service="a"))) == "series_resolved"
