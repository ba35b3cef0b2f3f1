"""The setting that names the sites whose pages may use the API."""

import re

from incidents.errors import InvalidInput

SETTING = "BONGSU_API_CORS_ORIGINS"
ANY = "*"
_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_IMPLIED = {"https:": ":443", "http:": ":80"}


def parse_origins(text: str) -> tuple[str, ...]:
    """As browsers send them; ``()`` for ``""``: no site. ``("*",)``: all. Raises InvalidInput."""
    told = tuple(dict.fromkeys(one.lower() for one in re.split(r"[\s,]+", text) if one))
    if ANY in told and len(told) > 1:
        raise InvalidInput(SETTING, "* means all sites: write it alone, or the others without it")
    return told if told == (ANY,) else tuple(_checked(one) for one in told)


def _checked(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise InvalidInput(
            SETTING,
            f"'{origin}' is no origin: write scheme and host, and the port if there is one, such as "
            "https://ops.example.com or http://localhost:3000, without a path or a slash at the end; or * for all",
        )
    implied = _IMPLIED[origin.partition("//")[0]]
    if origin.endswith(implied):
        raise InvalidInput(SETTING, f"'{origin}': browsers leave {implied} out, so nothing would match: leave it out")
    return origin
