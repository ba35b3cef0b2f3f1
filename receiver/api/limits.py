"""How much a key may ask for: so many requests a second on average, with bursts. Counted by each process alone."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from incidents.access.model import ApiKey
from receiver.api.errors import TooManyRequests

PER_SECOND = 50.0
BURST = 200
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limits:
    """``clock``: seconds, monotonic."""

    def __init__(
        self,
        *,
        per_second: float = PER_SECOND,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[int, _Bucket] = {}

    def take(self, key: ApiKey) -> dict[str, str]:
        """The headers that say how much is left. Raises TooManyRequests, whose ``headers`` say so, too."""
        now = self._clock()
        bucket = self._buckets.get(key.id)
        if bucket is None:
            self._make_room()
            bucket = self._buckets[key.id] = _Bucket(float(self._burst), now)
        bucket.left = min(float(self._burst), bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            wait = (1 - bucket.left) / self._per_second
            raise TooManyRequests(wait, self._headers(0, bucket))
        bucket.left -= 1
        return self._headers(int(bucket.left), bucket)

    def _headers(self, left: int, bucket: _Bucket) -> dict[str, str]:
        """https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-07.html"""
        window = math.ceil(self._burst / self._per_second)
        reset = math.ceil((self._burst - bucket.left) / self._per_second)
        return {
            "RateLimit-Limit": str(self._burst),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(reset),
            "RateLimit-Policy": f"{self._burst};w={window}",
        }

    def _make_room(self) -> None:
        if len(self._buckets) >= _MOST_KEYS:
            oldest = min(self._buckets, key=lambda one: self._buckets[one].at)
            del self._buckets[oldest]
