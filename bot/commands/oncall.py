"""What ``/incident oncall`` does: it shows who is on call, or takes a schedule over."""

from collections.abc import Mapping

from bot.asking_slack import refuse_unassignable, zone_of
from bot.blocks.oncall import Shown, oncall, taken
from bot.commands.command import ME, Command
from bot.desk import Desk
from bot.message import Message
from incidents.actions import find_schedule, take_over
from incidents.model import Actor
from incidents.ports import UnitOfWork
from incidents.schedules import Schedule
from incidents.schedules.now import standings


async def answer_oncall(command: Command, *, by: Actor, desk: Desk) -> Message:
    """Raises a BongsuError where it was not done."""
    schedules = desk.policy.schedules
    if command.takes_over:
        return await _take_over(command, find_schedule(command.text, schedules), by, desk)
    return await shown_oncall(desk, find_schedule(command.text, schedules).name if command.text else "")


async def shown_oncall(desk: Desk, one: str = "", *, told: str = "") -> Message:
    """Of this schedule, "" of all. ``told`` is harmless mrkdwn that stands above."""
    schedules = desk.policy.schedules
    wanted: Mapping[str, Schedule] = {one: schedules[one]} if one in schedules else schedules
    found = await desk.look(lambda uow: standings(wanted, uow))
    return oncall(Shown(found, one if one in schedules else "", told))


async def _take_over(command: Command, schedule: Schedule, by: Actor, desk: Desk) -> Message:
    """In one transaction with what the answer shows: there is no time for a second one."""
    person = str(by) if command.person == ME else command.person
    await refuse_unassignable(desk.directory, desk.identity, person)
    zone, until = await zone_of(desk.directory, by.id), command.until

    async def work(uow: UnitOfWork) -> Message:
        end = uow.now if until is None else until.end(uow.now, zone)
        override = await take_over(schedule, person=person, start=None, end=end, by=by, uow=uow)
        found = await standings({schedule.name: schedule}, uow)
        return oncall(Shown(found, schedule.name, taken(override)))

    return await desk.do(work)
