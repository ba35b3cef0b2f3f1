"""What the sandbox is told when it starts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from sandbox.errors import SandboxError

DEFAULT_SCOPES: Sequence[str] = (
    "app_mentions:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:write",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "usergroups:read",
    "usergroups:write",
    "users:read",
    "users:read.email",
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Slack's clock and delays, in seconds. Tests hand in faster ones."""

    now: Callable[[], float] = time.time
    acknowledge_within: float = 3.0
    # https://docs.slack.dev/apis/events-api#retries: nearly at once, after 1 minute, after 5 minutes.
    event_retries: Sequence[float] = (0.0, 60.0, 300.0)
    hold_for: float = 60.0
    store_late_after: float = 2.0
    trigger_lives: float = 3.0
    response_url_lives: float = 1800.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`bot_token`, `app_token`: None accepts any that looks right."""

    app_url: str
    public_url: str
    signing_secret: str
    bot_token: str | None
    app_token: str | None
    scopes: Sequence[str]
    pace_posts: bool
    intro: str
    timing: Timing = field(default_factory=Timing)


def require_loopback(url: str) -> str:
    """The URL without its last slash. Raises SandboxError unless it leads to this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not _is_loopback(parts.hostname or ""):
        raise SandboxError(
            f"{url!r} is not on this machine: the sandbox only speaks to this machine"
            " (give an --app-url such as http://127.0.0.1:8080)"
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
