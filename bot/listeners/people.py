"""What happens when Slack tells that a person or a group has changed."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.desk import Desk, Work
from bot.groups import Groups
from incidents.actions import take_from_gone
from incidents.errors import BongsuError
from incidents.model import Incident
from incidents.ports import UnitOfWork

logger = logging.getLogger(__name__)

_GROUP_EVENTS = ("subteam_created", "subteam_updated", "subteam_members_changed")


def register(app: AsyncApp, desk: Desk, groups: Groups) -> None:
    async def person_changed(event: dict[str, Any]) -> None:
        user = event.get("user")
        if not isinstance(user, dict) or "id" not in user:
            return
        person = desk.directory.told(user)
        if person.is_gone:
            await _take_all_from(person.id, desk)

    async def group_changed() -> None:
        groups.outdated()

    app.event("user_change")(person_changed)
    for changed in _GROUP_EVENTS:
        app.event(changed)(group_changed)


async def _take_all_from(person: str, desk: Desk) -> None:
    """What fails here is made up for by the job that looks at all owners."""
    try:
        for incident_id in await desk.look(lambda uow: uow.owners.incidents_of(person)):
            await desk.do(_taking(incident_id, person))
    except BongsuError as error:
        told = {"action": "owner_gone_waits", "user": person, "error": str(error)}
        logger.warning("somebody has left, and what they have is not taken from them yet", extra=told)


def _taking(incident_id: int, person: str) -> Work[Incident]:
    async def work(uow: UnitOfWork) -> Incident:
        return await take_from_gone(incident_id, gone=person, uow=uow)

    return work
