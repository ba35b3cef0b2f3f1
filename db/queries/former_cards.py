"""Where cards stood that were posted anew since: people go on writing below them."""

from db.gate import Gate
from db.thread_tables import former_cards


async def keep_place(gate: Gate, incident_id: int, channel_id: str, ts: str) -> None:
    """Remember that the thread of this message is the incident's."""
    row = {"channel_id": channel_id, "ts": ts, "incident_id": incident_id}
    await gate.insert_many_or_keep(former_cards, [row], unique=("tenant_id", "channel_id", "ts"))
