"""Where the API is, and with which key."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bongsu.environment import Environment
from bongsu.urls import split_http_url
from incidents.access.model import PREFIX
from incidents.errors import InvalidInput

URL = "BONGSU_API_URL"
KEY = "BONGSU_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8080"
BELOW = "/api/v1"

_WRITTEN_KEY = re.compile(r"[\x21-\x7e]+")
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """``url`` ends before ``/api/v1``."""

    url: str
    key: str = field(repr=False)


def read_api_settings(environ: Mapping[str, str] | None = None) -> ApiSettings:
    """Raises InvalidInput, which quotes no key."""
    env = Environment(os.environ if environ is None else environ)
    key = env.optional(KEY, secret=True)
    if key is None:
        raise InvalidInput(KEY, "it is not set: write an API key, which `bongsu apikey create --role write` makes")
    return ApiSettings(_url(env.text(URL, DEFAULT_URL)), _key(key))


def _key(told: str) -> str:
    if told[0] in _QUOTES or told[-1] in _QUOTES:
        raise InvalidInput(KEY, "it has quotes around it: write it without")
    if not _WRITTEN_KEY.fullmatch(told):
        raise InvalidInput(KEY, "it has blanks, or characters that no key has: write it as it was printed")
    if not told.startswith(PREFIX):
        raise InvalidInput(KEY, f"it does not begin with {PREFIX}: write an API key (`bongsu apikey create`)")
    return told


def _url(told: str) -> str:
    parts = split_http_url(told)
    if parts is None:
        raise InvalidInput(URL, f"it is no http(s) URL: write where Bongsu listens, such as {DEFAULT_URL}")
    if "@" in parts.netloc or parts.query or parts.fragment or PREFIX in told:
        raise InvalidInput(URL, f"write the address alone, such as {DEFAULT_URL}: the key belongs into {KEY}")
    return told.rstrip("/").removesuffix(BELOW).rstrip("/")
