"""A request for a second person, as the API tells it."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from incidents.approvals.deciding import LONGEST_REASON
from incidents.approvals.model import Approval, Outcome, Wanted
from receiver.api.models.incident import IncidentRef
from receiver.api.shapes import Asked, Paging, Text, Told


class ApprovalStatus(StrEnum):
    OPEN = "open"
    PAST = "past"


class ApprovalPath(Asked):
    approval: int = Field(ge=1, le=2**63 - 1, description="The approval's `id`", examples=[1])


class ApprovalQuery(Paging):
    status: ApprovalStatus | None = Field(
        default=None, description="`open`: those that wait for a second person. `past`: all others"
    )
    incident: IncidentRef | None = Field(default=None, description="Only those of this incident: `INC-12`, or its `id`")


class DeclineBody(Asked):
    reason: Text = Field(
        default="", max_length=LONGEST_REASON, description="Why not: everybody sees it in the incident's thread"
    )


class ApprovalShape(Told):
    """What somebody wants to do to an incident, which takes a second person."""

    id: int
    incident_id: int
    incident: str = Field(description="What people call it", examples=["INC-12"])
    wanted: Wanted = Field(description="What was asked for, and is done once somebody approves it")
    words: str = Field(description="The note or reason that goes with it")
    asked_by: str = Field(description="A Slack user id, or an API key: `key:ci`")
    asked_via: str | None = Field(description="The API key that acted for them")
    asked_at: datetime
    until: datetime = Field(description="Without an answer by then nothing happens: the incident stays as it is")
    outcome: Outcome = Field(
        description="`lapsed`: nobody answered in time. `overtaken`: something else came first, such as a recovery"
    )
    decided_by: str | None = Field(description="null: nobody; it is open, or ended by itself")
    decided_via: str | None = Field(description="The API key that acted for them")
    decided_at: datetime | None = Field(description="When it ended, however")
    reason: str = Field(description="Why it was declined")

    @classmethod
    def of(cls, approval: Approval) -> "ApprovalShape":
        own = {name: getattr(approval, name) for name in cls.model_fields if name not in _DERIVED}
        return cls(
            **own,
            incident=approval.name,
            asked_via=approval.asked_via or None,
            decided_via=approval.decided_via or None,
        )


_DERIVED = frozenset({"incident", "asked_via", "decided_via"})
