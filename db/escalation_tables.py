"""The table of planned escalation steps. It belongs to the metadata of all others."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from db.tables import metadata
from db.types import BigInt, UtcDateTime

escalation_steps = Table(
    "escalation_steps",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("tenant_id", BigInt, nullable=False),
    Column("incident_id", BigInt, ForeignKey("incidents.id"), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("step", Integer, nullable=False, comment="counts all of the episode, from 1"),
    Column("timer", String(16), nullable=False, comment="page, ask_owner, still_open"),
    Column("policy", String(64), nullable=False, comment="its name in bongsu.yaml"),
    Column("position", Integer, nullable=False, comment="the step of the policy, from 1; 0: it is no page"),
    Column("round", Integer, nullable=False, comment="from 1; 0: it is no page"),
    Column("began_at", UtcDateTime, nullable=False, comment="when the round did"),
    Column("planned_for", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, comment="NULL: nothing to do any more"),
    Column("state", String(16), nullable=False, comment="planned, done, cancelled"),
    Column("done_at", UtcDateTime),
    Column("reason", String(32), comment="why it was cancelled, or done before its time"),
    Column("event_id", BigInt, comment="what tells it on the timeline"),
    Column("told_in_id", BigInt, comment="the row of outbox whose message tells it with others"),
    UniqueConstraint("tenant_id", "incident_id", "episode", "step", name="uq_escalation_steps_step"),
    Index("ix_escalation_steps_due_at", "tenant_id", "due_at"),
    Index("ix_escalation_steps_told_in_id", "tenant_id", "told_in_id"),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
)
