"""Where a list goes on. Signed, so that a cursor that was changed, or belongs to another list or key, is told."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from base.codec import CodecError, canonical, loads
from receiver.api.errors import BadCursor

_SIGNATURE_BYTES = 12


def written(position: Any, *, of: str, secret: str) -> str:
    """``position``: JSON. ``of``: which list, filters included. ``secret``: the caller's, the same in all processes."""
    told = canonical(position).encode()
    return base64.urlsafe_b64encode(_signature(told, of, secret) + told).decode().rstrip("=")


def read(cursor: str, *, of: str, secret: str) -> Any:
    """Raises BadCursor."""
    try:
        told = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        signature, position = told[:_SIGNATURE_BYTES], told[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signature(position, of, secret)):
            raise BadCursor
        return loads(position)
    except (binascii.Error, UnicodeEncodeError, CodecError) as error:
        raise BadCursor from error


def _signature(told: bytes, of: str, secret: str) -> bytes:
    signed = hashlib.sha256(of.encode("utf-8", "surrogatepass")).digest() + told
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
