"""Where pages of lists end, and where the next ones begin."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from receiver.api.call import Call
from receiver.api.shapes import Paging

T = TypeVar("T")


def page(call: Call, items: Sequence[T], *, by: Callable[[T], list[Any]]) -> tuple[Sequence[T], str | None]:
    """Of a short list, which was read whole: those of the page, in the order of ``by`` (JSON, each its own)."""
    position = call.position()
    ordered = sorted(items, key=by)
    return cut(call, ordered if position is None else [one for one in ordered if by(one) > position], at=by)


def cut(call: Call, found: Sequence[T], *, at: Callable[[T], Any]) -> tuple[Sequence[T], str | None]:
    """Those of the page, and where the next begins. ``found`` has one more where there is one; ``at``: JSON."""
    limit = call.query(Paging).limit
    shown = found[:limit]
    return shown, call.cursor_at(at(shown[-1])) if len(found) > limit else None


def moment_and_id(position: Any) -> tuple[datetime, int] | None:
    """Of a cursor ``[time in ISO 8601, id]``, which nobody but we can write; None: of none."""
    return None if position is None else (datetime.fromisoformat(position[0]), int(position[1]))
