"""An incident is snoozed: through its end and its return, until the time is over, or until it gets graver."""

import time

from tests.smoke.grafana import Grafana
from tests.smoke.waiting import until
from tests.smoke.workspace import Card, Workspace

SOON = 4
"""Seconds."""


def expects_buttons(card: Card, *labels: str) -> None:
    until(lambda: card.buttons == list(labels), f"the card offers {labels}, not {card.buttons}")


def test_it_sleeps_through_a_flap_and_who_snoozed_it_is_told_at_the_end(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    form = card.overflow("Snooze", user="alice").expects_modal("Snooze INC-1", user="alice")
    assert "4 h at most" in form.submit_in_vain(until=str(int(time.time()) + 5 * 3600))
    form = card.overflow("Snooze", user="alice").expects_modal("Snooze INC-1", user="alice")
    form.submit(until=int(time.time()) + SOON)
    expects_buttons(card, "Wake now", "Resolve", "Why?")
    card.expects_thread_reply(containing="<@U0ALICE> snoozed it until")

    grafana.resolves("checkout-5xx", series=["pod-a"])
    expects_buttons(card, "Reopen", "Why?")
    grafana.fires("checkout-5xx", series=["pod-a"])
    card.expects_thread_reply(containing="<@U0ALICE>, its snooze is over.\nIt is still open", within=SOON + 10)
    expects_buttons(card, "Acknowledge", "Resolve", "Why?")


def test_by_command_and_by_hand_and_what_rare_things_wait_behind_more(workspace: Workspace, grafana: Grafana) -> None:
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    workspace.command("/incident snooze 1 2h", user="bob").says("INC-1 is snoozed until")
    card.expects_thread_reply(containing="<@U0BOB> snoozed it until")
    expects_buttons(card, "Wake now", "Resolve", "Why?")
    assert card.menu == ["Extend snooze", "Assign", "Add note", "Mark noise", "More"]
    wake = card.button("Wake now")
    card.click("Wake now", user="carol").expects_thread_reply(containing="<@U0CAROL> woke it")
    card.click_stale(wake, user="bob")
    workspace.expects_ephemeral(user="bob", containing="INC-1 is not snoozed")

    more = card.overflow("More", user="alice").expects_modal("More on INC-1", user="alice")
    workspace.do("click", user="alice", action_id="incident_severity", view_id=more.view_id)
    severity = card.expects_modal("Severity of INC-1", user="alice")
    workspace.do("submit", view_id=severity.view_id, user="alice", values={"severity": "info"})
    card.shows("INFO").expects_thread_reply(containing="<@U0ALICE> set the severity from CRITICAL to INFO")
    assert workspace.look("views", user="alice")["views"] == []

    card.click("Resolve", user="alice").shows(state="closed").expects_thread_reply(containing="closed it")
    card.overflow("Add summary", user="alice").expects_modal("Sum up INC-1", user="alice").submit(summary="rolled back")
    card.shows('"rolled back"').expects_thread_reply(containing="<@U0ALICE> summed it up")
