"""Shapes that all resources share: how bodies, parameters, lists and texts are read and written."""

import unicodedata
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")

RowId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")]
"""An id in a path, as it stands there."""

DEFAULT_LIMIT = 50
MOST_LIMIT = 200


class Asked(BaseModel):
    """What a client sends: an unknown field is a mistake, and nothing is turned into another type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def left_out() -> Any:
    """Where a field may be left out, but not be null, this stands in it then: ``model_fields_set`` tells."""
    return None


class Nothing(Asked):
    """An operation that has no parameters, or no body, refuses those that it is sent, too."""


class Told(BaseModel):
    """What we answer. Unknown fields may come in later versions: clients ignore them."""

    model_config = ConfigDict(frozen=True)


class Paging(Asked):
    """Parameters of every list."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST_LIMIT, description="How many at most")
    cursor: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
        description="`next_cursor` of the page before, with the same filters",
    )


class Listing(Told, Generic[T]):
    """One page. ``next_cursor`` null: it was the last."""

    items: list[T]
    next_cursor: str | None = None


def _clean(text: str) -> str:
    """Raises ValueError on what no database and no Slack message can hold."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t":
            raise ValueError(f"it has a character that is no text (U+{ord(character):04X})")
    return text


_PRINTED = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
Text = Annotated[str, AfterValidator(_clean), Field(json_schema_extra={"pattern": _PRINTED})]
"""Without control characters and lone surrogates."""
