"""Settings: the environment and ``bongsu.yaml``, read once, as one typed value for each room."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import URL

from base import failpoints
from base.failpoints import Armed, SpellingError
from bongsu.config_file import ConfigFile
from bongsu.environment import Environment
from bot.settings import SLACK_API, SlackSettings
from db.engine import parse_url
from db.hosts import SETTING as HOSTS
from db.hosts import Host, parse_hosts
from db.watch import SLOW
from incidents.errors import InvalidInput
from incidents.policy import Policy
from incidents.tenants.model import DEFAULT_SLUG
from receiver.api.origins import SETTING as ORIGINS
from receiver.api.origins import parse_origins
from receiver.settings import ReceiverSettings

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """``slack`` is None where no bot token is set: then ``serve`` refuses to start. ``policy`` is the ``tenant``'s.

    ``database_hosts``: of which the first that takes writes is used; (): the one of ``database_url``. ``slow_query``:
    statements that take as long are logged; None: none is.
    """

    database_url: str = field(repr=False)
    database_hosts: tuple[Host, ...]
    host: str
    port: int
    log_level: str
    receiver: ReceiverSettings
    slack: SlackSettings | None
    policy: Policy
    config: ConfigFile
    tenant: str = DEFAULT_SLUG
    failpoints: tuple[Armed, ...] = ()
    audit_secret: str | None = field(default=None, repr=False)
    slow_query: timedelta | None = SLOW


def read_settings(environ: Mapping[str, str] | None = None, *, tenant: str = DEFAULT_SLUG) -> Settings:
    """``tenant`` is the slug of the one whose file is read.

    Raises InvalidInput: which setting, what is wrong with it, and what to write.
    """
    env = Environment(os.environ if environ is None else environ)
    config = config_file(environ).of(tenant)
    url = env.text("BONGSU_DATABASE_URL", "sqlite+aiosqlite:///bongsu.db", secret=True)
    return Settings(
        database_url=url,
        database_hosts=_database_hosts(env, parse_url(url)),
        host=env.text("BONGSU_HOST", "0.0.0.0"),  # noqa: S104 - Grafana and Slack come from elsewhere
        port=env.port("BONGSU_PORT", 8080),
        log_level=env.choice("BONGSU_LOG_LEVEL", _LEVELS, "INFO"),
        receiver=_receiver(env),
        slack=_slack(env),
        policy=config.policy(),
        config=config,
        tenant=tenant,
        failpoints=_failpoints(env.text("BONGSU_FAILPOINTS", "")),
        audit_secret=_audit_secret(env.optional("BONGSU_AUDIT_SECRET", secret=True)),
        slow_query=_slow_query(env),
    )


def config_file(environ: Mapping[str, str] | None = None) -> ConfigFile:
    """Where ``bongsu.yaml`` is to be looked for. It must be there where somebody has said so."""
    env = Environment(os.environ if environ is None else environ)
    return ConfigFile(Path(env.text("BONGSU_CONFIG", "bongsu.yaml")), required=env.has("BONGSU_CONFIG"))


def require_for_serving(settings: Settings) -> SlackSettings:
    """What ``serve`` can't do without. Raises InvalidInput."""
    _require_a_door(settings.receiver)
    if settings.slack is None:
        raise InvalidInput("SLACK_BOT_TOKEN", "it is not set: write the app's Bot User OAuth Token (xoxb-…)")
    if not (settings.slack.signing_secret or settings.slack.app_token):
        raise InvalidInput(
            "SLACK_SIGNING_SECRET",
            "it is not set, so no click could be trusted: write the app's signing secret, or SLACK_APP_TOKEN "
            "(xapp-…) for Socket Mode",
        )
    return settings.slack


def _require_a_door(receiver: ReceiverSettings) -> None:
    """Whether there is an API key for webhooks, only the database knows: so it must be said that there is one."""
    configured = receiver.webhook_token or receiver.webhook_basic or receiver.grafana_hmac_secret
    if receiver.keys_only and (configured or receiver.anonymous):
        raise InvalidInput(
            "BONGSU_WEBHOOK_KEYS_ONLY",
            "it says that API keys alone may send alerts, but another credential is set, or BONGSU_WEBHOOK_ANONYMOUS: "
            "leave out one or the other (API keys work beside them, too)",
        )
    if not (configured or receiver.anonymous or receiver.keys_only):
        raise InvalidInput(
            "BONGSU_WEBHOOK_TOKEN",
            "no webhook credential is set, so anybody could send alerts: set it (or BONGSU_WEBHOOK_BASIC, "
            "BONGSU_GRAFANA_HMAC_SECRET), write BONGSU_WEBHOOK_KEYS_ONLY=1 if senders have API keys (`bongsu apikey "
            "create --role ingest`), or BONGSU_WEBHOOK_ANONYMOUS=1 if that is what you want",
        )


