"""If-Match: a change is made only to the version that its sender has read."""

import re

from aiohttp import web

from receiver.api.errors import BadHeader

_TAG = re.compile(r'(?:W/)?"([0-9]{1,18})"')
"""Proxies that compress answers make tags weak. A version is a version all the same."""


def wanted_versions(request: web.Request) -> frozenset[int] | None:
    """None: any. Raises BadHeader."""
    lines = request.headers.getall("If-Match", ())
    told = ",".join(lines)
    if not lines or told.strip() == "*":
        return None
    versions = [_TAG.fullmatch(one.strip()) for one in told.split(",")]
    if any(one is None for one in versions):
        raise BadHeader("If-Match", 'write the ETag that was answered, in its quotes: "7"')
    return frozenset(int(one[1]) for one in versions if one is not None)
