"""Who gets in, and who makes room: those who dawdle, longest first, and never those who are being answered."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from receiver.doorway import Doorway, Reason, peer_of
from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings


@dataclass(eq=False)
class Visitor:
    peer: str = "192.0.2.1"
    gone: list[Reason] = field(default_factory=list)

    def make_room(self, reason: Reason) -> None:
        self.gone.append(reason)


@dataclass
class Here:
    doorway: Doorway
    registry: CollectorRegistry
    now: float = 0.0

    def comes(self, peer: str = "192.0.2.1") -> Visitor:
        visitor = Visitor(peer)
        assert self.doorway.enter(visitor) is None
        return visitor

    def works(self, peer: str = "192.0.2.1") -> Visitor:
        visitor = self.comes(peer)
        self.doorway.works(visitor)
        return visitor

    def refused(self, peer: str = "192.0.2.1") -> Reason | None:
        return self.doorway.enter(Visitor(peer))

    @property
    def open(self) -> float | None:
        return self.registry.get_sample_value("bongsu_connections")

    def counted(self, what: str, reason: Reason) -> float | None:
        return self.registry.get_sample_value(f"bongsu_connections_{what}_total", {"reason": reason.value})


Make = Callable[..., Here]


@pytest.fixture
def make() -> Make:
    def make(*, most: int = 100, from_peer: int = 3) -> Here:
        registry = CollectorRegistry()
        settings = ReceiverSettings(max_connections=most, max_connections_per_peer=from_peer)
        here = Here(Doorway(settings, ReceiverMetrics(registry), clock=lambda: here.now), registry)
        return here

    return make


def test_whoever_has_waited_longest_makes_room(make: Make) -> None:
    here = make()
    first, second, third = (here.comes() for _ in range(3))
    here.comes()
    assert [one.gone for one in (first, second, third)] == [[Reason.TOO_MANY_FROM_PEER], [], []]
    here.comes()
    assert (second.gone, third.gone) == ([Reason.TOO_MANY_FROM_PEER], [])
    assert (here.open, here.counted("closed", Reason.TOO_MANY_FROM_PEER)) == (3, 2)


def test_a_connection_that_works_is_never_closed(make: Make) -> None:
    here = make()
    working = [here.works() for _ in range(3)]
    assert here.refused() is Reason.TOO_MANY_FROM_PEER
    assert [one.gone for one in working] == [[], [], []]
    assert (here.open, here.counted("refused", Reason.TOO_MANY_FROM_PEER)) == (3, 1)
    here.doorway.leave(working[0])
    here.comes()


def test_waiting_counts_from_the_last_answer(make: Make) -> None:
    here = make()
    old, other, _ = here.comes(), here.comes(), here.works()
    here.doorway.works(old)
    here.doorway.waits(old)
    here.comes()
    assert (old.gone, other.gone) == ([], [Reason.TOO_MANY_FROM_PEER])


def test_waiting_counts_from_the_beginning_of_a_request(make: Make) -> None:
    here = make()
    first, second, _ = (here.comes() for _ in range(3))
    here.doorway.waits(first)
    here.comes()
    assert (first.gone, second.gone) == ([], [Reason.TOO_MANY_FROM_PEER])


def test_one_peer_takes_nothing_from_another(make: Make) -> None:
    here = make()
    other = here.comes("192.0.2.2")
    for _ in range(10):
        here.comes()
    assert other.gone == []
    for _ in range(3):
        here.works("192.0.2.3")
    assert here.refused("192.0.2.3") is Reason.TOO_MANY_FROM_PEER
    here.comes("192.0.2.2")


def test_the_total_is_bounded_whatever_the_peers(make: Make) -> None:
    here = make(most=4)
    first = here.comes("192.0.2.0")
    for number in range(1, 5):
        here.comes(f"192.0.2.{number}")
    assert (first.gone, here.open) == ([Reason.TOO_MANY], 4)
    for number in range(5, 9):
        here.works(f"192.0.2.{number}")
    assert here.refused("192.0.2.9") is Reason.TOO_MANY
    assert here.counted("refused", Reason.TOO_MANY) == 1


def test_zero_means_no_bound_for_a_single_peer(make: Make) -> None:
    here = make(from_peer=0)
    for _ in range(50):
        here.works()
    assert here.open == 50


def test_leaving_twice_frees_one_place(make: Make) -> None:
    here = make()
    working = [here.works() for _ in range(3)]
    for _ in range(2):
        here.doorway.leave(working[0])
    here.works()
    assert (here.refused(), here.open) == (Reason.TOO_MANY_FROM_PEER, 3)


def test_what_has_left_does_not_come_back_by_what_it_does_still(make: Make) -> None:
    here = make()
    gone = here.comes()
    here.doorway.closes(gone, Reason.HEADER_TIMEOUT)
    here.doorway.waits(gone)
    here.doorway.works(gone)
    assert here.open == 0
    for _ in range(4):
        here.comes()
    assert gone.gone == []


def test_refusals_are_told_once_a_minute(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    here = make()
    for _ in range(3):
        here.works()
    with caplog.at_level(logging.WARNING):
        for now in (0.0, 1.0, 59.0, 60.0):
            here.now = now
            here.refused()
    assert [vars(record)["action"] for record in caplog.records] == ["connection_refused"] * 2
    assert "BONGSU_MAX_CONNECTIONS_PER_PEER" in caplog.text


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_counted_from_nought(make: Make, reason: Reason) -> None:
    assert make().counted("closed", reason) == 0


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        (("192.0.2.1", 4711), "192.0.2.1"),
        (("::ffff:192.0.2.1", 4711, 0, 0), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 4711, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 4711, 0, 2), "fe80::/64"),
        (("::1", 4711, 0, 0), "::/64"),
        ("", ""),
        (None, ""),
        (("a name", 1), ""),
    ],
)
def test_who_a_peer_is(address: object, peer: str) -> None:
    assert peer_of(address) == peer
