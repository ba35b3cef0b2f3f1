"""Who did something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: a Slack user (``U0ALICE``), an API key (``key:ci``), the command line, or Bongsu itself."""

    kind: str
    id: str = ""

    @classmethod
    def slack(cls, user_id: str) -> "Actor":
        return cls("slack", user_id)

    @property
    def is_human(self) -> bool:
        return self.kind == "slack"

    def __str__(self) -> str:
        if self.kind == "slack":
            return self.id
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")
