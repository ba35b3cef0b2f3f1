"""Why a request for a second person was not made or not decided. They belong to the tree in ``incidents.errors``."""

from datetime import datetime
from enum import Enum

from incidents.approvals.model import Approval, Outcome, Wanted
from incidents.errors import BongsuError, Refused


class ApprovalNotFound(BongsuError):
    """No request has that id, or it was deleted with its incident."""

    def __init__(self, approval_id: int) -> None:
        super().__init__(f"There is no approval {approval_id}.")
        self.approval_id = approval_id


class ApprovalRefused(Refused):
    """All of what follows."""


class AlreadyAsked(ApprovalRefused):
    """A request stands: that one is to be decided first."""

    def __init__(self, approval: Approval) -> None:
        super().__init__(
            f"{approval.name} waits for a second person already: {approval.asked_by} has asked. "
            f"Let approval {approval.id} be decided first: who asked withdraws it, others approve or decline. "
            "Nothing was changed."
        )
        self.name, self.by, self.until = approval.name, approval.asked_by, approval.until
        self.wanted: Wanted = approval.wanted


class ApprovalOver(ApprovalRefused):
    """Somebody, or something, was faster. ``by`` None: nobody; ``at``: when it ended."""

    def __init__(self, approval: Approval, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or approval.outcome
        super().__init__(f"That request on {approval.name} is over ({self.outcome.value}), so nothing was changed.")
        self.name, self.by = approval.name, approval.decided_by
        self.at: datetime | None = approval.decided_at


class NothingAsked(ApprovalRefused):
    """No request of that incident waits for anybody."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not waiting for a second person.")
        self.name = name


class NotSecondBecause(Enum):
    SAME_PERSON = "who asked can't be the second person, too"
    SAME_KEY = "the API key by which it was asked can't be used for the second person, too"


class NotSecond(ApprovalRefused):
    """Who approves must be another than who asked, and come by another way."""

    def __init__(self, name: str, why: NotSecondBecause) -> None:
        super().__init__(f"{name} was not closed: {why.value}. Somebody else must approve it.")
        self.name, self.why = name, why


class NotTheirs(ApprovalRefused):
    """Only who asked can withdraw; anybody else declines. ``by`` asked."""

    def __init__(self, name: str, by: str) -> None:
        super().__init__(f"Only {by}, who asked, can withdraw the request on {name}. Decline it instead.")
        self.name, self.by = name, by


class AskedYourself(ApprovalRefused):
    """Who asked has nothing to decline: they withdraw."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The request on {name} is your own: withdraw it instead.")
        self.name = name
