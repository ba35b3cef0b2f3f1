"""How much a key may ask for, and how many keys an address may try. Counted by each process alone.

Both are buckets that fill again at so many tokens a second, up to a burst.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from incidents.access.model import ApiKey
from receiver.api.errors import NoKey, TooManyRequests, TooManyUnknownKeys
from receiver.settings import ReceiverSettings

_MOST = 10_000
"""Of keys, addresses and digests that are remembered."""
_TRIES_PER_SECOND = 1.0
_TRIES = 20
"""Keys that nobody knows, from one address at once."""
_REFUSED_FOR = 10.0
"""Seconds for which a key that opened nothing is not looked for again."""

K = TypeVar("K", bound=Hashable)
Clock = Callable[[], float]


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class _Buckets(Generic[K]):
    """One for each of ``K``; whichever was not asked for longest is forgotten, which only fills it."""

    def __init__(self, per_second: float, burst: int, clock: Clock) -> None:
        self.per_second, self.burst = per_second, burst
        self._clock = clock
        self._all: OrderedDict[K, _Bucket] = OrderedDict()

    def of(self, one: K) -> _Bucket:
        """As it is now."""
        now = self._clock()
        bucket = self._all.setdefault(one, _Bucket(float(self.burst), now))
        self._all.move_to_end(one)
        if len(self._all) > _MOST:
            self._all.popitem(last=False)
        bucket.left = min(float(self.burst), bucket.left + (now - bucket.at) * self.per_second)
        bucket.at = now
        return bucket

    def wait(self, bucket: _Bucket) -> float:
        """Seconds until there is a token."""
        return max(0.0, (1 - bucket.left) / self.per_second)


class Limits:
    """Of what valid keys ask for. ``clock``: seconds, monotonic."""

    def __init__(self, settings: ReceiverSettings, *, clock: Clock = time.monotonic) -> None:
        self._buckets: _Buckets[int] = _Buckets(settings.api_requests_per_second, settings.api_burst, clock)

    def take(self, key: ApiKey) -> dict[str, str]:
        """The headers that say how much is left. Raises TooManyRequests, whose ``headers`` say so, too."""
        bucket = self._buckets.of(key.id)
        if bucket.left < 1:
            raise TooManyRequests(self._buckets.wait(bucket), self._headers(bucket))
        bucket.left -= 1
        return self._headers(bucket)

    def _headers(self, bucket: _Bucket) -> dict[str, str]:
        """https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-07.html"""
        burst, per_second = self._buckets.burst, self._buckets.per_second
        return {
            "RateLimit-Limit": str(burst),
            "RateLimit-Remaining": str(int(bucket.left)),
            "RateLimit-Reset": str(math.ceil((burst - bucket.left) / per_second)),
            "RateLimit-Policy": f"{burst};w={math.ceil(burst / per_second)}",
        }


class Tries:
    """Of keys that have opened nothing yet, by the address that they come from.

    Many may share an address: a proxy's. So keys that have opened something in this process are let through whatever
    else comes from there, and a client that sends the same wrong key again and again uses up nothing but its own
    patience: only different unknown keys count, and each is looked for once in a while.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._buckets: _Buckets[str] = _Buckets(_TRIES_PER_SECOND, _TRIES, clock)
        self._clock = clock
        self._opened: OrderedDict[str, None] = OrderedDict()
        self._refused: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def begin(self, digest: str, address: str) -> None:
        """Before it is looked for. Raises NoKey for one that was refused a moment ago, TooManyUnknownKeys."""
        if digest in self._opened:
            return
        until, why = self._refused.get(digest, (float("-inf"), ""))
        if self._clock() < until:
            raise NoKey(why)
        bucket = self._buckets.of(address)
        if bucket.left < 1:
            raise TooManyUnknownKeys(self._buckets.wait(bucket))
        bucket.left -= 1

    def opened(self, digest: str, address: str) -> None:
        """It was no try, but a key."""
        if digest not in self._opened:
            bucket = self._buckets.of(address)
            bucket.left = min(float(_TRIES), bucket.left + 1)
            self._refused.pop(digest, None)
        self._opened[digest] = None
        _forget_oldest(self._opened, digest)

    def refused(self, digest: str, why: str) -> None:
        self._opened.pop(digest, None)
        self._refused[digest] = (self._clock() + _REFUSED_FOR, why)
        _forget_oldest(self._refused, digest)


def _forget_oldest(remembered: OrderedDict[str, K], newest: str) -> None:
    remembered.move_to_end(newest)
    if len(remembered) > _MOST:
        remembered.popitem(last=False)
