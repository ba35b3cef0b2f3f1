"""Who may be connected: so many at once from one peer and in total, and who makes room for a newcomer.

A connection *works* while a complete request of its is being handled; those are never closed to make room. All others
*wait*: they are idle, or their headers, their body or their answer go slowly. The one that has waited longest makes
room, so whoever sends at once gets in, however many dawdle.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from receiver.metrics import ReceiverMetrics
from receiver.settings import ReceiverSettings

logger = logging.getLogger(__name__)

_WARN_EVERY = 60.0
"""Seconds. Whoever floods us must not flood the log, too."""
_IPV6_SITE = 64
"""Bits of an IPv6 address that tell peers apart: whoever has one address has all below these."""


class Reason(StrEnum):
    """Why a connection was refused, or closed though its peer would have kept it."""

    HEADER_TIMEOUT = "header_timeout"
    BODY_TIMEOUT = "body_timeout"
    ANSWER_TIMEOUT = "answer_timeout"
    TOO_MANY_FROM_PEER = "too_many_from_peer"
    TOO_MANY = "too_many"
    NOT_HTTP = "not_http"


class Visitor(Protocol):
    """A connection, as the doorway knows it."""

    @property
    def peer(self) -> str: ...

    def make_room(self, reason: Reason) -> None:
        """Close at once. The doorway has let go of it already."""


_Queue = OrderedDict[Visitor, None]
"""As a set that keeps its order: whoever has waited longest is first."""
_FROM_PEER = Reason.TOO_MANY_FROM_PEER


@dataclass(slots=True)
class _Crowd:
    """The connections of one peer."""

    inside: int = 0
    waiting: _Queue = field(default_factory=OrderedDict)


class Doorway:
    """``most`` bounds the connections in total. ``clock``: seconds, monotonic."""

    def __init__(
        self, settings: ReceiverSettings, metrics: ReceiverMetrics, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self.most = settings.max_connections
        self._metrics = metrics
        self._clock = clock
        self._inside: set[Visitor] = set()
        self._waiting: _Queue = OrderedDict()
        self._crowds: dict[str, _Crowd] = {}
        self._quiet_until = float("-inf")
        metrics.connections.set_function(lambda: len(self._inside))
        for reason in Reason:
            metrics.connections_closed.labels(reason.value)
        for reason in (Reason.TOO_MANY, _FROM_PEER):
            metrics.connections_refused.labels(reason.value)

    def enter(self, visitor: Visitor) -> Reason | None:
        """None: it is inside, and waits. Else it must go, since nobody who is inside can make room for it."""
        refused = self._make_room_for(visitor.peer)
        if refused is not None:
            self._metrics.connections_refused.labels(refused.value).inc()
            self._warn(refused, visitor.peer)
            return refused
        self._inside.add(visitor)
        self._crowds.setdefault(visitor.peer, _Crowd()).inside += 1
        self.waits(visitor)
        return None

    def waits(self, visitor: Visitor) -> None:
        """Since now: it is the last to make room."""
        if visitor not in self._inside:
            return
        for queue in (self._waiting, self._crowds[visitor.peer].waiting):
            queue[visitor] = None
            queue.move_to_end(visitor)

    def works(self, visitor: Visitor) -> None:
        """Until it waits again, it stays."""
        if visitor not in self._inside:
            return
        for queue in (self._waiting, self._crowds[visitor.peer].waiting):
            queue.pop(visitor, None)

    def leave(self, visitor: Visitor) -> None:
        """Nothing happens where it has left already."""
        if visitor not in self._inside:
            return
        self.works(visitor)
        self._inside.remove(visitor)
        crowd = self._crowds[visitor.peer]
        crowd.inside -= 1
        if not crowd.inside:
            del self._crowds[visitor.peer]

    def closes(self, visitor: Visitor, reason: Reason) -> None:
        """It is being closed on its peer; it counts no more."""
        self.leave(visitor)
        self._metrics.connections_closed.labels(reason.value).inc()

    def _make_room_for(self, peer: str) -> Reason | None:
        """The bound that is in the way, where everybody who could make room works."""
        crowd, most = self._crowds.get(peer), self.settings.max_connections_per_peer
        if crowd is not None and 0 < most <= crowd.inside and not self._first_goes(crowd.waiting, _FROM_PEER):
            return _FROM_PEER
        if len(self._inside) >= self.most and not self._first_goes(self._waiting, Reason.TOO_MANY):
            return Reason.TOO_MANY
        return None

    def _first_goes(self, queue: _Queue, reason: Reason) -> bool:
        if not queue:
            return False
        first = next(iter(queue))
        self.closes(first, reason)
        first.make_room(reason)
        return True

    def _warn(self, reason: Reason, peer: str) -> None:
        if self._clock() < self._quiet_until:
            return
        self._quiet_until = self._clock() + _WARN_EVERY
        setting, most = "BONGSU_MAX_CONNECTIONS", self.most
        if reason is _FROM_PEER:
            setting, most = "BONGSU_MAX_CONNECTIONS_PER_PEER", self.settings.max_connections_per_peer
        logger.warning(
            "a connection was refused: %s others are being answered, see %s; told once a minute at most",
            most,
            setting,
            extra={"action": "connection_refused", "reason": reason.value, "peer": peer},
        )


def peer_of(address: object) -> str:
    """Who it is that a socket's peer address belongs to; ``""`` where it tells nobody (a Unix socket)."""
    if not isinstance(address, tuple) or not address:
        return ""
    try:
        ip = ip_address(str(address[0]).partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, _IPV6_SITE), strict=False))
