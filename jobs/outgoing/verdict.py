"""What a receiver's answer, or its absence, means for the call. Pure.

Sources: https://developer.pagerduty.com/docs/events-api-v2-overview/#response-codes--retry-logic,
https://docs.opsgenie.com/docs/response, https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from jobs.outgoing.call import Answer

LONGEST = timedelta(hours=6)
"""After the first try; what has not gone out by then is given up."""
TOLD_AFTER = timedelta(minutes=5)
"""After the first try: who runs Bongsu hears of it."""
_LATER = frozenset({408, 425, 429})
_LONGEST_WAIT = timedelta(minutes=5)
_LONGEST_ASKED_WAIT = timedelta(hours=1)
_LONGEST_SAID = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """``code`` names it in metrics. ``retry_after``: as the receiver asked, None: it asked for nothing."""

    why: str
    code: str
    is_final: bool = False
    retry_after: timedelta | None = None


def judge(answer: Answer, *, now: datetime) -> Failure | None:
    """None: it has taken it."""
    if answer.is_success:
        return None
    code = f"http_{answer.status}"
    if answer.status in _LATER or answer.status >= 500:
        return Failure(in_words(answer), code, retry_after=_retry_after(answer, now))
    return Failure(in_words(answer), code, is_final=True)


def in_words(answer: Answer) -> str:
    """``it answered 400: invalid event``."""
    said = " ".join("".join(char if char.isprintable() else " " for char in answer.text).split())
    return f"it answered {answer.status}: {said[:_LONGEST_SAID]}" if said else f"it answered {answer.status}"


def wait_after(failure: Failure, *, attempts: int, began_at: datetime, now: datetime) -> timedelta | None:
    """How long to wait after the ``attempts``-th try, 1 s and then twice as long each time; None: it is given up."""
    if failure.is_final:
        return None
    wait = min(timedelta(seconds=2 ** min(attempts - 1, 30)), _LONGEST_WAIT)
    if failure.retry_after is not None:
        wait = max(wait, failure.retry_after)
    return None if now + wait > began_at + LONGEST else wait


def _retry_after(answer: Answer, now: datetime) -> timedelta | None:
    """In seconds, or as a date."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdecimal():
        return min(timedelta(seconds=int(told[:9])), _LONGEST_ASKED_WAIT)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), _LONGEST_ASKED_WAIT)
