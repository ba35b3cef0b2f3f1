"""How a receiver knows that a call is from us, and that it has not heard it before."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

KEY, SIGNATURE, TIMESTAMP = "Idempotency-Key", "X-Bongsu-Signature", "X-Bongsu-Timestamp"


def signed(body: bytes, *, secret: str, at: datetime) -> Mapping[str, str]:
    """``sha256=`` and the HMAC-SHA256, in hex, of the timestamp (seconds since 1970), a dot and the body."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={digest}"}
