"""Where requests for a second person are kept. ``db`` implements it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from incidents.actor import Actor
from incidents.approvals.model import Approval, NewApproval, Outcome


class Approvals(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def add(self, new: NewApproval) -> None:
        """The incident is locked. The database itself refuses a second open one of the same incident."""

    async def get(self, approval_id: int) -> Approval:
        """Raises ApprovalNotFound."""

    async def lock(self, approval_id: int) -> Approval:
        """The same, locked until the transaction ends; after its incident. Raises ApprovalNotFound."""

    async def open_of(self, incident_id: int) -> Approval | None:
        """The open one of this incident, None: there is none."""

    async def open_from(self, asked_by: str) -> Sequence[Approval]:
        """The open ones that this one has asked for, by ``str(Actor)``, the oldest first. Takes no lock."""

    async def told_by(self, incident_id: int, event_id: int) -> Approval | None:
        """The one that this event of the incident tells."""

    async def end(self, approval_id: int, outcome: Outcome, *, by: Actor | None, reason: str = "") -> None:
        """It is not open any more. ``by`` None: nobody has decided it."""

    async def page(
        self,
        *,
        is_open: bool | None,
        incident_id: int | None,
        before: tuple[datetime, int] | None,
        limit: int,
    ) -> Sequence[Approval]:
        """The newest first, by (asked_at, id) ``before`` that. ``is_open`` None: open and past ones."""