def _failpoints(text: str) -> tuple[Armed, ...]:
    try:
        return failpoints.parse(text)
    except SpellingError as error:
        raise InvalidInput("BONGSU_FAILPOINTS", f"{error}, or leave it out") from error


def _audit_secret(told: str | None) -> str | None:
    if told is not None and len(told) < _SHORTEST_SECRET:
        problem = f"it has fewer than {_SHORTEST_SECRET} characters, so it could be guessed: write a longer one"
        raise InvalidInput("BONGSU_AUDIT_SECRET", problem)
    return told


def _slow_query(env: Environment) -> timedelta | None:
    milliseconds = env.number("BONGSU_SLOW_QUERY_MS", SLOW // timedelta(milliseconds=1), most=60_000, of="milliseconds")
    return timedelta(milliseconds=milliseconds) if milliseconds else None


def _database_hosts(env: Environment, url: URL) -> tuple[Host, ...]:
    hosts = parse_hosts(env.text(HOSTS, ""))
    if hosts and url.get_backend_name() == "sqlite":
        raise InvalidInput(
            HOSTS,
            "it is set, but BONGSU_DATABASE_URL is an SQLite file, which has no hosts: leave it out, or write a URL of "
            "MySQL or MariaDB (mysql+asyncmy://user:password@host:3306/bongsu)",
        )
    return hosts


def _receiver(env: Environment) -> ReceiverSettings:
    return ReceiverSettings(
        webhook_token=env.optional("BONGSU_WEBHOOK_TOKEN", secret=True),
        webhook_basic=env.pair("BONGSU_WEBHOOK_BASIC"),
        grafana_hmac_secret=env.optional("BONGSU_GRAFANA_HMAC_SECRET", secret=True),
        grafana_hmac_timestamp_header=env.optional("BONGSU_GRAFANA_HMAC_TIMESTAMP_HEADER"),
        anonymous=env.flag("BONGSU_WEBHOOK_ANONYMOUS"),
        keys_only=env.flag("BONGSU_WEBHOOK_KEYS_ONLY"),
        header_timeout=timedelta(seconds=env.number("BONGSU_HEADER_TIMEOUT", 10, least=1, most=300, of="seconds")),
        max_connections=env.number("BONGSU_MAX_CONNECTIONS", 5000, least=1, of="connections"),
        max_connections_per_peer=env.number("BONGSU_MAX_CONNECTIONS_PER_PEER", 1024, of="connections"),
        api_requests_per_second=env.number("BONGSU_API_REQUESTS_PER_SECOND", 50, least=1, of="requests"),
        api_burst=env.number("BONGSU_API_BURST", 200, least=1, of="requests"),
        api_cors_origins=parse_origins(env.text(ORIGINS, "")),
    )


def _slack(env: Environment) -> SlackSettings | None:
    signing_secret = env.optional("SLACK_SIGNING_SECRET", secret=True)
    app_token = env.token("SLACK_APP_TOKEN", "xapp-", "an app-level token with connections:write")
    bot_token = env.token("SLACK_BOT_TOKEN", "xoxb-", "the app's Bot User OAuth Token")
    if bot_token is None:
        return None
    url = env.text("BONGSU_SLACK_API_URL", SLACK_API)
    if not url.startswith(("https://", "http://")):
        raise InvalidInput("BONGSU_SLACK_API_URL", f"'{url}' is no http(s) URL: leave it out for Slack's own")
    return SlackSettings(
        bot_token, signing_secret, app_token, url, env.secret_file("SLACK_BOT_TOKEN"), *_installs(env), _public_url(env)
    )


def _installs(env: Environment) -> tuple[str | None, str | None]:
    """The app's id and secret by which further workspaces are connected: both, or neither."""
    told = {name: env.optional(name, secret=name == _SECRET) for name in ("SLACK_CLIENT_ID", _SECRET)}
    for name, value in told.items():
        if value is None and any(told.values()):
            raise InvalidInput(name, "it is not set, but the other half is: write both of the app's, or leave both out")
    client_id, client_secret = told.values()
    if client_id is not None and not _CLIENT_ID.fullmatch(client_id):
        raise InvalidInput("SLACK_CLIENT_ID", "it is no client id: write the app's, such as 1234567890.1234567890")
    return client_id, client_secret


_SECRET = "SLACK_CLIENT_SECRET"  # noqa: S105 - its name
_CLIENT_ID = re.compile(r"[0-9]{1,15}\.[0-9]{1,15}")


def _public_url(env: Environment) -> str:
    told = env.text("BONGSU_PUBLIC_URL", "").rstrip("/")
    if told and not told.startswith(("https://", "http://")):
        raise InvalidInput("BONGSU_PUBLIC_URL", f"'{told}' is no http(s) URL: write such as https://bongsu.example.com")
    return told
