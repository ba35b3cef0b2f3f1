"""``/incident approve``, ``decline`` and ``withdraw``: on the request that the incident waits for."""

from bot.commands.command import Command
from incidents.approvals.deciding import approve, decline, standing_on, withdraw
from incidents.model import Actor, Incident
from incidents.ports import UnitOfWork


async def approve_by_command(incident_id: int, _: Command, by: Actor, uow: UnitOfWork) -> Incident:
    return await approve(await _standing_on(incident_id, uow), by=by, uow=uow)


async def decline_by_command(incident_id: int, command: Command, by: Actor, uow: UnitOfWork) -> Incident:
    return await decline(await _standing_on(incident_id, uow), by=by, uow=uow, reason=command.text)


async def withdraw_by_command(incident_id: int, _: Command, by: Actor, uow: UnitOfWork) -> Incident:
    return await withdraw(await _standing_on(incident_id, uow), by=by, uow=uow)


async def _standing_on(incident_id: int, uow: UnitOfWork) -> int:
    return await standing_on(await uow.incidents.get(incident_id), uow)
