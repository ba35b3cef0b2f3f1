"""A view as views.open and views.publish take it: a modal or a Home tab.

Source: https://docs.slack.dev/reference/views
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.blockkit.check import Check, Fields, anything, boolean, by_type, shape, string
from sandbox.blockkit.composition import plain_text
from sandbox.blockkit.problem import Problem
from sandbox.blockkit.surface import Surface, problems_in_blocks

MOST_VIEW_BYTES = 250_000

_COMMON: Fields = {
    "private_metadata": string(most=3000, least=0),
    "callback_id": string(most=255, least=0),
    "external_id": string(most=255, least=0),
}


def _asks_has_submit(view: Any, pointer: str) -> Iterator[Problem]:
    blocks = view["blocks"] if isinstance(view.get("blocks"), list) else []
    asks = any(isinstance(b, Mapping) and b.get("type") == "input" for b in blocks)
    if asks and "submit" not in view:
        yield Problem(pointer, "missing required field: submit (the view has an input block)")


_KINDS: dict[str, Check] = {
    "modal": shape(
        {"type": anything, "title": plain_text(24), "blocks": anything},
        {
            **_COMMON,
            "submit": plain_text(24),
            "close": plain_text(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        [_asks_has_submit],
    ),
    "home": shape({"type": anything, "blocks": anything}, _COMMON),
}


def problems_in_view(view: Any) -> list[Problem]:
    """What Slack would refuse. Pointers start at the view: `/blocks/0/text/text`."""
    return list(_problems(view))


def _problems(view: Any) -> Iterator[Problem]:
    yield from by_type(lambda: _KINDS)(view, "")
    if not isinstance(view, Mapping):
        return
    if len(json.dumps(view).encode()) > MOST_VIEW_BYTES:
        yield Problem("", f"must be less than {MOST_VIEW_BYTES + 1} bytes")
    if "blocks" in view:
        surface: Surface = "home" if view.get("type") == "home" else "modal"
        for problem in problems_in_blocks(view["blocks"], surface):
            yield problem.under("/blocks")
