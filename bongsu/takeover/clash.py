"""Their tables are called as ours are: so they must not be mistaken for ours."""

from bongsu.takeover.source import FROM, Shape, Source
from db import foreign
from incidents.errors import InvalidInput

ALERTS, INCIDENTS = foreign.NAMES


async def found(source: Source, name: str, *, is_sqlite: bool) -> Shape | None:
    """The table with this name; None: there is none. Raises InvalidInput where it is Bongsu's own."""
    shape = await source.shape(name)
    if shape is None or not foreign.is_ours(shape.columns):
        return shape
    what = f"{name!r} there is Bongsu's own, not the other tool's"
    if others := [one for one in await source.tables() if one.startswith(foreign.RENAMED)]:
        raise InvalidInput(FROM, f"{what}: name {' and '.join(others)} by --alerts-table and --incidents-table")
    do = foreign.renaming(foreign.NAMES, is_sqlite=is_sqlite)
    raise InvalidInput(FROM, f"{what}. Name their database by --from; where that is to be this one, {do}")
