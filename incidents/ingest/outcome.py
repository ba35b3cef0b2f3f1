"""What became of one delivery."""

from dataclasses import dataclass

from incidents.reasons import Reason


@dataclass(frozen=True, slots=True)
class Ingested:
    """``alerts`` counts the rows stored (0 for a duplicate); ``incidents`` are names such as INC-12, each once.

    ``reasons`` tells what became of each stored alert, in the delivery's order. ``duplicate_of`` is the id of the
    delivery that said the same, None where this one said something. ``hidden`` alerts the sender has cut off.
    """

    delivery_id: int
    alerts: int
    incidents: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    duplicate_of: int | None = None
    hidden: int = 0
