"""Who did something."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a Slack user (``U0ALICE``), an API key (``key:ci``), the command line, or Bongsu itself.

    ``via`` is the name of the API key that acts for them, "" where they act themselves. ``origin`` is where from, as
    the audit log tells it: ``slack``, ``api 203.0.113.7``; "" where nobody outside asked.
    """

    kind: str
    id: str = ""
    via: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)

    @classmethod
    def slack(cls, user_id: str) -> "Actor":
        return cls("slack", user_id, origin="slack")

    @classmethod
    def key(cls, name: str, *, origin: str = "") -> "Actor":
        """An API key that acts for nobody but itself."""
        return cls("key", name, origin=origin)

    @property
    def is_human(self) -> bool:
        return self.kind == "slack"

    def __str__(self) -> str:
        if self.kind == "slack":
            return self.id
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")
CLI = Actor("cli", origin="cli")
"""Whoever may run commands where Bongsu runs."""
