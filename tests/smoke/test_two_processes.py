"""Two Bongsus on one database share the work: nothing twice, nothing too fast."""

from tests.smoke.conftest import MakeHouse

EACH_SECOND = 0.9
"""Slack takes one post per second and channel; a little less for jitter on the way."""


def test_twenty_alerts_to_two_processes_are_twenty_cards_at_slacks_pace(
    mariadb_url: str, make_house: MakeHouse
) -> None:
    house = make_house(
        database_url=mariadb_url, config="routes: [{match: {service: even}, channel: '#general'}]"
    ).open()
    other_port = house.port + 1
    house.start_bongsu(BONGSU_PORT=str(other_port))
    for number in range(20):
        sender = house.grafana if number < 10 else house.grafana_at(other_port)
        sender.fires(f"rule-{number}", series=["pod-a"], service="odd" if number % 2 else "even")
    house.settled(within=40)
    workspace = house.workspace
    for channel, channel_id in (("#incidents", "C0INCIDENTS"), ("#general", "C0GENERAL")):
        roots = workspace.channel(channel).roots()
        assert len(roots) == 10
        for message in roots:
            workspace.expect(message)
        calls = workspace.calls("chat.postMessage")
        times = sorted(call["at"] for call in calls if call["args"]["channel"] in {channel, channel_id})
        # Turns are a second apart; how soon after its turn each is sent is up to the machine.
        assert min(later - earlier for earlier, later in zip(times[:-2], times[2:], strict=True)) >= EACH_SECOND
    assert len(workspace.calls("chat.postMessage")) == 20
