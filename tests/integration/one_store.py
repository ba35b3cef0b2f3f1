"""``receiver.intake.Stores`` where there is one tenant."""

from dataclasses import dataclass

from receiver.intake import Store


@dataclass
class OneStore:
    """Whoever's it is."""

    store: Store

    def of(self, _: int) -> Store:
        return self.store
