"""Taking in what was refused once, after the cause was mended: exactly once, whoever tries and how often."""

from incidents.audit.recording import note
from incidents.deliveries import DeliveryStatus, NotRefused, SourceHour
from incidents.ingest.batch import ingest
from incidents.ingest.outcome import Ingested
from incidents.model import Actor, Delivery
from incidents.policy import Policy
from incidents.ports import UnitOfWork


async def replay(refused_id: int, delivery: Delivery, *, by: Actor, uow: UnitOfWork, policy: Policy) -> Ingested:
    """Take the refused body, read anew as ``delivery``, as if it arrived now: as a delivery of its own.

    The row of the refused one is locked, so of two that replay it the second finds it replayed. Raises NotRefused,
    DeliveryNotFound, and Conflict where another process was faster: the transaction is to be run again.
    """
    refused = await uow.deliveries.lock(refused_id)
    is_taken = refused.status is not DeliveryStatus.REJECTED
    if is_taken and not await _was_this_one(refused.other_id, delivery, uow):
        raise NotRefused(refused_id, refused.status, refused.other_id)
    [ingested] = await ingest([delivery], uow=uow, policy=policy)
    await uow.deliveries.mark_replayed(refused_id, as_id=ingested.delivery_id)
    after = {"taken_as": ingested.delivery_id, "alerts": ingested.alerts, "incidents": ingested.incidents}
    await note("delivery.replayed", f"delivery {refused_id}", by=by, uow=uow, after=after)
    await uow.outbox.touch_notice(SourceHour.of(refused.source, refused.received_at).subject)
    return ingested


async def _was_this_one(taken_as: int | None, delivery: Delivery, uow: UnitOfWork) -> bool:
    """The reply to our COMMIT was lost: this very attempt has taken it, and ingest will recognise its own work."""
    return taken_as is not None and (await uow.deliveries.get(taken_as)).request_id == delivery.request_id
