"""What is wanted, from arguments, the environment and Bongsu's own settings."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

from bongsu.environment import Environment
from bongsu.grafana.access import secret_of
from bongsu.grafana.labels import PARTS, PATH, query_of
from bongsu.grafana.wanted import PROMETHEUS_UID, Contact, Credential, Matcher, MySql, PartName, Wanted
from bongsu.settings import Settings
from bongsu.urls import split_http_url
from db.engine import parse_url
from incidents.errors import InvalidInput
from incidents.tenants.model import DEFAULT_SLUG
from receiver.auth import Way
from receiver.settings import ReceiverSettings

DATABASE_USER = "grafana"
DATABASE_PASSWORD = "BONGSU_GRAFANA_DATABASE_PASSWORD"  # noqa: S105 - its name
WEBHOOK_KEY = "BONGSU_GRAFANA_WEBHOOK_KEY"
PUBLIC_URL = "BONGSU_PUBLIC_URL"
_HMAC_SECRET = "BONGSU_GRAFANA_HMAC_SECRET"  # noqa: S105 - its name
_TOKEN = "BONGSU_WEBHOOK_TOKEN"  # noqa: S105 - its name
_MATCHER = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)(=~|!~|!=|=)(.*)", re.DOTALL)
_EXAMPLE = "https://bongsu.example.com"
_EXAMPLE_OF_DOCS = "https://git.example.com/ops/bongsu/blob/main/docs"
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A label of RFC 1123."""
_HIGHEST_PORT = 65535


def read_wanted(given: argparse.Namespace, settings: Settings, env: Environment) -> Wanted:
    """With the secrets that Grafana is to have. Raises InvalidInput."""
    wanted = _without_secrets(given, settings, env)
    if wanted.mysql is not None:
        password = secret_of(DATABASE_PASSWORD, given.database_password_file, env)
        wanted = replace(wanted, mysql=replace(wanted.mysql, password=password))
    if wanted.contact is not None:
        key = secret_of(WEBHOOK_KEY, given.webhook_key_file, env)
        wanted = replace(wanted, contact=replace(wanted.contact, credentials=_credentials(given, settings, key)))
    return replace(wanted, overwrite=given.overwrite)


def read_wanted_for_files(given: argparse.Namespace, settings: Settings, env: Environment) -> Wanted:
    """With the names of variables of Grafana's environment, ``$NAME``, in place of secrets. Raises InvalidInput."""
    wanted = _without_secrets(given, settings, env)
    if wanted.mysql is not None:
        wanted = replace(wanted, mysql=replace(wanted.mysql, password=f"${DATABASE_PASSWORD}"))
    if wanted.contact is not None:
        receiver = settings.receiver
        clock = receiver.grafana_hmac_timestamp_header or ""
        if given.tenant != DEFAULT_SLUG or receiver.keys_only:
            credential = Credential(Way.KEY, f"${WEBHOOK_KEY}")
        elif receiver.grafana_hmac_secret or not receiver.webhook_token:
            credential = Credential(Way.HMAC, f"${_HMAC_SECRET}", timestamp_header=clock)
        else:
            credential = Credential(Way.BEARER, f"${_TOKEN}")
        wanted = replace(wanted, contact=replace(wanted.contact, credentials=(credential,)))
    return wanted


def wanted_dashboards(given: argparse.Namespace) -> Wanted:
    """Nothing else. Which data source they begin with, whoever looks at them chooses. Raises InvalidInput."""
    return Wanted(tenant=given.tenant, slack_url=_slack(given))


def _without_secrets(given: argparse.Namespace, settings: Settings, env: Environment) -> Wanted:
    skipped = given.skip
    has_contact = PartName.CONTACT_POINT not in skipped
    has_prometheus = PartName.PROMETHEUS not in skipped
    ours = PROMETHEUS_UID if given.prometheus_url else None
    return Wanted(
        mysql=None if PartName.DATA_SOURCE in skipped else _mysql(given, settings),
        prometheus_url=_http(given.prometheus_url, "--prometheus-url", "http://prometheus.example.com:9090")
        if given.prometheus_url and has_prometheus
        else None,
        prometheus_uid=(given.prometheus_uid or ours) if has_prometheus else None,
        contact=Contact(_webhook(given, env), ()) if has_contact else None,
        has_policy=PartName.POLICY not in skipped,
        matchers=tuple(given.match),
        has_dashboards=PartName.DASHBOARDS not in skipped,
        has_alerts=PartName.ALERTS not in skipped,
        tenant=given.tenant,
        slack_url=_slack(given),
        docs_url=_http(given.docs_url, "--docs-url", _EXAMPLE_OF_DOCS) if given.docs_url else None,
    )


def _slack(given: argparse.Namespace) -> str | None:
    return _http(given.slack_url, "--slack-url", "https://acme.slack.com") if given.slack_url else None


