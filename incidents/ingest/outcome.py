"""What became of one delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from incidents.policy import Limit
from incidents.reasons import Reason


@dataclass(frozen=True, slots=True)
class Ingested:
    """``alerts`` counts the rows stored (0 for a duplicate); ``incidents`` are names such as INC-12, each once.

    ``reasons`` tells what became of each stored alert, in the delivery's order. ``duplicate_of`` is the id of the
    delivery that said the same, None where this one said something. ``hidden`` alerts the sender has cut off.
    ``limited`` counts what limits kept from being built on its alerts, by limit and rule.
    """

    delivery_id: int
    alerts: int
    incidents: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    duplicate_of: int | None = None
    hidden: int = 0
    limited: Mapping[tuple[Limit, str], int] = field(default_factory=dict)
