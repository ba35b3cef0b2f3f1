"""A mark by which two things that were given the same id are told apart.

A database that was restored from a backup gives ids out again, and what it has forgotten goes on in people's Slack. So
whatever carries an id there carries this beside it.
"""

import hashlib
from datetime import datetime


def birth_mark(at: datetime, *told: str) -> str:
    """Eight hex digits of what a thing had when it began and keeps: ``at``, aware, to the microsecond, and ``told``."""
    return hashlib.sha256("\n".join((at.isoformat(), *told)).encode()).hexdigest()[:8]
