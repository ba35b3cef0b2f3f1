"""What ``/incident maintenance`` does: it plans a window, previews one, lists those that stand, or ends one."""

import uuid
from zoneinfo import ZoneInfo

from bot.asking_slack import zone_of
from bot.blocks.maintenance import ended, listed, made, previewed
from bot.commands.command import Command, MaintenanceDo, MaintenanceOrder, TypedIn
from bot.desk import Desk
from bot.language import speaking
from bot.message import Message
from incidents.maintenance.model import Repeat
from incidents.maintenance.occurrences import occurrence_at
from incidents.maintenance.plan import Plan, end_early, find_window, plan, preview
from incidents.model import Actor
from incidents.ports import UnitOfWork

UTC = ZoneInfo("UTC")


async def answer_maintenance(command: Command, *, by: Actor, desk: Desk, typed_in: TypedIn) -> Message:
    """Raises a BongsuError where it was not done."""
    order = command.maintenance or MaintenanceOrder(MaintenanceDo.LIST)
    match order.do:
        case MaintenanceDo.PLAN:
            return await _plan(order, by, desk, typed_in)
        case MaintenanceDo.END:
            return await _end(order, by, desk)
        case MaintenanceDo.PREVIEW:
            return await _preview(order, desk)
        case _:
            return await _list(desk)


async def named_zone(desk: Desk, by: Actor) -> ZoneInfo:
    """In which a window of theirs is, and repeats."""
    zone = await zone_of(desk.directory, by.id)
    return zone if isinstance(zone, ZoneInfo) else UTC


async def _plan(order: MaintenanceOrder, by: Actor, desk: Desk, typed_in: TypedIn) -> Message:
    """In one transaction with what it would have matched: there is no time for a second one. Everybody there sees it.

    So it is told in the workspace's language.
    """
    zone, token = await named_zone(desk, by), typed_in.token or uuid.uuid4().hex
    channel = typed_in.channel or desk.policy.default_channel

    async def work(uow: UnitOfWork) -> Message:
        wanted = planned(order, uow, zone=zone, channel=channel, token=token)
        seen = await preview(wanted.scope, uow=uow)
        window = await plan(wanted, by=by, uow=uow)
        with speaking(desk.policy.language):
            return in_channel(made(window, seen, now=uow.now))

    return await desk.do(work)


def planned(order: MaintenanceOrder, uow: UnitOfWork, *, zone: ZoneInfo, channel: str, token: str) -> Plan:
    """What was typed, as it is meant now and there."""
    start = order.at.end(uow.now, zone) if order.at is not None else None
    begins = start or uow.now
    end = order.until.end(begins, zone) if order.until is not None else begins
    return Plan(
        token=token,
        scope=order.scope,
        start=start,
        end=end,
        zone=zone,
        channel=channel,
        repeats=Repeat.NONE,
        reason=order.reason,
        everything=order.everything,
    )


async def _end(order: MaintenanceOrder, by: Actor, desk: Desk) -> Message:
    """The clock tells everybody of the end of one that is under way, with what still fires; of another nobody would."""

    async def work(uow: UnitOfWork) -> Message:
        window = await find_window(order.window, uow=uow)
        before = await end_early(window.id, by=by, uow=uow)
        if occurrence_at(before, uow.now) is not None:
            return ended(before, by=str(by))
        with speaking(desk.policy.language):
            return in_channel(ended(before, by=str(by)))

    return await desk.do(work)


async def _preview(order: MaintenanceOrder, desk: Desk) -> Message:
    return previewed(order.scope.name, await desk.look(lambda uow: preview(order.scope, uow=uow)))


async def _list(desk: Desk) -> Message:
    async def work(uow: UnitOfWork) -> Message:
        return listed(await uow.maintenance.standing(), now=uow.now)

    return await desk.look(work)


def in_channel(message: Message) -> Message:
    """The same, for everybody in the channel to see."""
    return Message(message.text, message.blocks, in_channel=True)
