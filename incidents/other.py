"""Another incident, as far as people must know it to find it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherIncident:
    """``number`` is what people say. ``card_at``: Slack's channel id and ``ts`` of its card, None: it has none."""

    id: int
    number: int
    card_at: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """``INC-12``"""
        return f"INC-{self.number}"
