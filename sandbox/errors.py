"""What can go wrong, as one small tree."""

from typing import Any


class SandboxError(Exception):
    """The sandbox cannot start; the message says why in one line."""


class SlackError(Exception):
    """A refusal in Slack's words: `error` and what Slack answers beside it."""

    def __init__(self, error: str, **beside: Any) -> None:
        super().__init__(error)
        self.error = error
        self.beside = beside

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.beside}


class RateLimited(SlackError):
    """HTTP 429; `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class Refused(Exception):
    """A control call that asks for something impossible: HTTP status and why."""

    def __init__(self, status: int, reason: str, **beside: Any) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.beside = beside