def _mysql(given: argparse.Namespace, settings: Settings) -> MySql:
    url = parse_url(settings.database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and not given.database_host:
        raise InvalidInput(
            "--database-host",
            "BONGSU_DATABASE_URL is not set here, or an SQLite file, which Grafana can't read: name the MySQL or "
            "MariaDB server that Bongsu uses, such as --database-host db.example.com:3306, or leave the data source "
            "out: --skip datasource",
        )
    own = str(settings.database_hosts[0]) if settings.database_hosts else f"{url.host}:{url.port or 3306}"
    database = given.database_name or ("bongsu" if is_sqlite else str(url.database))
    if not is_sqlite and given.database_user == url.username:
        raise InvalidInput(
            "--database-user",
            f"'{url.username}' is Bongsu's own user, which may write, and who may edit a panel can run any SQL: write "
            f"one that may read alone, such as {DATABASE_USER} (its GRANTs: docs/how-to/dashboards.md)",
        )
    ca = _certificate(given.database_ca_file) if given.database_ca_file is not None else None
    return MySql(_host(given.database_host) if given.database_host else own, database, given.database_user, ca=ca)


def _host(told: str) -> str:
    if any(char in told for char in "/@?#' \""):
        raise InvalidInput("--database-host", "it is no host: write host:port alone, such as db.example.com:3306")
    host, colon, port = told.rpartition(":")
    if not colon or told.endswith("]"):
        return f"{told}:3306"
    is_bare = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if is_bare or not (host and port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= _HIGHEST_PORT):
        raise InvalidInput(
            "--database-host",
            f"its port is no number from 1 to {_HIGHEST_PORT}: write db.example.com:3306, or [2001:db8::1]:3306",
        )
    return told


def _certificate(path: Path) -> str:
    told = secret_of("--database-ca-file", path, Environment({})) or ""
    if "BEGIN CERTIFICATE" not in told:
        raise InvalidInput("--database-ca-file", f"{path} holds no certificate: write one in PEM (BEGIN CERTIFICATE)")
    return told


def _webhook(given: argparse.Namespace, env: Environment) -> str:
    """Where Grafana is to send alerts, with the labels that they have by default."""
    told = given.bongsu_url or env.optional(PUBLIC_URL)
    if told is None:
        raise InvalidInput(
            "--bongsu-url",
            f"it is not said where Grafana reaches Bongsu: write --bongsu-url {_EXAMPLE}, or set {PUBLIC_URL}",
        )
    address = _http(told, "--bongsu-url", _EXAMPLE).rstrip("/").removesuffix(PATH).rstrip("/")
    return f"{address}{PATH}{query_of(given.label)}"


def trimmed(given: argparse.Namespace) -> str:
    """What is to be said of a --bongsu-url that is not taken as it was written; empty: it is."""
    told = (given.bongsu_url or "").rstrip("/")
    if not told.endswith(PATH):
        return ""
    return f"--bongsu-url is taken as {told.removesuffix(PATH).rstrip('/')}, as {PATH} is added to it\n"


def _http(told: str, field: str, example: str) -> str:
    parts = split_http_url(told)
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidInput(field, f"it is no plain http(s) URL: write such as {example}")
    return told.rstrip("/")


def _credentials(given: argparse.Namespace, settings: Settings, key: str | None) -> tuple[Credential, ...]:
    """The best first. Raises InvalidInput: there is none."""
    if key is not None:
        return (Credential(Way.KEY, key),)
    if given.tenant != DEFAULT_SLUG or settings.receiver.keys_only:
        raise InvalidInput(
            WEBHOOK_KEY,
            "API keys alone open the door there, and none is given: make one (`bongsu apikey create --role ingest "
            f"--tenant {given.tenant} --name grafana`), and name its file by --webhook-key-file",
        )
    found = tuple(_configured(settings.receiver))
    if not found:
        raise InvalidInput(
            _HMAC_SECRET,
            f"no webhook credential is set here: set it (Grafana 12 and newer), or {_TOKEN}, to the same as where "
            "Bongsu runs, or leave both out that need it: --skip contact-point,policy",
        )
    return found


def _configured(receiver: ReceiverSettings) -> list[Credential]:
    found = []
    if receiver.grafana_hmac_secret:
        clock = receiver.grafana_hmac_timestamp_header or ""
        found.append(Credential(Way.HMAC, receiver.grafana_hmac_secret, timestamp_header=clock))
    if receiver.webhook_token:
        found.append(Credential(Way.BEARER, receiver.webhook_token))
    if receiver.webhook_basic:
        user, password = receiver.webhook_basic
        found.append(Credential(Way.BASIC, password, user=user))
    return found


# What argparse calls: each raises ArgumentTypeError with what to write


def matcher(text: str) -> Matcher:
    match = _MATCHER.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no matcher: write it as in severity=~critical|error")
    name, operator, value = match.groups()
    if operator in {"=~", "!~"}:
        try:
            re.compile(value)
        except re.error as error:
            raise argparse.ArgumentTypeError(f"'{value}' is no expression: {error}") from error
    return name, operator, value


def label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if name not in PARTS or not (equals and value):
        known = ", ".join(PARTS)
        raise argparse.ArgumentTypeError(f"'{text}' is no default label: write cluster=prod-a; there are {known}")
    return name, value


def namespace(text: str) -> str:
    if not _NAMESPACE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no namespace: write small letters, digits and dashes, at most 63, such as monitoring"
        )
    return text


def skipped(text: str) -> frozenset[PartName]:
    named = [one.strip() for one in text.split(",") if one.strip()]
    known = [part.value for part in PartName]
    wrong = [one for one in named if one not in known]
    if wrong:
        raise argparse.ArgumentTypeError(f"'{wrong[0]}' is not known: write some of {', '.join(known)}")
    return frozenset(PartName(one) for one in named)
