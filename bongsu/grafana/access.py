"""Where Grafana is, and who asks there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bongsu.environment import Environment, secret_in
from bongsu.urls import split_http_url
from incidents.errors import InvalidInput

URL = "BONGSU_GRAFANA_URL"
TOKEN = "BONGSU_GRAFANA_TOKEN"  # noqa: S105 - its name
USER = "BONGSU_GRAFANA_USER"
PASSWORD = "BONGSU_GRAFANA_PASSWORD"  # noqa: S105 - its name
_EXAMPLE = "https://grafana.example.com"
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Access:
    """``url`` has no slash at its end. Either ``token``, of a service account, or ``login``: (user, password)."""

    url: str
    token: str | None = field(default=None, repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    seconds: float = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(secret for secret in (self.token, self.login and self.login[1]) if secret)


def read_access(
    *,
    url: str | None,
    token_file: Path | None,
    user: str | None,
    password_file: Path | None,
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> Access:
    """What an argument says counts more than the environment. Raises InvalidInput, which quotes no secret."""
    env = Environment(os.environ if environ is None else environ)
    address = _url(url or env.optional(URL))
    if user or password_file:
        return Access(address, login=_login(user or env.optional(USER), password_file, env), seconds=seconds)
    token = secret_of(TOKEN, token_file, env)
    if token is not None:
        return Access(address, _token(token), seconds=seconds)
    if env.has(USER):
        return Access(address, login=_login(env.optional(USER), None, env), seconds=seconds)
    raise InvalidInput(
        TOKEN,
        "it is not set: write the token of a service account with the role Admin (in Grafana: Administration → Users "
        "and access → Service accounts), or name its file by --token-file",
    )


def secret_of(name: str, path: Path | None, env: Environment) -> str | None:
    """Of the file ``path``, where there is one, else of the variable ``name``; None: it is set nowhere."""
    return secret_in(f"the file for {name}", path) if path is not None else env.optional(name, secret=True)


def _url(told: str | None) -> str:
    if told is None:
        raise InvalidInput("--url", f"it is not said where Grafana is: write --url {_EXAMPLE}, or set {URL}")
    parts = split_http_url(told)
    if parts is None:
        raise InvalidInput("--url", f"it is no http(s) URL: write where Grafana is, such as {_EXAMPLE}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidInput(
            "--url", f"write the address alone, such as {_EXAMPLE}: the credential belongs into {TOKEN}, or {USER}"
        )
    return told.rstrip("/").removesuffix("/api").rstrip("/")


def _token(told: str) -> str:
    if told[0] in _QUOTES or told[-1] in _QUOTES:
        raise InvalidInput(TOKEN, "it has quotes around it: write it without")
    if not (told.isascii() and told.isprintable() and " " not in told):
        raise InvalidInput(TOKEN, "it has blanks, or characters that no token has: write it as Grafana showed it")
    return told


def _login(user: str | None, path: Path | None, env: Environment) -> tuple[str, str]:
    if user is None:
        raise InvalidInput("--user", f"a password is given, but not whose: write --user NAME, or set {USER}")
    password = secret_of(PASSWORD, path, env)
    if password is None:
        raise InvalidInput(PASSWORD, f"it is not set: write the password of {user}, or name its file: --password-file")
    return user, password
