"""Another incident, as far as people must know it to find it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherIncident:
    """``number`` is what people say."""

    id: int
    number: int

    @property
    def name(self) -> str:
        """``INC-12``"""
        return f"INC-{self.number}"
