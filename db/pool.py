"""A pool of connections that says who waits for one."""

import time
from collections.abc import Callable

from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection


class WatchedPool(AsyncAdaptedQueuePool):
    """``waiting`` is how many wait right now: until one is free, is opened, or is found to be alive.

    ``waited`` is told how long each did, in seconds, whether or not it got one.
    """

    _sqla_logger_namespace = "sqlalchemy.pool.WatchedPool"
    """It says what SQLAlchemy's own pools say, under their name."""
    waiting = 0
    waited: Callable[[float], None] = staticmethod(lambda _: None)

    def connect(self) -> PoolProxiedConnection:
        self.waiting += 1
        began = time.perf_counter()
        try:
            return super().connect()
        finally:
            self.waiting -= 1
            self.waited(time.perf_counter() - began)
