"""Tables of another tool that are called as ours are: what to do where both are to be in one database."""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect

from incidents.errors import ForeignTables

NAMES = ("grafana_alerts", "incidents")
RENAMED = "prototype_"
_OURS = "tenant_id"
"""Every table of ours has it, and so has the view ``grafana_alerts``."""


def is_ours(columns: Sequence[str]) -> bool:
    return _OURS in columns


def refuse(connection: Connection) -> None:
    """Before the first migration. Raises ForeignTables."""
    found = inspect(connection)
    there = [name for name in NAMES if name in {*found.get_table_names(), *found.get_view_names()}]
    foreign = [name for name in there if not is_ours([one["name"] for one in found.get_columns(name)])]
    if foreign:
        raise ForeignTables(foreign, renaming(foreign, is_sqlite=connection.dialect.name == "sqlite"))


def renaming(names: Sequence[str], *, is_sqlite: bool) -> str:
    """How to make room for ours. SQLite's indexes keep their names, which may be ours, too: there a file is better."""
    if is_sqlite:
        return (
            "give Bongsu a file of its own in BONGSU_DATABASE_URL, and name this one in `bongsu import --from` "
            "afterwards"
        )
    pairs = ", ".join(f"{name} TO {RENAMED}{name}" for name in names)
    tables = " ".join(f"{option} {RENAMED}{name}" for name, option in _OPTIONS.items() if name in names)
    return (
        "give Bongsu a database of its own, or stop the other tool and run `RENAME TABLE "
        f"{pairs};` there, then `bongsu migrate`, then `bongsu import {tables}`"
    )


_OPTIONS = {"grafana_alerts": "--alerts-table", "incidents": "--incidents-table"}
