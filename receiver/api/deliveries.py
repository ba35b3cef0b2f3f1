"""Deliveries: what came in, what became of it, and refused ones taken again."""

from dataclasses import replace

from base.codec import CodecError
from incidents.access.model import Scope
from incidents.deliveries import DeliveryStatus, KeptDelivery, NotRefused
from incidents.errors import BongsuError
from incidents.ingest import replay
from incidents.model import Delivery
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.errors import BodyNotKept, StillRefused
from receiver.api.models.delivery import DeliveriesQuery, DeliveryDetail, DeliveryPath, DeliveryShape, ReplayShape
from receiver.api.operation import Operation
from receiver.api.paging import cut, moment_and_id
from receiver.api.shapes import Listing
from receiver.replay import is_cut, is_withheld, read_again
from receiver.sources import SOURCES

MOST_FATES = 1000
_LONGEST_REQUEST_ID = 32


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    asked = call.query(DeliveriesQuery)
    found = await uow.deliveries.page(
        statuses=asked.status or (),
        sources=asked.source or (SOURCES if asked.status else ()),
        since=asked.since,
        after=moment_and_id(call.position()),
        limit=asked.limit + 1,
    )
    shown, more = cut(call, found, at=lambda one: [one.received_at.isoformat(), one.id])
    return Answer(Listing[DeliveryShape](items=[DeliveryShape.of(one) for one in shown], next_cursor=more))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    kept = await uow.deliveries.get(_id(call))
    fates = await uow.deliveries.fates(kept.id, limit=MOST_FATES + 1)
    is_refused = kept.status is DeliveryStatus.REJECTED
    wrong = _wrong_today(kept, call.max_body_bytes) if is_refused else None
    cut = kept.raw_body is not None and is_cut(kept)
    return Answer(DeliveryDetail.of(kept, fates, most=MOST_FATES, wrong_today=wrong, is_cut=cut))


def _wrong_today(kept: KeptDelivery, limit: int) -> str | None:
    try:
        read_again(kept, limit=limit)
    except (CodecError, BongsuError) as error:
        return str(error)
    return None


async def _raw(call: Call, uow: UnitOfWork) -> Answer:
    kept = await uow.deliveries.get(_id(call))
    if kept.raw_body is None:
        raise BodyNotKept(kept.id)
    if is_withheld(kept):
        raise BodyNotKept(kept.id, is_withheld=True)
    # Whatever somebody has sent us: no browser may take it for a page of ours.
    name = f'attachment; filename="delivery-{kept.id}"'
    return Answer(data=kept.raw_body, headers={"X-Content-Type-Options": "nosniff", "Content-Disposition": name})


async def _replay(call: Call, uow: UnitOfWork) -> Answer:
    """Each try, and what is sent again with its Idempotency-Key, is the same request: so it knows its own work."""
    kept = await uow.deliveries.get(_id(call))
    delivery = replace(_read_again(kept, call.max_body_bytes), request_id=call.token[:_LONGEST_REQUEST_ID])
    return Answer(ReplayShape.of(await replay(kept.id, delivery, by=call.by, uow=uow, policy=call.policy)))


def _read_again(kept: KeptDelivery, limit: int) -> Delivery:
    """Raises NotRefused, StillRefused."""
    if kept.raw_body is None:
        raise NotRefused(kept.id, kept.status, kept.other_id)
    try:
        return read_again(kept, limit=limit)
    except (CodecError, BongsuError) as error:
        raise StillRefused(kept.id, str(error)) from error


def _id(call: Call) -> int:
    return int(call.path(DeliveryPath).delivery)


OPERATIONS = (
    Operation(
        method="GET",
        path="/deliveries",
        name="list_deliveries",
        summary="What came in, newest first",
        description="Each request to a webhook, and what became of it.",
        tag="deliveries",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=DeliveriesQuery,
        answer=Listing[DeliveryShape],
        work=_list,
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery}",
        name="get_delivery",
        summary="One delivery, and what became of its alerts",
        tag="deliveries",
        scope=Scope.READ,
        role=Role.VIEWER,
        path_model=DeliveryPath,
        answer=DeliveryDetail,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/deliveries/{delivery}/raw",
        name="get_delivery_body",
        summary="The body of a refused delivery, as it was received",
        description="To the byte, still packed where it came packed. Bodies of what was taken are not kept.",
        tag="deliveries",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        path_model=DeliveryPath,
        answer=None,
        work=_raw,
        refusals=(404,),
        media_type="application/octet-stream",
    ),
    Operation(
        method="POST",
        path="/deliveries/{delivery}/replay",
        name="replay_delivery",
        summary="Take a refused delivery after all",
        description="After its cause was mended: it is read as if it arrived now, as a delivery of its own. "
        "Sent twice, it is taken once; the second time is refused with 409.",
        tag="deliveries",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        path_model=DeliveryPath,
        answer=ReplayShape,
        work=_replay,
        refusals=(404, 409),
    ),
)
