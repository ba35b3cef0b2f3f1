"""Two incidents are one trouble, and one is two: as people do it in Slack."""

from tests.smoke.grafana import Grafana
from tests.smoke.workspace import Workspace


def test_two_incidents_become_one_by_a_search_and_one_becomes_two(workspace: Workspace, grafana: Grafana) -> None:
    channel = workspace.channel("#incidents")
    grafana.fires("checkout-5xx", series=["pod-a"])
    grafana.fires("payments-slow", series=["pod-b"], service="payments")
    parent = channel.expects_card(containing="INC-1")
    child = channel.expects_card(containing="INC-2")

    workspace.do("command", command="/incident", text="merge 2", user="bob", channel="#incidents")
    form = parent.expects_modal("Merge INC-2", user="bob")
    asked = {"view_id": form.view_id, "user": "bob", "action_id": "incident_merge_into"}
    found = workspace.do("suggest", value="checkout", **asked)["body"]
    [option] = [one for group in found["option_groups"] for one in group["options"]]
    assert option["text"]["text"].startswith("INC-1 ·")
    form.submit_and_clear(incident_merge_into=option["value"])

    child.shows("INC-2", "Merged").expects_thread_reply(containing="merged it into")
    parent.shows("2 firing: pod-a, pod-b").expects_thread_reply(containing="into this: one series came")
    assert grafana.fires("payments-slow", series=["pod-c"], service="payments")["incidents"] == ["INC-1"]
    parent.shows("3 firing")

    workspace.do("command", command="/incident", text="split 1", user="alice", channel="#incidents")
    form = parent.expects_modal("Split INC-1", user="alice")
    [view] = workspace.look("views", user="alice")["views"]
    values = {one["text"]["text"]: one["value"] for one in view["blocks"][-1]["element"]["options"]}
    form.submit_and_clear(incident_split_series=[values["🔴 pod-a"]])
    new = channel.expects_card(containing="INC-3").shows("1 firing: pod-a")
    new.expects_thread_reply(containing="split it off")
    parent.shows("2 firing: pod-b, pod-c").expects_thread_reply(containing="split one series off into")
    assert grafana.resolves("checkout-5xx", series=["pod-a"])["incidents"] == ["INC-3"]
    new.shows(state="recovered")
