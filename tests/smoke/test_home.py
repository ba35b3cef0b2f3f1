"""App Home: it shows what is open without being asked again, and its buttons do what those of a card do."""

from typing import Any

from tests.smoke.grafana import Grafana
from tests.smoke.harness import House
from tests.smoke.workspace import Workspace


def test_home_follows_an_alert_from_its_arrival_to_its_end(workspace: Workspace, grafana: Grafana) -> None:
    home = workspace.home(user="alice").open()
    home.shows("All is quiet", "Nothing is open")
    grafana.fires("checkout-5xx", series=["pod-a"])
    card = workspace.channel("#incidents").expects_card(state="active")
    home.shows("1 incident is open", "not acknowledged", "The team's", f"/p{card.ts.replace('.', '')}|INC-1>")
    assert home.buttons == ["Acknowledge", "Resolve"]

    home.click("Acknowledge").shows("Yours · 1")
    card.shows("<@U0ALICE> since", state="acknowledged").expects_thread_reply(containing="acknowledged it")
    assert home.buttons == ["Resolve"]

    grafana.fires("checkout-5xx", series=["pod-b"])
    home.shows("2 firing")
    assert "2 are still firing" in str(home.button("Resolve")["confirm"])
    grafana.resolves("checkout-5xx", series=["pod-a", "pod-b"])
    card.shows(state="recovered")
    home.shows("All is quiet", "*Opened*\n1", "*Resolved*\n1")


def test_two_processes_publish_each_change_once(house: House, free_port: Any) -> None:
    house.start_bongsu(BONGSU_PORT=str(free_port()))
    home = house.workspace.home(user="alice").open()
    home.shows("All is quiet")
    before = len(house.workspace.calls("views.publish"))
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    house.workspace.channel("#incidents").expects_card(state="active")
    home.shows("INC-1>")
    house.settled()
    assert len(house.workspace.calls("views.publish")) - before <= 2, "once without the card's link, once with it"
