"""A refused body, read again as on the day it came: the same unpacking, the same normaliser, the same labels."""

from dataclasses import replace

from multidict import CIMultiDict

from incidents.deliveries import KeptDelivery
from incidents.errors import BongsuError
from incidents.model import Delivery
from incidents.redaction import WITHHELD
from receiver.arrival import Arrival
from receiver.body import KEPT_OF_REFUSED, unpack
from receiver.errors import BodyRefused, UnknownEncoding, UnknownSource
from receiver.sources import SOURCES


class OnlyItsStart(BongsuError):
    """Of a body that was too large, too late or cut off there is not enough to be read."""

    def __init__(self, kept: int) -> None:
        super().__init__(
            f"only the first {kept:,} bytes of its body were kept, so it can't be replayed: have it sent again"
        )


class Withheld(BongsuError):
    """Nothing could be redacted in its body, so nothing of it was kept."""

    def __init__(self) -> None:
        super().__init__("its body was not kept because of `redact:`, so it can't be replayed: have it sent again")


def read_again(kept: KeptDelivery, *, limit: int) -> Delivery:
    """What the refused request says, with a request id of its own. ``limit`` is that of a body, in bytes.

    Raises CodecError and BongsuErrors, as a request with this body is refused, OnlyItsStart and Withheld.
    """
    normalise = SOURCES.get(kept.source)
    if normalise is None:
        raise UnknownSource(kept.source, SOURCES)
    if is_withheld(kept):
        raise Withheld
    if is_cut(kept):
        raise OnlyItsStart(len(kept.raw_body or b""))
    headers = CIMultiDict(kept.headers)
    arrival = Arrival(kept.source, kept.headers, raw=kept.raw_body or b"", authenticated=True)
    body = unpack(arrival.raw, headers.get("Content-Encoding", ""), limit=limit)
    told = arrival.delivery(normalise(body, headers))
    return replace(told, default_labels=kept.default_labels, body_sha256=kept.body_sha256)


def readable(kept: KeptDelivery, *, limit: int) -> bytes:
    """Its body for people to look at: unpacked, as far as that can be done."""
    raw = kept.raw_body or b""
    try:
        return unpack(raw, CIMultiDict(kept.headers).get("Content-Encoding", ""), limit=limit)
    except (BodyRefused, UnknownEncoding):
        return raw


def is_withheld(kept: KeptDelivery) -> bool:
    """Whether nothing of its body was kept, since nothing could be redacted in it."""
    return kept.raw_body == b"" and (kept.error or "").endswith(WITHHELD)


def is_cut(kept: KeptDelivery) -> bool:
    """Whether less of its body is kept than was sent. Where the sender did not say how long it is: looks like it."""
    if is_withheld(kept):
        return False
    have = len(kept.raw_body or b"")
    said = CIMultiDict(kept.headers).get("Content-Length", "")
    return have < int(said) if said.isdecimal() else have == KEPT_OF_REFUSED
