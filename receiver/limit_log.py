"""What limits have cut, in the log: the first time, and then once a minute at most."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from incidents.policy import Limit

logger = logging.getLogger(__name__)

QUIET_SECONDS = 60.0
MOST_REMEMBERED = 1000
"""Limits and rules that are told apart within a minute. Of more the metrics alone tell: a log has its limits, too."""

_LONGEST_RULE = 64


@dataclass(slots=True)
class _Told:
    """``at``: monotonic seconds. ``since`` counts what was cut and not told."""

    at: float
    since: int = 0


class LimitLog:
    """``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[tuple[Limit, str], _Told] = {}

    def tell(self, limited: Mapping[tuple[Limit, str], int], source: str) -> None:
        """These were cut of one delivery."""
        for (limit, rule_uid), count in limited.items():
            self._tell(limit, rule_uid[:_LONGEST_RULE], count, source)

    def _tell(self, limit: Limit, rule_uid: str, count: int, source: str) -> None:
        now, known = self._clock(), self._told.get((limit, rule_uid))
        if known is not None and now - known.at < QUIET_SECONDS:
            known.since += count
            return
        if known is None and len(self._told) >= MOST_REMEMBERED:
            self._forget(now)
            if len(self._told) >= MOST_REMEMBERED:
                return
        cut = count + (known.since if known is not None else 0)
        self._told[limit, rule_uid] = _Told(now)
        facts = {"action": "limited", "limit": limit.value, "rule_uid": rule_uid, "source": source, "count": cut}
        logger.warning("the limit %s was reached: all alerts are stored, %s cut", limit.value, cut, extra=facts)

    def _forget(self, now: float) -> None:
        self._told = {name: told for name, told in self._told.items() if now - told.at < QUIET_SECONDS}
