"""What a tenant is."""

from dataclasses import dataclass

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
