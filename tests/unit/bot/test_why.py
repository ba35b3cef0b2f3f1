"""Why? tells the way of an incident's alerts in plain words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.blocks.why import why_modal
from incidents.policy import Policy, SourcePolicy, StormPolicy
from tests.unit.bot.samples import an_incident, minutes
from tests.unit.bot.snapshots import expect_view
from tests.unit.bot.traces import TRACES, a_card, a_trace, an_arrival

POLICY = Policy()


def told(name: str, policy: Policy = POLICY) -> str:
    return said(why_modal(TRACES[name], policy))


def said(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


@pytest.mark.parametrize("name", TRACES)
def test_why_is_as_it_was_looked_at(name: str) -> None:
    expect_view(f"why-{name}", why_modal(TRACES[name], POLICY))


def test_it_says_which_delivery_came_last_and_what_became_of_it() -> None:
    assert "The newest came with delivery 4711 from Grafana, received <!date^" in told("plain")
    assert "the sender repeated what was known: counted, nothing else (`resent`)" in told("plain")


def test_it_says_which_label_told_which_part_of_the_key() -> None:
    assert "• Cluster `prod-a`, from the label `cluster`" in told("plain")
    assert "• Phase `production`, from the label `environment`" in told("plain")


def test_what_no_label_told_is_said_with_the_labels_that_could_have() -> None:
    assert "• Service: none of the labels that could tell it is there (`service_name`, `exported_service`" in told(
        "nothing-told"
    )
    assert "the sender stands in for it" in told("nothing-told")


def test_defaults_of_the_address_and_of_the_file_are_told_apart() -> None:
    assert "• Cluster `prod-a`, from the address that Grafana sends to" in told("changed")
    assert "• Service `checkout`: today's settings would not tell it" in told("changed")
    policy = Policy(sources={"grafana": SourcePolicy(default_labels={"service": "checkout"})})
    assert "• Service `checkout`, from `bongsu.yaml`" in told("changed", policy)


def test_the_reason_for_opening_is_named_in_words_and_by_its_name() -> None:
    assert "A series fired, and no incident of the same rule and place was open" in told("plain")
    assert "within 10 min after it had resolved" in told("reopened")
    assert "(`within_reopen_window`" in told("reopened")
    assert "It has opened 3 times, first" in told("reopened")
    assert "Somebody declared it" in told("declared")
    assert "• 2 alerts, each: it joined the incident, which was open (`joined`)" in told("plain")


def test_what_was_left_out_is_counted_and_explained() -> None:
    assert "9 alerts, each: the sender repeated what was known" in told("plain")
    assert "What is counted below is of the newest 1,000." in told("quiet")
    assert "The very same delivery came again" in told("quiet")
    assert "<@U0ALICE> snoozed it until" in told("quiet")
    assert "15 quiet minutes" in told("quiet")
    assert "400 alerts came of series that are not followed" in told("quiet")
    assert "It was merged into INC-140" in told("noise-and-merged")
    assert "Nothing: each alert changed what you see." in told("declared")


def test_a_card_that_a_roll_up_stands_for_is_explained_by_the_limit() -> None:
    assert "more than 10 incidents a minute came" in told("held-back")
    assert "more than 3 incidents a minute came" in told("held-back", Policy(storm=StormPolicy(above=3)))
    assert "a digest told of it" in told("held-back")


def test_the_state_of_the_outbox_is_told() -> None:
    assert "It is up to date (revision 7, shown" in told("plain")
    assert "It shows revision 6 of 7: the newer one waits since" in told("waiting")
    assert "The last try failed (`ratelimited`); the next is <!date" in told("failing")
    assert "The last try failed (`fatal_error`); the next is due." in told("failing")
    assert "plain text" in told("posted-anew")


def test_the_delay_runs_from_the_alert_to_slacks_own_time_of_the_message() -> None:
    assert "The channel was told 2 s after the alert was received." in told("plain")
    assert "the message was posted anew" in told("posted-anew")


def test_a_ts_that_is_no_time_costs_only_the_delay() -> None:
    view = why_modal(a_trace(cards=(a_card(ts="nan?"),)), POLICY)
    assert "The channel was told" not in said(view)


def test_no_foreign_value_can_mention_or_link() -> None:
    shown = told("hostile")
    for forbidden in ("<!channel", "<@U0ALICE", "<http", "*b*", "`c`", "~d~", "\u202e"):
        assert forbidden not in shown


def test_a_delivery_that_came_once_is_no_duplicate() -> None:
    view = why_modal(a_trace(newest=replace(an_arrival(), last_seen_at=minutes(18))), POLICY)
    assert "The very same delivery" not in said(view)


def test_an_incident_of_days_ago_without_alerts_says_that_they_were_deleted() -> None:
    assert "None of them is kept any more" in said(
        why_modal(a_trace(incident=an_incident(alert_count=3), oldest=None, newest=None), POLICY)
    )
