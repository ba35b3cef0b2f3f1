"""Keeping what could not be taken, and saying so to who runs Bongsu."""

from incidents.deliveries import SourceHour
from incidents.model import RejectedDelivery
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.redaction import redacted_refusal


async def reject(rejected: RejectedDelivery, *, uow: UnitOfWork, policy: Policy) -> int:
    """Store a refused delivery with its body, to be replayed after a fix. Returns its id."""
    hour = SourceHour.of(rejected.source, uow.now)
    kept = redacted_refusal(rejected, policy.redact) if policy.redact else rejected
    delivery_id = await uow.deliveries.add_rejected(kept)
    await uow.outbox.add_notice(hour.subject, channel=policy.channel_for_admins)
    return delivery_id
