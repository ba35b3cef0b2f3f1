"""What a database's error means for the transaction: run it again at once, wait for the database, or give up."""

from enum import Enum

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from incidents.errors import Conflict, OlderDatabase

# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
# 1412: somebody has changed a table since the transaction began. 1317: Galera has cut a statement off, as what another
# node has committed comes first. 3101: the same at COMMIT, of MySQL's group replication.
_COLLISION = frozenset({1213, 1205, 1020, 1412, 1317, 3101})
_AWAY = frozenset({
    1040, 1041, 1158, 1159, 1160, 1161, 1184, 1203, 1226,
    2002, 2003, 2005, 2006, 2012, 2013, 2014, 2055, 3024, 3169, 4031,
})  # fmt: skip
# The server has become read-only, goes down, or has left its Galera cluster (1047, 1180 at COMMIT) or its replication
# group (3100): what this connection is told now, every other one to that server will be told.
_LOST = frozenset({1047, 1053, 1077, 1079, 1180, 1290, 1792, 1836, 1874, 1927, 3100})
# Wrong credentials and missing tables are somebody's mistake, but one that is mended while we run.
_NOT_READY = frozenset({1044, 1045, 1049, 1054, 1129, 1130, 1142, 1146, 1698})
_FULL = frozenset({1021, 1114})
_NO_TABLE = 1146
_DUPLICATE = 1062


class Fault(Enum):
    """``COLLISION``: others were in the way, again at once. ``AWAY``: again when it is back. ``OURS``: a mistake."""

    COLLISION = "collision"
    AWAY = "away"
    OURS = "ours"


def classify(error: BaseException) -> Fault:
    """1205 rolls back only its statement, so whoever runs the work again must first roll back all of it."""
    if isinstance(error, Conflict):
        return Fault.COLLISION
    if isinstance(error, OlderDatabase | PoolTimeout | TimeoutError | OSError | EOFError):
        return Fault.AWAY
    if not isinstance(error, DBAPIError):
        return Fault.OURS
    if error.connection_invalidated:
        return Fault.AWAY
    code = _code(error.orig)
    if code in _COLLISION or (isinstance(error, IntegrityError) and _is_duplicate(error, code)):
        return Fault.COLLISION
    if code in _AWAY | _LOST | _NOT_READY | _FULL or _sqlite_is_away(error):
        return Fault.AWAY
    return Fault.OURS


def is_lost(error: BaseException) -> bool:
    """Whether a driver's error says that its connection, and all others to that server, are of no use any more."""
    return _code(error) in _LOST


def is_missing_table(error: DBAPIError) -> bool:
    return _code(error.orig) == _NO_TABLE or "no such table" in str(error.orig)


def _code(error: BaseException | None) -> int | None:
    arguments = getattr(error, "args", ())
    first = arguments[0] if arguments else None
    return first if isinstance(first, int) else None


def _is_duplicate(error: IntegrityError, code: int | None) -> bool:
    return code == _DUPLICATE or "UNIQUE constraint failed" in str(error.orig)


def _sqlite_is_away(error: DBAPIError) -> bool:
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    said = str(error.orig)
    return any(words in said for words in _SQLITE_AWAY)


_SQLITE_AWAY = (
    "is locked", "is full", "disk I/O error", "unable to open", "is closed", "readonly database",
    "no such table", "no such column", "has no column",
)  # fmt: skip
