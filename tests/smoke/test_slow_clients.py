"""A thousand clients that are slow on purpose: alerts go through as ever, and each of the slow ones is ended."""

from functools import partial
from itertools import count

import pytest
import requests

from tests.smoke.conftest import MakeHouse
from tests.smoke.crowd import Crowd, Kind, crowd
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House
from tests.smoke.test_many_at_once import SINCE
from tests.smoke.waiting import until

SIZE = 1000
LATE = {
    Kind.IDLE: ("header_timeout", b""),
    Kind.TRICKLES_HEADERS: ("header_timeout", b"HTTP/1.1 408 "),
    Kind.TRICKLES_A_BODY: ("", b"HTTP/1.1 408 "),
    Kind.HALF_OPEN: ("", b""),
}
"""By which deadline of the doorway each is ended ("": by another), and how the answer begins."""


def metric(house: House, name: str) -> float:
    lines = requests.get(f"{house.url}/metrics", timeout=10).text.splitlines()
    [found] = [line for line in lines if line.startswith(f"{name} ")]
    return float(found.split()[1])


def alerts_while(house: House, slow: Crowd) -> int:
    """One after the other until nobody slow is left, twenty at least; how many. Any answer but 200 fails the test."""
    numbers = count()

    def send() -> bool:
        number = next(numbers)
        house.grafana.fires("checkout-5xx", series=[f"pod-{number % 20:02}"])
        return number >= 20 and not slow.inside

    until(send, "the slow ones are ended", within=90)
    return next(numbers)


@pytest.mark.parametrize("kind", Kind)
def test_a_thousand_slow_clients_keep_no_alert_out(make_house: MakeHouse, kind: Kind) -> None:
    house = make_house().open(BONGSU_HEADER_TIMEOUT="5")
    with crowd(house.port, kind, size=SIZE) as slow:
        if kind is not Kind.HALF_OPEN:
            assert metric(house, "bongsu_connections") > SIZE
        assert metric(house, "bongsu_held_requests") == 0
        sent = alerts_while(house, slow)
    assert len(slow.told) == SIZE
    reason, answer = LATE[kind]
    assert [told for told in slow.told if told and not (answer and told.startswith(answer))] == []
    assert bool(answer) == any(slow.told)
    if reason:
        assert metric(house, f'bongsu_connections_closed_total{{reason="{reason}"}}') == SIZE
    assert metric(house, "bongsu_connections") <= 5
    [(stored,)] = house.rows("SELECT count(*) FROM deliveries WHERE status IN ('processed', 'duplicate')")
    assert stored == sent
    house.workspace.channel("#incidents").expects_card().shows("20 firing")


def test_beyond_the_limit_the_slow_make_room(make_house: MakeHouse) -> None:
    house = make_house().open(BONGSU_MAX_CONNECTIONS_PER_PEER="100")
    with crowd(house.port, Kind.TRICKLES_A_BODY, size=SIZE):
        # The slow ones reach their deadline together: in that moment all are being answered, and nobody can go.
        for number in range(20):
            told = body(alert("checkout-5xx", f"pod-{number:02}", since=SINCE))
            until(partial(_is_taken, house, told), "a webhook is taken")
        closed = 'bongsu_connections_closed_total{reason="too_many_from_peer"}'
        refused = 'bongsu_connections_refused_total{reason="too_many_from_peer"}'
        until(
            lambda: metric(house, closed) + metric(house, refused) >= SIZE - 100,
            lambda: f"the slow make room: {metric(house, closed):g} closed, {metric(house, refused):g} refused",
            within=30,
        )
    # How many come in a moment in which all that are inside have just begun to be answered is the machine's affair.
    assert metric(house, closed) > 0
    house.workspace.channel("#incidents").expects_card()


def _is_taken(house: House, told: bytes) -> bool:
    """False where it is to be sent again in a moment."""
    answer = house.grafana.sends(told)
    assert answer.status_code in {200, 503}, answer.text
    return answer.status_code == 200


def test_slow_clients_do_not_keep_a_process_from_stopping(house: House) -> None:
    with crowd(house.port, Kind.TRICKLES_HEADERS, size=SIZE):
        house.grafana.fires("checkout-5xx", series=["pod-a"])
        assert house.stop_bongsu() == 0
    house.start_bongsu()
    house.workspace.channel("#incidents").expects_card()
