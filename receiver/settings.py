"""What the way in needs to know. Read once by ``bongsu/settings.py`` and handed down."""

from dataclasses import dataclass, field
from datetime import timedelta

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """Credentials are None where not configured, and never show in a repr.

    ``webhook_basic`` is (user, password). ``grafana_hmac_timestamp_header`` names the header in which Grafana sends
    its clock; None: signatures cover the body alone. ``anonymous`` lets everybody in, but only while no credential
    is configured. ``keys_only``: none is, and that is meant: API keys alone open the door. ``max_body_bytes`` bounds a
    body as sent and as unpacked. ``hold_seconds`` is how long a request waits for the database; ``max_held_requests``
    may do so at once, with ``max_held_bytes`` of bodies in memory.

    A peer has ``header_timeout`` for the headers of a request, ``body_timeout`` for its body, and ``answer_timeout`` to
    read the answer. ``max_connections`` may be open at once, ``max_connections_per_peer`` of them (0: all) from one
    address: more than requests may be held, or a proxy that all come through would be refused first.

    A key may send ``api_requests_per_second`` to the REST API on average, and ``api_burst`` at once.
    ``api_cors_origins`` are the sites whose pages may use it from a browser: ``()`` none, ``("*",)`` all.
    """

    webhook_token: str | None = field(default=None, repr=False)
    webhook_basic: tuple[str, str] | None = field(default=None, repr=False)
    grafana_hmac_secret: str | None = field(default=None, repr=False)
    grafana_hmac_timestamp_header: str | None = None
    anonymous: bool = False
    keys_only: bool = False
    max_body_bytes: int = 5 * MEBIBYTE
    header_timeout: timedelta = timedelta(seconds=10)
    body_timeout: timedelta = timedelta(seconds=15)
    answer_timeout: timedelta = timedelta(seconds=30)
    hold_seconds: int = 20
    max_held_requests: int = 1000
    max_held_bytes: int = 64 * MEBIBYTE
    max_connections: int = 5000
    max_connections_per_peer: int = 1024
    api_requests_per_second: int = 50
    api_burst: int = 200
    api_cors_origins: tuple[str, ...] = ()

    @property
    def patience(self) -> timedelta:
        """How long a request is held. Grafana gives up after 30 s and does not try again."""
        return timedelta(seconds=self.hold_seconds)
