"""One request on its way in: what is known of it so far."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from incidents.model import Delivery, RejectedDelivery
from receiver.sources import Normalised
from receiver.sources.text import clean, shortened

KEPT_HEADERS = (
    "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Host", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "X-Request-Id", "Traceparent", "Via",
)  # fmt: skip
"""What is stored of the headers. A list of what is kept can't forget a secret."""

_LONGEST_HEADER = 1000


@dataclass(slots=True)
class Arrival:
    """``raw`` is the body as received, as far as it is known; ``authenticated`` whether a credential has proved it.

    ``headers`` are those worth keeping. ``request_id`` is ours, new for each request.
    """

    source: str
    headers: Mapping[str, str]
    raw: bytes = b""
    authenticated: bool = False
    request_id: str = field(default_factory=lambda: uuid4().hex)
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since its headers arrived."""
        return time.perf_counter() - self.began

    def delivery(self, normalised: Normalised) -> Delivery:
        return Delivery(
            source=self.source,
            request_id=self.request_id,
            body_sha256=self._sha256(),
            headers=self.headers,
            envelope=normalised.envelope,
            alerts=normalised.alerts,
        )

    def rejected(self, error: str) -> RejectedDelivery:
        return RejectedDelivery(
            source=self.source,
            request_id=self.request_id,
            body_sha256=self._sha256(),
            headers=self.headers,
            error=error,
            raw_body=self.raw,
        )

    def _sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are stored, under their usual names; of a repeated one the last."""
    names = {name.lower(): name for name in KEPT_HEADERS}
    return {
        names[name.lower()]: shortened(clean(value), _LONGEST_HEADER)
        for name, value in headers.items()
        if name.lower() in names
    }
