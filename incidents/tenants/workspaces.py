"""Which workspace of Slack is which tenant's, and how one is connected."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

INVITED_FOR = timedelta(hours=48)
"""How long an address is good for by which a workspace is connected."""


@dataclass(frozen=True, slots=True)
class SlackWorkspace:
    """``slack_id``: the workspace's (T…), or the organisation's (E…) where Bongsu is installed in all of it.

    ``gone_at``: since when Slack does not let us in any more, ``gone_why`` its word for that; None: it does.
    """

    tenant_id: int
    slack_id: str
    name: str
    installed_at: datetime
    gone_at: datetime | None = None
    gone_why: str | None = None

    @property
    def is_gone(self) -> bool:
        return self.gone_at is not None


def new_token() -> str:
    """A secret that stands in an address. Only its digest is kept."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class SlackWorkspaces(Protocol):
    """But for ``invite`` all of it is asked of all tenants: what Slack brings does not say whose it is."""

    async def all(self) -> list[SlackWorkspace]:
        """Those that are gone, too."""

    async def invite(self, digest: str) -> datetime:
        """Of the unit of work's own tenant. Until when it is good; older ones are no more from now on."""

    async def invited(self, digest: str) -> int:
        """The id of the tenant. Raises InvitationOver."""

    async def begin(self, digest: str, state: str) -> None:
        """Somebody has come by this address; Slack brings ``state`` back. Raises InvitationOver."""

    async def check(self, state: str, slack_id: str, name: str) -> int:
        """The id of the tenant whose this workspace may become.

        Raises InvitationOver, WorkspaceTaken, AnotherWorkspace.
        """

    async def connect(self, state: str, slack_id: str, name: str) -> int:
        """The same, and now it is; the address is used. Raises the same."""

    async def gone(self, slack_id: str, *, why: str, at: datetime) -> bool:
        """Slack has removed us then. False: it is nobody's, or was connected since."""
