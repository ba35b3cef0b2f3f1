"""A tally in one text, so that thousands of them are added up in the time in which one answer may be waited for.

All counts stand side by side in one number, and so do the buckets of each of its times: to add up two of them takes
four additions. What is stored can be read apart, too, in columns of its own; this is for the answers alone.
"""

import struct
from base64 import b64decode, b64encode

from incidents.daily.tally import COUNTS, Tally
from incidents.daily.times import LANE, Times

TIMES = ("mtta", "mttr", "close")

_HEAD = struct.Struct("<6H")
"""Of each of the times: the first bucket that holds any, and how many follow."""
_COUNTS = struct.Struct(f"<{len(COUNTS) + 2 * len(TIMES)}Q")
"""Then, of each of the times, how many they are, and their milliseconds."""
_END = _HEAD.size + _COUNTS.size
_BITS = 8 * LANE


def packed(tally: Tally) -> str:
    times = [getattr(tally, name) for name in TIMES]
    held = [_trimmed(one.buckets) for one in times]
    head = _HEAD.pack(*(first for first, _ in held), *(len(data) // LANE for _, data in held))
    more = [number for one in times for number in (one.n, round(one.seconds * 1000))]
    counts = _COUNTS.pack(*(tally.counts[name] for name in COUNTS), *more)
    return b64encode(b"".join([head, counts, *(data for _, data in held)])).decode("ascii")


class Sums:
    """What is packed, added up."""

    __slots__ = ("_close", "_counts", "_mtta", "_mttr")

    def __init__(self) -> None:
        self._counts = self._mtta = self._mttr = self._close = 0

    def add(self, text: str) -> None:
        data, number = b64decode(text), int.from_bytes
        first, second, third, one, two, _ = _HEAD.unpack_from(data)
        one = _END + one * LANE
        two = one + two * LANE
        self._counts += number(data[_HEAD.size : _END], "little")
        self._mtta += number(data[_END:one], "little") << (_BITS * first)
        self._mttr += number(data[one:two], "little") << (_BITS * second)
        self._close += number(data[two:], "little") << (_BITS * third)

    def tally(self) -> Tally:
        told = _COUNTS.unpack(self._counts.to_bytes(_COUNTS.size, "little"))
        tally, more = Tally(), iter(told[len(COUNTS) :])
        tally.counts.update({name: count for name, count in zip(COUNTS, told, strict=False) if count})
        for name, buckets in zip(TIMES, (self._mtta, self._mttr, self._close), strict=True):
            setattr(tally, name, Times(next(more), next(more) / 1000, buckets))
        return tally


def _trimmed(buckets: int) -> tuple[int, bytes]:
    """The first bucket that holds any, and all from it to the last one."""
    if not buckets:
        return 0, b""
    first = ((buckets & -buckets).bit_length() - 1) // _BITS
    held = buckets >> (_BITS * first)
    return first, held.to_bytes(-(-held.bit_length() // _BITS) * LANE, "little")
