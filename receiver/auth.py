"""Who may send: an API key, a bearer token, basic authentication, or Grafana's HMAC signature. Pure.

Any one valid credential that is configured opens the door, and so does an API key with the scope ``ingest``; one that
is present but wrong keeps it shut, even beside a valid one. What is not configured is not looked at. Comparisons take
the same time wherever the difference is.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from multidict import CIMultiDictProxy

from incidents.access.model import PREFIX, ApiKey, Scope, digest_of
from receiver.api.errors import OutOfScope
from receiver.errors import Unauthorised
from receiver.settings import ReceiverSettings

SIGNATURE_HEADER = "X-Grafana-Alerting-Signature"
"""Hex HMAC-SHA256. https://github.com/grafana/alerting/blob/main/http/hmac.go"""

TIMESTAMP_WINDOW = timedelta(minutes=15)
"""How far a signature's clock may be from ours. Clocks of replicas are seen up to 10 minutes apart, and Grafana does
not send again what was refused; a body that is replayed within the window is told by its hash instead."""

_UNIX_SECONDS = re.compile(r"[0-9]{1,12}")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_API_KEY = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_AROUND_KEYS = " \t\"'`<>"
"""What people and shells leave around one."""


class Way(StrEnum):
    """By which a sender can prove itself."""

    BEARER = "bearer"
    BASIC = "basic"
    HMAC = "hmac"
    KEY = "key"
    ANONYMOUS = "anonymous"


_NAMES = {
    Way.BEARER: "a bearer token (Authorization: Bearer …)",
    Way.BASIC: "basic authentication",
    Way.HMAC: f"a Grafana HMAC signature ({SIGNATURE_HEADER})",
    Way.KEY: "an API key of the role ingest (as the bearer token, or as the password of basic authentication)",
}
_CHALLENGES = {
    Way.BEARER: 'Bearer realm="bongsu"',
    Way.BASIC: 'Basic realm="bongsu", charset="UTF-8"',
    Way.HMAC: 'Grafana-HMAC-SHA256 realm="bongsu"',
    Way.KEY: 'Bearer realm="bongsu"',
}


@dataclass(frozen=True, slots=True)
class Credential:
    """What opened the door for a source. ``key`` None: a configured credential, which is the default tenant's."""

    way: Way
    source: str
    key: ApiKey | None = None


def offered_key(headers: Mapping[str, str], *, settings: ReceiverSettings) -> str | None:
    """The API key that a request shows, by whose digest it is to be looked up. None: it needs no look-up.

    Never one in a URL, which stands in logs. Raises nothing: what is wrong with it, ``authenticate`` says.
    """
    shown = _all(headers, "Authorization")
    if len(shown) != 1:
        return None
    scheme, secret = _secret_in(shown[0])
    if secret is None or not _API_KEY.fullmatch(secret):
        return None
    configured = settings.webhook_token if scheme == "bearer" else (settings.webhook_basic or ("", ""))[1]
    return None if _same(configured or "", secret) else secret


def authenticate(
    headers: Mapping[str, str],
    body: bytes,
    *,
    settings: ReceiverSettings,
    source: str,
    now: datetime,
    key: ApiKey | None = None,
) -> Credential:
    """The credential of a request. ``body`` is raw, as received; ``now`` is our clock, aware.

    ``key`` is what was found for ``offered_key``; None: nothing, or none was offered.

    Raises Unauthorised, which says in kind what is wrong and which ways there are, and OutOfScope.
    """
    return _Door(headers, settings, source, now, key).open(body)


def authenticate_early(
    headers: Mapping[str, str],
    *,
    settings: ReceiverSettings,
    source: str,
    now: datetime,
    key: ApiKey | None = None,
) -> Credential | None:
    """As much as can be told before the body is read. None: a signature is there, and the body will prove it.

    Raises Unauthorised and OutOfScope where no body could make the request valid.
    """
    return _Door(headers, settings, source, now, key).knock()


def signature(secret: str, body: bytes, *, timestamp: str | None = None) -> str:
    """Grafana's signature: hex HMAC-SHA256 of the body, or of ``timestamp + ":" + body``. Lower case."""
    signed = body if timestamp is None else _bytes(timestamp) + b":" + body
    return hmac.new(_bytes(secret), signed, hashlib.sha256).hexdigest()


def configured_ways(settings: ReceiverSettings, source: str) -> tuple[Way, ...]:
    """How this source's requests can be authenticated. Only Grafana signs."""
    ways = (
        (Way.BEARER, settings.webhook_token),
        (Way.BASIC, settings.webhook_basic),
        (Way.HMAC, _hmac_secret(settings, source)),
    )
    return tuple([way for way, secret in ways if secret])


def _hmac_secret(settings: ReceiverSettings, source: str) -> str | None:
    return settings.grafana_hmac_secret or None if source == "grafana" else None


