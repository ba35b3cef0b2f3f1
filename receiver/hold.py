"""How much may be in the house at once: bounds, so that a database that is away can't fill the memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager

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
        self._place = _Place(self)
        self.requests = 0
        self.bytes = 0

    def body(self, give_up: GiveUp) -> AbstractContextManager["HeldBody"]:
        """Room for one body; given back at the end."""
        return HeldBody(self, give_up)

    def place(self) -> AbstractContextManager[None]:
        """A place among those that wait for a commit. Raises TooMuchHeld at once where there is none."""
        return self._place

    def enter(self) -> None:
        """Somebody waits for a commit. Raises TooMuchHeld."""
        if self.requests >= self._max_requests:
            raise TooMuchHeld
        self.requests += 1

    def leave(self) -> None:
        """It was answered."""
        self.requests -= 1

    def take(self, size: int, *, of: "HeldBody") -> None:
        while self.bytes + size > self._max_bytes:
            slowest = next((body for body in self._arriving if body is not of and body.size), None)
            if slowest is None:
                raise TooMuchHeld
            self.bytes -= slowest.give_up()
        self.bytes += size

    def arrives(self, body: "HeldBody") -> None:
        self._arriving[body] = None

    def arrived(self, body: "HeldBody") -> None:
        self._arriving.pop(body, None)


class _Place:
    """The same for all who take one, one after the other or at once: it only counts."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold

    def __enter__(self) -> None:
        self._hold.enter()

    def __exit__(self, *_: object) -> None:
        self._hold.leave()


class HeldBody:
    """The room that one body takes up, in bytes, from its beginning to the end of the ``with`` around it."""

    __slots__ = ("_give_up", "_hold", "size")

    def __init__(self, hold: Hold, give_up: GiveUp) -> None:
        self._hold = hold
        self._give_up = give_up
        self.size = 0

    def __enter__(self) -> "HeldBody":
        self._hold.arrives(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._hold.arrived(self)
        self._hold.bytes -= self.size

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
