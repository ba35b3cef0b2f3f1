"""What our pool says in the log."""

import sqlite3

from db.pool import WatchedPool


def test_it_speaks_below_sqlalchemy_whose_details_are_held_back() -> None:
    pool = WatchedPool(lambda: sqlite3.connect(":memory:"))
    assert pool.logger.name.split(".")[0] == "sqlalchemy"
