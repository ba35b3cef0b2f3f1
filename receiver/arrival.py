"""One request on its way in: what is known of it so far."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from base import codec
from incidents.access.model import ApiKey
from incidents.model import Delivery, RejectedDelivery
from incidents.policy import DEFAULTABLE
from incidents.tenants.model import DEFAULT_ID
from receiver.sources import Normalised
from receiver.sources.text import clean, one_line, shortened

KEPT_HEADERS = (
    "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Host", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "X-Request-Id", "Traceparent", "Via",
)  # fmt: skip
"""What is stored of the headers. A list of what is kept can't forget a secret."""

_USUAL_NAMES = {name.lower(): name for name in KEPT_HEADERS}
_LONGEST_HEADER = 1000
_LONGEST_DEFAULT = 190


@dataclass(slots=True)
class Arrival:
    """``raw`` is the body as received, as far as it is known; ``authenticated`` whether a credential has proved it.

    ``headers`` are those worth keeping, ``default_labels`` what the URL says of all its alerts, and the key where the
    URL says nothing. ``request_id`` is ours, new for each request, whatever X-Request-Id says. ``tenant_id`` is whose
    credential it was.
    """

    source: str
    headers: Mapping[str, str]
    default_labels: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    authenticated: bool = False
    tenant_id: int = DEFAULT_ID
    key_name: str = ""
    request_id: str = field(default_factory=lambda: uuid4().hex)
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Since its headers arrived."""
        return time.perf_counter() - self.began

    def let_in(self, key: ApiKey | None) -> None:
        """A credential has proved it; None: a configured one."""
        self.authenticated = True
        if key is not None:
            self.tenant_id, self.key_name = key.tenant_id, key.name
            self.default_labels = {**key.default_labels, **self.default_labels}

    def delivery(self, normalised: Normalised) -> Delivery:
        return Delivery(
            source=self.source,
            request_id=self.request_id,
            body_sha256=self._sha256(),
            headers=self.headers,
            envelope=normalised.envelope,
            alerts=normalised.alerts,
            default_labels=self.default_labels,
            sender=normalised.sender,
            hidden=normalised.hidden,
        )

    def rejected(self, error: str) -> RejectedDelivery:
        return RejectedDelivery(
            source=self.source,
            request_id=self.request_id,
            body_sha256=self._sha256(),
            headers=self.headers,
            error=error,
            raw_body=self.raw,
            default_labels=self.default_labels,
        )

    def _sha256(self) -> str:
        """Of the raw bytes. With default labels, of their hash and the labels: it is another message."""
        told = hashlib.sha256(self.raw)
        if not self.default_labels:
            return told.hexdigest()
        labels = codec.canonical(sorted(self.default_labels.items()))
        return hashlib.sha256(told.digest() + labels.encode()).hexdigest()


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are stored, under their usual names; of a repeated one the last."""
    return {
        usual: shortened(clean(value), _LONGEST_HEADER)
        for name, value in headers.items()
        if (usual := _USUAL_NAMES.get(name.lower())) is not None
    }


def told_by_url(query: Mapping[str, str]) -> dict[str, str]:
    """The default labels among a URL's parameters, of a repeated one the first. The others may be secrets."""
    if not query:
        return {}
    told = {name: shortened(one_line(query[name]), _LONGEST_DEFAULT) for name in DEFAULTABLE if name in query}
    return {name: value for name, value in told.items() if value}
