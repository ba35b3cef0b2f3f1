"""What a tenant is, and how it may be called."""

import re
from dataclasses import dataclass

from incidents.errors import InvalidInput

DEFAULT_ID = 1
DEFAULT_SLUG = "default"
"""The tenant of a single team, made with the tables."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One organisation. ``slug`` is how settings and commands name it, and never changes."""

    id: int
    slug: str
    name: str

    @property
    def is_default(self) -> bool:
        return self.id == DEFAULT_ID


DEFAULT = Tenant(DEFAULT_ID, DEFAULT_SLUG, DEFAULT_SLUG)

LONGEST_NAME = 255
_SLUG = re.compile(r"[a-z](?:-?[a-z0-9]){1,31}")
_RESERVED = frozenset({"example", "all"})


def checked_slug(told: str) -> str:
    """It becomes part of a file's name and of metrics, so it is short and plain. Raises InvalidInput."""
    if not _SLUG.fullmatch(told) or len(told) > 32:
        problem = (
            f"'{told}' can't be a tenant's name in commands and files: write 2 to 32 lower-case letters, digits and "
            "single hyphens, beginning with a letter, such as acme"
        )
        raise InvalidInput("slug", problem)
    if told in _RESERVED:
        raise InvalidInput("slug", f"'{told}' has a meaning of its own: choose another")
    return told


def checked_name(told: str) -> str:
    """In one line. Raises InvalidInput."""
    name = " ".join(told.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput("--name", f"write 1 to {LONGEST_NAME} characters: what people call the organisation")
    return name
