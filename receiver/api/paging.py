"""Pages of short lists, which are read whole."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from receiver.api.call import Call
from receiver.api.shapes import Paging

T = TypeVar("T")


def page(call: Call, items: Sequence[T], *, by: Callable[[T], list[Any]]) -> tuple[list[T], str | None]:
    """Those of the page that is asked for, in the order of ``by`` (JSON, each its own), and where the next begins."""
    limit, position = call.query(Paging).limit, call.position()
    ordered = sorted(items, key=by)
    left = ordered if position is None else [one for one in ordered if by(one) > position]
    shown = left[:limit]
    return shown, call.cursor_at(by(shown[-1])) if len(left) > limit else None
