"""Keeping what could not be taken."""

from incidents.model import RejectedDelivery
from incidents.ports import UnitOfWork


async def reject(rejected: RejectedDelivery, *, uow: UnitOfWork) -> int:
    """Store a refused delivery with its body, to be replayed after a fix. Returns its id."""
    return await uow.deliveries.add_rejected(rejected)