class _Door:
    """One request's credentials against the configured ones."""

    def __init__(
        self, headers: Mapping[str, str], settings: ReceiverSettings, source: str, now: datetime, key: ApiKey | None
    ) -> None:
        self._key = key
        self._headers = headers
        self._settings = settings
        self._source = source
        self._now = now

    @property
    def _ways(self) -> tuple[Way, ...]:
        return configured_ways(self._settings, self._source)

    @property
    def _is_signed_for(self) -> bool:
        return _hmac_secret(self._settings, self._source) is not None

    def knock(self) -> Credential | None:
        way = self._by_authorization()
        if self._signed() is not None:
            self._timestamp()
            return None
        if way is None and self._settings.anonymous and not self._ways:
            way = Way.ANONYMOUS
        if way is None:
            raise self._refuse(self._what_is_missing())
        return self._credential(way, by_key=way is Way.KEY)

    def open(self, body: bytes) -> Credential:
        credential = self.knock()
        if credential is not None:
            return credential
        expected = signature(self._settings.grafana_hmac_secret or "", body, timestamp=self._timestamp())
        if not _same(expected, self._signed() or ""):
            raise self._refuse("wrong signature")
        return self._credential(Way.HMAC, by_key=self._by_authorization() is Way.KEY)

    def _credential(self, way: Way, *, by_key: bool) -> Credential:
        return Credential(way, self._source, self._key if by_key else None)

    def _by_authorization(self) -> Way | None:
        """The way that the Authorization header proves; None: it is absent, or of a kind that is not configured."""
        header = self._only("Authorization")
        if header is None:
            return None
        scheme, _, credentials = header.partition(" ")
        match scheme.lower():
            case "bearer":
                return self._bearer(credentials.strip())
            case "basic":
                return self._basic(credentials.strip())
        return None

    def _bearer(self, token: str) -> Way | None:
        expected = self._settings.webhook_token
        if expected and _same(expected, token):
            return Way.BEARER
        if _is_meant_as_key(token):
            return self._by_key(token)
        if expected:
            raise self._refuse("wrong token")
        return None

    def _basic(self, encoded: str) -> Way | None:
        told, expected = _decoded(encoded), self._settings.webhook_basic
        if expected and told is None:
            raise self._refuse("basic authentication that is not base64")
        if expected and hmac.compare_digest(_bytes(":".join(expected)), told or b""):
            return Way.BASIC
        password = (told or b"").decode("utf-8", "replace").partition(":")[2]
        if _is_meant_as_key(password):
            return self._by_key(password)
        if expected:
            raise self._refuse("wrong user or password")
        return None

    def _by_key(self, shown: str) -> Way:
        """Raises OutOfScope."""
        key = self._key
        if not _API_KEY.fullmatch(shown):
            raise self._refuse("malformed API key: send it as it was printed, with nothing around it")
        if key is None or not _same(key.digest, digest_of(shown)):
            raise self._refuse("unknown API key")
        if not key.is_valid(self._now):
            raise self._refuse("this API key was revoked" if key.revoked_at is not None else "this API key has expired")
        if not key.allows(Scope.INGEST):
            raise OutOfScope(key.role, Scope.INGEST)
        return Way.KEY

    def _signed(self) -> str | None:
        """The signature that was sent; None where there is none, or it is not asked for."""
        told = self._only(SIGNATURE_HEADER) if self._is_signed_for else None
        if told is not None and not _HEX_DIGEST.fullmatch(told.lower()):
            raise self._refuse("wrong signature: not 64 hex digits")
        return told.lower() if told is not None else None

    def _timestamp(self) -> str | None:
        """What was signed beside the body; None where no such header is configured."""
        name = self._settings.grafana_hmac_timestamp_header
        if not name:
            return None
        told = self._only(name)
        if told is None:
            raise self._refuse(f"the timestamp header {name} is missing")
        if not _UNIX_SECONDS.fullmatch(told):
            raise self._refuse(f"the timestamp header {name} is not a whole number of Unix seconds")
        drift = int(told) - int(self._now.timestamp())
        if abs(drift) > TIMESTAMP_WINDOW.total_seconds():
            raise self._refuse(
                f"the timestamp header {name} is out of the window: {abs(drift)} s "
                f"{'ahead of' if drift > 0 else 'behind'} this clock, {TIMESTAMP_WINDOW.seconds} s are allowed"
            )
        return told

    def _only(self, name: str) -> str | None:
        values = _all(self._headers, name)
        if len(values) > 1:
            raise self._refuse(f"the header {name} was sent {len(values)} times")
        return values[0].strip() if values else None

    def _what_is_missing(self) -> str:
        if self._only("Authorization") is not None:
            return "missing credential: the Authorization header is of a kind that is not configured"
        return "missing credential"

    def _refuse(self, reason: str) -> Unauthorised:
        ways = (*self._ways, Way.KEY)
        challenges = dict.fromkeys(_CHALLENGES[way] for way in ways)
        return Unauthorised(reason, ways=[_NAMES[way] for way in ways], challenges=challenges)


def _all(headers: Mapping[str, str], name: str) -> list[str]:
    """The values of a header, however its name is written."""
    if isinstance(headers, CIMultiDictProxy):
        return headers.getall(name, [])
    return [value for told, value in headers.items() if told.lower() == name.lower()]


def _secret_in(authorization: str) -> tuple[str, str | None]:
    """The scheme in lower case, and its token or password."""
    scheme, _, told = authorization.partition(" ")
    if scheme.lower() != "basic":
        return scheme.lower(), told.strip() if scheme.lower() == "bearer" else None
    decoded = _decoded(told.strip())
    return "basic", None if decoded is None else decoded.decode("utf-8", "replace").partition(":")[2]


def _decoded(encoded: str) -> bytes | None:
    """None: it is not base64."""
    try:
        return base64.b64decode(_bytes(encoded), validate=True)
    except binascii.Error:
        return None


def _is_meant_as_key(secret: str) -> bool:
    return secret.lstrip(_AROUND_KEYS).startswith(PREFIX)


def _same(expected: str, told: str) -> bool:
    return hmac.compare_digest(_bytes(expected), _bytes(told))


def _bytes(text: str) -> bytes:
    """Never raises: bytes that are not UTF-8 reach us from aiohttp as lone surrogates."""
    return text.encode("utf-8", "surrogatepass")
