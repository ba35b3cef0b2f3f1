"""Events of timelines as they stand: what they tell of messages in Slack reads as those do now."""

from typing import Any

from sqlalchemy import Label, Select, and_, or_

from db import rows
from db.gate import Gate, Row, prepared_narrow
from db.tables import incident_events
from db.thread_tables import told_messages
from incidents.model import Event


def as_they_stand(gate: Gate) -> Select[Any]:
    """Events with what the messages that they tell say now; ``event_as_it_stands`` reads its rows."""
    return gate.select_narrow(incident_events, incident_events, *_told_now()).outerjoin_from(
        incident_events, told_messages, _TELLS
    )


def prepared_as_they_stand() -> Select[Any]:
    """The same, as a prepared statement."""
    return prepared_narrow(incident_events, incident_events, *_told_now()).outerjoin_from(
        incident_events, told_messages, _TELLS
    )


def event_as_it_stands(row: Row) -> Event:
    """One of ``as_they_stand``: of a message that is gone it has no words, and its data say ``gone``."""
    event = rows.event(row)
    if row["told_is_gone"] is None:
        return event
    told = {name: value for name, value in event.data.items() if name not in _WORDS}
    return rows.event({**row, "data": {**told, **_words_now(row)}})


def _words_now(row: Row) -> dict[str, Any]:
    if row["told_is_gone"]:
        return {"gone": True}
    told: dict[str, Any] = {"text": row["told_text"]}
    told |= {"files": row["told_files"]} if row["told_files"] else {}
    told |= {"clipped": True} if row["told_is_clipped"] else {}
    return told | ({"edited": True} if row["told_edited_ts"] else {})


def _told_now() -> list[Label[Any]]:
    return [told_messages.c[name].label(f"told_{name}") for name in _NOW]


_NOW = ("text", "is_clipped", "files", "edited_ts", "is_gone")
_WORDS = ("text", "clipped", "files")
_TELLS = and_(
    told_messages.c.tenant_id == incident_events.c.tenant_id,
    told_messages.c.incident_id == incident_events.c.incident_id,
    told_messages.c.event_id == incident_events.c.id,
)

STANDS = or_(told_messages.c.is_gone.is_(None), told_messages.c.is_gone.is_(False))
"""Of ``as_they_stand``: those whose message is not gone."""
