"""``receiver.intake.Stores`` where there is one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from receiver.intake import Store


@dataclass
class OneStore:
    """Whoever's it is, but for those of ``others``."""

    store: Store
    others: Mapping[int, Store] = field(default_factory=dict)

    def of(self, tenant_id: int) -> Store:
        return self.others.get(tenant_id, self.store)
