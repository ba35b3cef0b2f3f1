"""After a marathon: what Slack shows and what the database holds, side by side."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select

from benchmarks.loopback import Json
from db.engine import Engines
from db.tables import alerts, incident_series, incidents, outbox

MARK = "marathon"
"""The annotation by which each alert sent is told apart."""
State = tuple[int, str, int, int]
"""version, status, episode, series that fire."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """``lost``: alerts that were answered 2xx and are not stored. ``doubled``: messages in a channel beyond one for
    each incident. ``stale``: incidents whose card is missing or shows another state. ``replies``: thread entries that
    are missing or there twice.
    """

    lost: int
    doubled: int
    stale: int
    replies: int

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.stale or self.replies)


async def waiting(engines: Engines) -> int:
    """Outbox rows that Slack does not show yet."""
    pending = or_(outbox.c.due_at.is_not(None), outbox.c.lease_until.is_not(None))
    async with engines.read.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(outbox).where(pending))).scalar_one())


async def reckon(engines: Engines, messages: Sequence[Json], confirmed: set[int]) -> Reckoning:
    """``messages`` are all of the sandbox's; ``confirmed`` the marks of the alerts that were answered 2xx."""
    truth = await _truth(engines)
    owners = await _owners(engines)
    ours = [(owners[id_], message) for message in messages if (id_ := _outbox_id(message)) in owners]
    cards = [(incident_id, message) for (kind, incident_id, _), message in ours if kind == "card"]
    told = Counter(owner for owner, _ in ours if owner[0] == "thread")
    wanted = {owner for owner in owners.values() if owner[0] == "thread"}
    return Reckoning(
        lost=len(confirmed - await _stored(engines)),
        doubled=sum(times - 1 for times in Counter(incident_id for incident_id, _ in cards).values()),
        stale=len(stale(truth, {incident_id: shown(message) for incident_id, message in cards})),
        replies=sum(abs(told[owner] - 1) for owner in wanted),
    )


def stale(truth: Mapping[int, State], cards: Mapping[int, State | None]) -> list[int]:
    """Incidents whose card is missing or shows another state."""
    return [incident_id for incident_id, state in truth.items() if cards.get(incident_id) != state]


def shown(message: Json) -> State | None:
    """What a card's first button says that the card shows; None where there is no such button."""
    values = (element.get("value") for block in message["blocks"] for element in block.get("elements", []))
    for value in values:
        if value:
            told = json.loads(value)
            return told["version"], told["status"], told["episode"], told["firing"]
    return None


def _outbox_id(message: Json) -> int:
    """0: no message of ours, or a deleted one."""
    payload: dict[str, Any] = (message["metadata"] or {}).get("event_payload") or {}
    return 0 if message["deleted"] else int(payload.get("outbox_id", 0))


async def _truth(engines: Engines) -> dict[int, State]:
    firing = func.sum(case((incident_series.c.status == "firing", 1), else_=0))
    statement = (
        select(incidents.c.id, incidents.c.version, incidents.c.status, incidents.c.episode, firing)
        .outerjoin_from(incidents, incident_series, incident_series.c.incident_id == incidents.c.id)
        .group_by(incidents.c.id, incidents.c.version, incidents.c.status, incidents.c.episode)
    )
    async with engines.read.connect() as connection:
        rows = await connection.execute(statement)
        return {id_: (version, status, episode, int(fires)) for id_, version, status, episode, fires in rows}


async def _owners(engines: Engines) -> dict[int, tuple[str, int, str]]:
    """By outbox id: kind, incident and subject."""
    async with engines.read.connect() as connection:
        rows = await connection.execute(select(outbox.c.id, outbox.c.kind, outbox.c.incident_id, outbox.c.subject))
        return {id_: (kind, incident_id, subject) for id_, kind, incident_id, subject in rows}


async def _stored(engines: Engines) -> set[int]:
    async with engines.read.connect() as connection:
        rows = await connection.execute(select(alerts.c.annotations))
        return {int(annotations[MARK]) for (annotations,) in rows}
