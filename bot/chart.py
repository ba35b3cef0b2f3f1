"""The picture below a digest, where matplotlib is there to draw it: the optional extra ``bongsu[charts]``.

It takes a second and tens of megabytes to load, so that happens when the first picture is drawn, in a thread.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from incidents.digests.report import Trend

Draw = Callable[[Trend], bytes]
"""A PNG. Slow, and safe in any thread."""


def drawer() -> Draw | None:
    """None: matplotlib is not installed."""
    return _draw if find_spec("matplotlib") is not None else None


def _draw(trend: Trend) -> bytes:
    return cast("bytes", import_module("bot.drawing").draw(trend))
