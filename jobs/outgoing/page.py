"""What is told to a receiver outside of Slack."""

from dataclasses import dataclass
from datetime import datetime

from incidents.escalation.webhooks import Action
from incidents.model import Place, Severity, Status


@dataclass(frozen=True, slots=True)
class Page:
    """One thing to say about one incident, as it stands when it is said.

    ``name`` is what people call it (INC-12). ``key`` is the same for all that is said of it, and tells it from those of
    other installations. ``link`` leads to its card; None: Slack has none. ``step``: ``2/3``, "" where it is no step.
    ``at``, aware UTC, is when that happened which is told. ``idempotency_key`` is the same at every try.
    """

    action: Action
    name: str
    key: str
    title: str
    severity: Severity
    status: Status
    place: Place
    link: str | None
    step: str
    at: datetime
    event_id: int
    idempotency_key: str

    @property
    def is_trigger(self) -> bool:
        return self.action is Action.TRIGGER

    @property
    def where(self) -> str:
        """``payments, prod-a/pay``; "" where nothing is known."""
        around = "/".join(part for part in (self.place.cluster, self.place.namespace) if part)
        return ", ".join(part for part in (self.place.service, around) if part)

    @property
    def summary(self) -> str:
        """One line: ``CRITICAL INC-12: Checkout 5xx above 5 % (payments, prod-a/pay)``."""
        told = f"{self.severity.value.upper()} {self.name}: {' '.join(self.title.split())}"
        return f"{told} ({self.where})" if self.where else told


def clip(value: str, limit: int) -> str:
    """At most ``limit`` characters, the last of them an ellipsis where something was cut."""
    return value if len(value) <= limit else f"{value[: limit - 1].rstrip()}…"
