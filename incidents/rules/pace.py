"""May one more call go to Slack now? One each interval, with a burst that people's clicks get the larger share of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.outbox import Priority


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast Slack lets one through: one each ``interval``, and up to ``burst`` ahead of that by priority."""

    interval: timedelta
    burst: Mapping[Priority, timedelta]

    def allows(self, busy_until: datetime | None, *, now: datetime, priority: Priority) -> bool:
        return busy_until is None or busy_until - now <= self.burst.get(priority, timedelta(0))

    def after_one(self, busy_until: datetime | None, *, now: datetime) -> datetime:
        """Until when the way is busy after one more."""
        return max(now, busy_until or now) + self.interval


POSTS = Pace(interval=timedelta(seconds=1.1), burst={})
"""chat.postMessage, per channel: one a second, and a little more room since two processes' calls jitter.

Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

UPDATES = Pace(
    interval=timedelta(seconds=1.2),
    burst={
        Priority.ESCALATION: timedelta(seconds=24),
        Priority.CRITICAL_CARD: timedelta(seconds=24),
        Priority.CLICK: timedelta(seconds=24),
        Priority.UPDATE: timedelta(seconds=12),
    },
)
"""chat.update, per workspace: tier 3 is 50 a minute with short bursts. Half of the burst is kept for clicks."""

READS = Pace(interval=timedelta(seconds=1.5), burst={priority: timedelta(seconds=15) for priority in Priority})
"""conversations.history and .replies, per workspace: tier 3 again, of which others need a share, too."""

HOMES = Pace(
    interval=timedelta(seconds=0.7),
    burst={Priority.CLICK: timedelta(seconds=14), Priority.UPDATE: timedelta(seconds=7)},
)
"""views.publish, per workspace: tier 4 is 100 a minute with short bursts.

Half of the burst is kept for people who look at theirs.
"""
