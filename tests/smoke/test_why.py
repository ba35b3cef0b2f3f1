"""Why? from end to end: from a webhook to a form that explains where it came from and what Slack shows."""

import json

from tests.smoke.harness import House
from tests.smoke.waiting import until
from tests.smoke.workspace import Json, Workspace


def test_the_way_of_an_alert_is_told_from_its_delivery_to_its_message(house_anywhere: House) -> None:
    workspace, grafana = house_anywhere.workspace, house_anywhere.grafana
    delivery = grafana.fires("checkout-5xx", series=["pod-a", "pod-b"])["delivery"]
    card = workspace.channel("#incidents").expects_card(state="active")
    house_anywhere.settled()
    workspace.command("/incident show 1", user="alice").says("INC-1", "Why?", "Details")
    [answer] = workspace.ephemerals("alice")

    workspace.do("click", user="alice", action_id="incident_why", channel=answer["channel"], ts=answer["ts"])
    why = form(workspace, "Why INC-1?")
    assert f"delivery {delivery} from Grafana" in why
    assert "from the label `service`" in why
    assert "1 alert: it joined the incident" in why
    assert f"is message `{card.ts}`" in why
    assert "It is up to date" in why
    assert "after the alert was received" in why

    view = workspace.look("views", user="alice")["views"][-1]
    workspace.do("click", user="alice", action_id="incident_details", view_id=view["id"])
    assert "2 series" in form(workspace, "INC-1: details")
    assert workspace.look("views", user="bob")["views"] == []


def form(workspace: Workspace, title: str) -> str:
    """What the form of this title says, once Alice sees it."""

    def look() -> Json | None:
        views = workspace.look("views", user="alice")["views"]
        return views[-1] if views and views[-1]["title"]["text"] == title else None

    return json.dumps(until(look, f"alice sees {title}"), ensure_ascii=False)
