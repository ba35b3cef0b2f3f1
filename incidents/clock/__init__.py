"""What becomes due by itself: the clock's use case. What is due stands in the database, and is done exactly once."""

from incidents.clock.look import look_at_due

__all__ = ["look_at_due"]
