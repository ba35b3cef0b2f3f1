"""How much may be in the house at once: bounds, so that a database that is away can't fill the memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from receiver.errors import TooMuchHeld

GiveUp = Callable[[TooMuchHeld], None]
"""Ends the reading of a body, which then fails with this error."""


class Hold:
    """Counts the bytes of bodies from their arrival to the answer, and the requests that wait for a commit.

    A request that only trickles in takes up its few bytes but no place, so slow senders don't push out others. Where
    there are no bytes left, the body that has been arriving for longest gives its own up: nobody who could not prove
    who they are, because that takes the whole body, can hold the room for as long as a body may take.
    """

    def __init__(self, *, max_requests: int, max_bytes: int) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._arriving: dict[HeldBody, None] = {}
        self.requests = 0
        self.bytes = 0

    @contextmanager
    def body(self, give_up: GiveUp) -> Iterator["HeldBody"]:
        """Room for one body; given back at the end."""
        held = HeldBody(self, give_up)
        self._arriving[held] = None
        try:
            yield held
        finally:
            held.arrived()
            self.bytes -= held.size

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that wait for a commit. Raises TooMuchHeld at once where there is none."""
        if self.requests >= self._max_requests:
            raise TooMuchHeld
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def take(self, size: int, *, of: "HeldBody") -> None:
        while self.bytes + size > self._max_bytes:
            slowest = next((body for body in self._arriving if body is not of and body.size), None)
            if slowest is None:
                raise TooMuchHeld
            self.bytes -= slowest.give_up()
        self.bytes += size

    def arrived(self, body: "HeldBody") -> None:
        self._arriving.pop(body, None)


class HeldBody:
    """The room that one body takes up, in bytes."""

    def __init__(self, hold: Hold, give_up: GiveUp) -> None:
        self._hold = hold
        self._give_up = give_up
        self.size = 0

    def grow(self, size: int) -> None:
        """Raises TooMuchHeld where there is no room."""
        self._hold.take(size, of=self)
        self.size += size

    def arrived(self) -> None:
        """It is complete, and keeps its room."""
        self._hold.arrived(self)

    def give_up(self) -> int:
        """How many bytes that frees."""
        self.arrived()
        freed, self.size = self.size, 0
        self._give_up(TooMuchHeld())
        return freed
