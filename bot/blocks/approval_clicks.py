"""What the buttons and the form of a request for a second person carry."""

import json
from dataclasses import dataclass
from enum import StrEnum

_LARGEST_ID = 2**63 - 1


class ApprovalAction(StrEnum):
    """The ``action_id`` of what can be pressed. These names never change."""

    APPROVE = "approval_approve"
    DECLINE = "approval_decline"
    WITHDRAW = "approval_withdraw"


@dataclass(frozen=True, slots=True)
class Request:
    """Which request is meant, and the number of its incident. ``birth`` "": of a message that is older than marks."""

    approval_id: int
    number: int
    birth: str = ""

    @property
    def name(self) -> str:
        return f"INC-{self.number}"


def request_value(request: Request) -> str:
    told = {"approval": request.approval_id, "number": request.number, "birth": request.birth}
    return json.dumps(told, separators=(",", ":"))


def read_request(value: str) -> Request | None:
    """None: no button of ours, or of a version that we don't know."""
    try:
        told = json.loads(value)
        request = Request(int(told["approval"]), int(told["number"]), str(told.get("birth", "")))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return request if 0 < request.approval_id <= _LARGEST_ID else None
