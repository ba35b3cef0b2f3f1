"""How much may be in the house at once: bounds, so that a database that is away can't fill the memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from receiver.errors import TooMuchHeld


class Hold:
    """Counts the bytes of bodies from their arrival to the answer, and the requests that wait for a commit.

    A request that only trickles in takes up its few bytes but no place, so slow senders don't push out others.
    """

    def __init__(self, *, max_requests: int, max_bytes: int) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self.requests = 0
        self.bytes = 0

    @contextmanager
    def body(self) -> Iterator["HeldBody"]:
        """Room for one body; given back at the end."""
        held = HeldBody(self)
        try:
            yield held
        finally:
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

    def take(self, size: int) -> None:
        if self.bytes + size > self._max_bytes:
            raise TooMuchHeld
        self.bytes += size


class HeldBody:
    """The room that one body takes up, in bytes."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self.size = 0

    def grow(self, size: int) -> None:
        """Raises TooMuchHeld where there is no room."""
        self._hold.take(size)
        self.size += size
