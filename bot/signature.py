"""Is a request from Slack? Source: https://docs.slack.dev/authentication/verifying-requests-from-slack"""

import hashlib
import hmac
import re
from collections.abc import Mapping

LIFETIME_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def flaw(headers: Mapping[str, str], body: bytes, *, secret: str, now: float) -> str | None:
    """What is wrong with the signature, None where it is right. ``now`` in seconds since 1970, ``headers`` caseless."""
    timestamp, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
    if timestamp is None or signature is None:
        return "X-Slack-Request-Timestamp and X-Slack-Signature are needed"
    if not _TIMESTAMP.fullmatch(timestamp):
        return "X-Slack-Request-Timestamp must be whole seconds since 1970"
    if abs(now - int(timestamp)) > LIFETIME_SECONDS:
        return f"the request is older than {LIFETIME_SECONDS} s, or a clock is wrong"
    if not _SIGNATURE.fullmatch(signature):
        return "X-Slack-Signature must be v0= and 64 hexadecimal digits"
    return None if hmac.compare_digest(sign(timestamp, body, secret=secret), signature) else "the signature is wrong"


def sign(timestamp: str, body: bytes, *, secret: str) -> str:
    """The value of X-Slack-Signature."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
