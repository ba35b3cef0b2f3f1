"""Slack workspaces and how they become a tenant's.

What Slack brings names a workspace, and a browser brings a secret: whose they are is what is asked here. So these
statements look at all tenants, and none of them is reached by what a person of a tenant can say.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.gate import Gate, Row
from db.workspace_tables import slack_invitations, slack_workspaces
from incidents.tenants.errors import AnotherWorkspace, InvitationOver, WorkspaceTaken
from incidents.tenants.workspaces import INVITED_FOR, SlackWorkspace


class WorkspaceQueries:
    """Implements ``incidents.tenants.workspaces.SlackWorkspaces``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def all(self) -> list[SlackWorkspace]:
        return [_workspace(row) for row in await self._gate.prepared_rows(_all())]

    async def invite(self, digest: str) -> datetime:
        expires_at = self._gate.now + INVITED_FOR
        await self._gate.execute(self._gate.delete(slack_invitations))
        await self._gate.insert_one(slack_invitations, digest=digest, expires_at=expires_at)
        return expires_at

    async def invited(self, digest: str) -> int:
        return int((await self._invitation(slack_invitations.c.digest == digest))["tenant_id"])

    async def begin(self, digest: str, state: str) -> None:
        row = await self._invitation(slack_invitations.c.digest == digest)
        this = update(slack_invitations).where(slack_invitations.c.id == row["id"])
        await self._gate.execute(this.values(state=state))

    async def check(self, state: str, slack_id: str, name: str) -> int:
        invitation = await self._invitation(slack_invitations.c.state == state)
        tenant_id = int(invitation["tenant_id"])
        for workspace in await self.all():
            if workspace.slack_id == slack_id and workspace.tenant_id != tenant_id:
                raise WorkspaceTaken(name)
            if workspace.tenant_id == tenant_id and workspace.slack_id != slack_id and not workspace.is_gone:
                raise AnotherWorkspace(workspace.name)
        return tenant_id

    async def connect(self, state: str, slack_id: str, name: str) -> int:
        tenant_id = await self.check(state, slack_id, name)
        used = update(slack_invitations).where(
            slack_invitations.c.state == state, slack_invitations.c.used_at.is_(None)
        )
        if not await self._gate.changed(used.values(used_at=self._gate.now)):
            raise InvitationOver
        told = {"tenant_id": tenant_id, "slack_id": slack_id, "name": name, "installed_at": self._gate.now}
        await self._gate.execute(delete(slack_workspaces).where(slack_workspaces.c.tenant_id == tenant_id))
        try:
            await self._gate.execute(insert(slack_workspaces).values(**told))
        except IntegrityError as error:
            raise WorkspaceTaken(name) from error
        return tenant_id

    async def gone(self, slack_id: str, *, why: str, at: datetime) -> bool:
        this = update(slack_workspaces).where(
            slack_workspaces.c.slack_id == slack_id,
            slack_workspaces.c.gone_at.is_(None),
            slack_workspaces.c.installed_at <= at,
        )
        return bool(await self._gate.changed(this.values(gone_at=at, gone_why=why)))

    async def _invitation(self, which: ColumnElement[bool]) -> Row:
        """Raises InvitationOver."""
        statement = select(slack_invitations).where(which)
        row = await self._gate.row(statement)
        if row is None or row["used_at"] is not None or row["expires_at"] <= self._gate.now:
            raise InvitationOver
        return row


@cache
def _all() -> Select[Any]:
    return select(slack_workspaces).order_by(slack_workspaces.c.tenant_id)


def _workspace(row: Row) -> SlackWorkspace:
    told = {name: row[name] for name in ("tenant_id", "slack_id", "name", "installed_at", "gone_at", "gone_why")}
    return SlackWorkspace(**told)
