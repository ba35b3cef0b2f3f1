"""Which installation of a monitoring system sent it?"""

from functools import lru_cache
from typing import Any

from receiver.sources.text import one_line, shortened

LONGEST = 190
"""Characters: as much as the name of a cluster may have."""

_LONGEST_REMEMBERED = 500
"""Characters: so that the addresses that are remembered take little room."""


def sender(org_id: Any, url: Any) -> str:
    """``1@grafana.example.com``: the organisation and the address, scheme, credentials and trailing slash cut.

    ``1@`` or ``@grafana.example.com`` where only one is known, "" where neither is.
    """
    organisation = str(org_id) if type(org_id) is int and 0 <= org_id < 10**18 else ""
    where = address(url)
    return shortened(f"{organisation}@{where}", LONGEST) if organisation or where else ""


def address(url: Any) -> str:
    """Host, port and path of a URL, on one line; "" where it is no text."""
    if not isinstance(url, str):
        return ""
    read = _address if len(url) <= _LONGEST_REMEMBERED else _address.__wrapped__
    return read(url)


@lru_cache(maxsize=256)  # there are few senders, and each says the same every time
def _address(url: str) -> str:
    rest = url.partition("?")[0].partition("#")[0]
    authority, slash, path = rest.rpartition("://")[2].partition("/")
    return one_line(f"{authority.rpartition('@')[2]}{slash}{path}").rstrip("/")
