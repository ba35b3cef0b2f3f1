"""The audit log, as the API tells it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from incidents.audit.model import Entry
from receiver.api.models.parameters import Moment
from receiver.api.shapes import Paging, Text, Told

_Name = Annotated[Text, Field(min_length=1, max_length=128)]


class AuditQuery(Paging):
    """Which entries; what is left out limits nothing."""

    actor: _Name | None = Field(
        default=None,
        description="Who: a Slack user id, `key:` and a key's name, `cli`, `system`",
        examples=["U0ALICE"],
    )
    action: _Name | None = Field(default=None, description="What was done", examples=["incident.acknowledged"])
    subject: _Name | None = Field(default=None, description="To what", examples=["INC-12"])
    since: Moment | None = Field(default=None, description="At or after this time, with its zone")
    until: Moment | None = Field(default=None, description="Before this time, with its zone")


class AuditShape(Told):
    """What somebody changed. ``before`` and ``after`` hold the fields that differ."""

    id: int
    seq: int | None = Field(description="Its place in the chain of hashes; null: it waits to be sealed")
    at: datetime
    actor: str = Field(description="Who: a Slack user id, `key:` and a key's name, `cli`, `system`")
    via: str = Field(description='The API key that acted for them; "": they acted themselves')
    origin: str = Field(
        description="Where from: `slack`, `api` and an address, `cli`, `file`, `system`", examples=["api 203.0.113.7"]
    )
    action: str = Field(description="What was done", examples=["incident.acknowledged"])
    subject: str = Field(description="To what", examples=["INC-12"])
    incident_id: int | None
    event_id: int | None = Field(description="Of the entry of the incident's timeline that tells the same")
    before: dict[str, Any] | None = Field(description="Null: there was nothing, or it is not known")
    after: dict[str, Any] | None
    data: dict[str, Any] | None = Field(description="What was said besides, such as a reason")
    hash: str | None = Field(description="Null: it waits to be sealed")

    @classmethod
    def of(cls, entry: Entry) -> "AuditShape":
        told, seal = entry.told, entry.seal
        same = {name: getattr(told, name) for name in cls.model_fields if name not in {"id", "seq", "hash"}}
        return cls(id=entry.id, seq=seal.seq if seal else None, hash=seal.hash if seal else None, **same)
