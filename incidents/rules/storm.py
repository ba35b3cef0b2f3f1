"""Is it a storm? Above so many new incidents a minute one roll-up stands for their cards, until it calms."""

from datetime import datetime

from incidents.policy import StormPolicy


def begins(count: int, policy: StormPolicy) -> bool:
    """``count``: the new incidents of one channel within a minute."""
    return not policy.is_off and count > policy.above


def is_over(hot_at: datetime, policy: StormPolicy, *, now: datetime) -> bool:
    """``hot_at``: when the rate was last above the limit. Where storms were turned off, none goes on."""
    return policy.is_off or now - hot_at >= policy.calm
