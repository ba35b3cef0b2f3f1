"""What an answer of Slack's, or its absence, means for the message. Pure.

Source: the error lists of https://docs.slack.dev/reference/methods/chat.postMessage and chat.update
"""

from dataclasses import dataclass
from enum import Enum

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
STANDS = frozenset({"cant_update_message", "edit_window_closed"})
"""Of those: the message is there, but can't be changed any more."""
_NO_PLACE = frozenset({
    "channel_not_found", "is_archived", "not_in_channel", "restricted_action", "channel_type_not_supported",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
})  # fmt: skip
_UNSHOWABLE = frozenset({
    "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "block_mismatch",
    "too_many_attachments", "invalid_attachments", "invalid_metadata_format", "metadata_too_large",
})  # fmt: skip
_LOCKED_OUT = frozenset({
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
    "no_permission", "org_login_required", "team_access_not_granted", "access_denied", "ekm_access_denied",
})  # fmt: skip
_UNSAID = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


class TooEarly(SlackClientError):
    """Slack has said "not before": this call was not made. ``wait`` in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"slack wants no such call for {wait:.1f} s")
        self.wait = wait


class Verdict(Enum):
    """What to do about a call that did not succeed."""

    SLOW_DOWN = "slow_down"
    GONE = "gone"
    NO_PLACE = "no_place"
    UNSHOWABLE = "unshowable"
    LOCKED_OUT = "locked_out"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """``code`` is Slack's error or the exception's name; ``retry_after`` in seconds, 0 where Slack named none."""

    verdict: Verdict
    code: str
    retry_after: float = 0.0


def judge(error: Exception) -> Failure:
    """``UNKNOWN`` means that Slack may have done it: nobody may simply do it again."""
    if isinstance(error, TooEarly):
        return Failure(Verdict.SLOW_DOWN, "ratelimited", error.wait)
    if isinstance(error, SlackApiError):
        return _judge_answer(error)
    sent = not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return Failure(Verdict.UNKNOWN if sent else Verdict.NOT_SENT, type(error).__name__)


def _judge_answer(error: SlackApiError) -> Failure:
    status: int = getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0)
    code = _code(error)
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Failure(Verdict.SLOW_DOWN, "ratelimited", _retry_after(error))
    if status >= 500 or code is None or code in _UNSAID:
        return Failure(Verdict.UNKNOWN, code or f"http_{status}")
    for codes, verdict in _VERDICTS:
        if code in codes:
            return Failure(verdict, code)
    return Failure(Verdict.REFUSED, code)


_VERDICTS = (
    (_GONE, Verdict.GONE),
    (_NO_PLACE, Verdict.NO_PLACE),
    (_UNSHOWABLE, Verdict.UNSHOWABLE),
    (_LOCKED_OUT, Verdict.LOCKED_OUT),
)


def _code(error: SlackApiError) -> str | None:
    """Slack's error code; None where the answer was no answer of its API (an HTML page, say)."""
    data = getattr(error.response, "data", None)
    told = data.get("error") if isinstance(data, dict) else None
    return told if isinstance(told, str) else None


def _retry_after(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in getattr(error.response, "headers", {}).items()}
    told = str(headers.get("retry-after", ""))
    return float(told) if told.isdigit() else 1.0
