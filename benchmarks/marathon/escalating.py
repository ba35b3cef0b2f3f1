"""What a marathon escalates: policies whose steps fall due within seconds, and time that passes for all the others."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from benchmarks.loopback import Json
from db.escalation_tables import escalation_steps
from db.tables import incidents, outbox
from db.unit_of_work import SqlUnitOfWork
from incidents.outbox import OutboxKind, Priority
from incidents.reasons import Reason

LEADS = "leads"
"""A channel besides those of the services."""
_CALM = timedelta(seconds=10)
"""What is due later than this comes only when time passes for it."""
_TIMERS: Json = {"repeat": "1h", "acknowledge_timeout": "1h", "unresolved_reminder": "2h"}
CONFIG: Json = {
    "escalations": {
        "default": {
            "steps": [
                {"after": "1s", "mention": ["@oncall"]},
                {"after": "3s", "mention": ["<@U0BOB>"], "broadcast": True},
            ],
            **_TIMERS,
        },
        "grave": {
            "steps": [
                {"after": "1s", "mention": ["@oncall"], "broadcast": True},
                {"after": "3s", "mention": ["<@U0BOB>"], "channel": f"#{LEADS}", "direct": ["<@U0CAROL>"]},
            ],
            **_TIMERS,
        },
    },
    "paging": {"most_per_hour": 60},
}
"""For bongsu.yaml. The shortest repeats that it takes are of minutes: see ``pass_by``."""
ESCALATION: Json = {"critical": "grave", "warning": "default"}
"""Of each route."""


async def pass_by(uow: SqlUnitOfWork, chance: random.Random, *, within: float, most: int = 1) -> int:
    """Time passes for some steps that are planned for later: they fall due within so many seconds. How many did."""
    return await bring_forward(uow, chance, due=[uow.now + timedelta(seconds=chance.uniform(0, within))] * most)


async def bring_forward(uow: SqlUnitOfWork, chance: random.Random, *, due: Sequence[datetime]) -> int:
    """As many of them fall due at these times, each with its incident locked. How many did."""
    later = sa.select(escalation_steps.c.id, escalation_steps.c.incident_id).where(
        escalation_steps.c.due_at > uow.now + _CALM
    )
    found = list(await uow.gate.connection.execute(later.order_by(escalation_steps.c.due_at).limit(100)))
    chosen = sorted(chance.sample(found, min(len(due), len(found))), key=lambda row: row.incident_id)
    moved = 0
    for row, at in zip(chosen, due, strict=False):
        await uow.incidents.lock(row.incident_id)
        this = sa.update(escalation_steps).where(
            escalation_steps.c.id == row.id, escalation_steps.c.due_at.is_not(None)
        )
        moved += (await uow.gate.connection.execute(this.values(due_at=at, planned_for=at))).rowcount
    return moved


async def let_answers_lapse(uow: SqlUnitOfWork) -> int:
    """Whoever was asked whether they still have it has not answered in time. How many there were."""
    asked = (incidents.c.confirm_by > uow.now, incidents.c.confirm_reason == Reason.ACKNOWLEDGED_FOR_LONG.value)
    ids = list((await uow.gate.connection.execute(sa.select(incidents.c.id).where(*asked).limit(1))).scalars())
    await uow.gate.connection.execute(
        sa.update(incidents).where(incidents.c.id.in_(ids), *asked).values(confirm_by=uow.now, check_at=uow.now)
    )
    await uow.outbox.touch_cards(ids, priority=Priority.UPDATE)
    return len(ids)


async def let_merged_pages_go(uow: SqlUnitOfWork) -> int:
    """Pages that wait for others, five minutes at most, have waited long enough. How many there were."""
    waiting = sa.update(outbox).where(
        outbox.c.kind == OutboxKind.PAGE.value,
        outbox.c.incident_id == 0,
        outbox.c.sent_rev == 0,
        outbox.c.attempts == 0,
        outbox.c.post_started_at.is_(None),
        outbox.c.lease_until.is_(None),
        outbox.c.due_at > uow.now + _CALM,
    )
    return (await uow.gate.connection.execute(waiting.values(due_at=uow.now))).rowcount


async def is_coming(uow: SqlUnitOfWork) -> bool:
    """Whether a step is due by now, or will be so soon that nothing is at rest."""
    return (await uow.escalation.overdue(since=uow.now + _CALM))[0] > 0
