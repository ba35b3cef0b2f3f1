"""What differs between two things, for people to read: without secrets, without control characters."""

import json
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bongsu.why.plain import line

MASK = "********"
LONGEST = 100
"""Lines of one difference."""
_LONGEST_LINE = 300
_SECRETS = {
    "password", "secret", "authorization_credentials", "token", "basicauthpassword", "tlscacert", "tlsclientcert",
    "tlsclientkey", "cacertificate", "clientcertificate", "clientkey", "client_secret",
}  # fmt: skip
_SHORTEST_SECRET = 8
"""Of shorter ones much else would be masked, such as the name of Bongsu."""
_REDACTED = "[REDACTED]"
"""What Grafana writes for one. https://github.com/grafana/grafana/blob/main/pkg/services/ngalert/api/tooling/definitions/provisioning_contactpoints.go"""


def masked(value: Any, name: str = "") -> Any:
    """The value without its secrets."""
    if isinstance(value, Mapping):
        return {key: masked(one, str(key)) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, name) for one in value]
    if value == _REDACTED or (name.rpartition(".")[2].lower() in _SECRETS and value):
        return MASK
    return _without_login(value) if name == "url" and isinstance(value, str) else value


def without(text: str, secrets: Iterable[str]) -> str:
    """The text, whatever of them Grafana may have repeated in it."""
    for secret in secrets:
        text = text.replace(secret, MASK) if len(secret) >= _SHORTEST_SECRET else text
    return text


def difference(before: Any, after: Any) -> str:
    """A unified diff of both as JSON; None is nothing at all. Empty: they are the same but for secrets."""
    if before is None:
        lines = [f"+{one}" for one in _lines(after)]
    else:
        lines = list(unified_diff(_lines(before), _lines(after), lineterm=""))[2:]
    told = [_clean(one) for one in lines[:LONGEST]]
    if len(lines) > LONGEST:
        told.append(f"… and {len(lines) - LONGEST:,} more lines")
    return "\n".join(told)


def _lines(value: Any) -> list[str]:
    return json.dumps(masked(value), indent=2, sort_keys=True, ensure_ascii=False).splitlines()


def _clean(text: str) -> str:
    """Its blanks at the left are part of it."""
    rest = text[1:].lstrip(" ")
    return f"{text[:1]}{' ' * (len(text) - 1 - len(rest))}{line(rest, _LONGEST_LINE)}"


def _without_login(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{MASK}@{host}")) if at else url
