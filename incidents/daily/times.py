"""Many times of which a few numbers are told later, in a size that does not grow with them, and that can be added up.

They are counted in buckets, each a little wider than the one before it, as in DDSketch
(https://arxiv.org/abs/1908.10693):
so that any percentile is told with a bounded relative error, whatever the times are. How many there are and their sum
are exact.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

from incidents.statistics import FEWEST, Spread

ERROR = 0.02
"""By which part of itself a percentile may be wrong."""
SHORTEST = 1.0
"""Seconds. What is shorter is told as half of it."""
_WIDER = (1 + ERROR) / (1 - ERROR)
_LOG = math.log(_WIDER)
_LAST = 511
"""It begins at 24 years."""
LANE = 4
"""Bytes for the count of one bucket."""
_BITS = 8 * LANE


@dataclass(slots=True)
class Times:
    """``n`` of them, ``seconds`` together. ``buckets``: 32 bits for each, the first one lowest.

    One number holds them all, since adding up thousands of lists would take most of the time of an answer.
    """

    n: int = 0
    seconds: float = 0.0
    buckets: int = 0

    def add(self, time: timedelta) -> None:
        seconds = time.total_seconds()
        self.n += 1
        self.seconds += seconds
        self.buckets += 1 << (_BITS * _bucket(seconds))

    def plus(self, other: "Times") -> None:
        self.n += other.n
        self.seconds += other.seconds
        self.buckets += other.buckets

    def spread(self) -> Spread:
        """As ``Spread.of`` the times themselves, its median and 90th percentile within ``ERROR``."""
        if self.n < FEWEST:
            return Spread(self.n)
        counted = list(accumulate(_counts(self.buckets)))
        middle = (_ranked(counted, (self.n + 1) // 2) + _ranked(counted, self.n // 2 + 1)) / 2
        shown = middle, _ranked(counted, math.ceil(0.9 * self.n)), self.seconds / self.n
        return Spread(self.n, *(timedelta(seconds=seconds) for seconds in shown))

    def told(self) -> Iterator[tuple[float, int]]:
        """Seconds, right to ``ERROR``, and how many took as long; the shortest first."""
        for bucket, count in enumerate(_counts(self.buckets)):
            if count:
                yield _told(bucket), count


def _bucket(seconds: float) -> int:
    return 0 if seconds <= SHORTEST else min(_LAST, math.ceil(math.log(seconds / SHORTEST) / _LOG))


def _told(bucket: int) -> float:
    """What is as near to the least of the bucket as to the greatest, in proportion."""
    return SHORTEST / 2 if bucket == 0 else SHORTEST * 2 * _WIDER**bucket / (_WIDER + 1)


def _counts(buckets: int) -> Sequence[int]:
    """Of each bucket, up to the last one that holds any."""
    held = _held(buckets)
    return struct.unpack(f"<{held}I", buckets.to_bytes(held * LANE, "little"))


def _held(buckets: int) -> int:
    return -(-buckets.bit_length() // _BITS)


def _ranked(counted: list[int], rank: int) -> float:
    """Of the sums of all buckets up to each: what the one that holds the ``rank``-th (from 1) tells."""
    return _told(next(bucket for bucket, sum_ in enumerate(counted) if sum_ >= rank))
