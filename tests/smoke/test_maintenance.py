"""Maintenance of a running Bongsu: nobody is called, the card and a Home say so, and its end tells what still fires."""

from tests.smoke.conftest import MakeHouse
from tests.smoke.waiting import until
from tests.smoke.workspace import Json, Workspace, words

CONFIG = """\
routes: [{match: {service: checkout}, channel: "#incidents", mention: ["@oncall"]}]
"""


def about_maintenance(workspace: Workspace, containing: str) -> Json:
    """The one message in the channel that says this of maintenance comes."""

    def look() -> Json | None:
        found = [one for one in workspace.messages("#incidents") if containing in words(one) and not one["thread_ts"]]
        return found[0] if found else None

    message = until(look, f"#incidents hears {containing!r}")
    assert message is not None
    workspace.expect(message)
    return message


def test_nobody_is_called_until_it_ends_with_what_still_fires(make_house: MakeHouse) -> None:
    house = make_house(config=CONFIG).open()
    workspace = house.workspace
    workspace.command("/incident maintenance checkout 2h upgrade", user="alice")
    made = about_maintenance(workspace, "Maintenance of *checkout* until")
    assert "would have matched nothing" in words(made)

    house.grafana.fires("rule-1", series=["a"], service="checkout")
    card = workspace.channel("#incidents").expects_card(containing="INC-1").shows("🔧 In maintenance until", "upgrade")
    workspace.home(user="bob").open().shows("Maintenance", "*checkout* until")
    workspace.command("/incident maintenance list", user="carol").says("*checkout* until")

    workspace.do("click", user="bob", action_id="maintenance_end", channel=made["channel"], ts=made["ts"])
    workspace.expects_ephemeral(user="bob", containing="has ended the maintenance of *checkout*")
    over = about_maintenance(workspace, "Maintenance of *checkout* is over")
    assert "1 incident is still firing" in words(over)
    assert "INC-1" in words(over)
    until(lambda: "🔧" not in card.words, "the card says no more that it is in maintenance")
    assert not [one for one in workspace.messages("#incidents") if one["thread_ts"]]
