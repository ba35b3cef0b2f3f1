"""What a dashboard is declared with. No query runs here, and nothing of Grafana's is needed to read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from dashboards.build.queries import Query

NO_DATA = "no data"
"""Told where a figure has nothing to be made from: that is never 0."""


class Kind(Enum):
    """How a panel draws what its query answers."""

    STAT = auto()
    """Each column as one big number."""
    LINES = auto()
    """Values over time."""
    BARS = auto()
    """Values over time, stacked."""
    RANKED = auto()
    """The first column names a bar, the others are how long it is."""
    TABLE = auto()
    GRID = auto()
    """A table of numbers, the greater the darker."""


@dataclass(frozen=True)
class Column:
    """How a column (or series) of that name is told. ``link``: where a click goes; it may name values of the row,
    as ``${__data.fields.name}``.

    ``steps``: by the least value from which on it holds, the colour; None stands for all that is less.
    ``colours``: by text. ``no_value``: what an empty cell says, if something else than the panel's.
    """

    unit: str = ""
    decimals: int | None = None
    link: str = ""
    hidden: bool = False
    width: int = 0
    steps: Mapping[float | None, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    colour: str = ""
    no_value: str = ""


@dataclass(frozen=True)
class Panel:
    """``description`` states the definition. ``unit`` is Grafana's name of it. ``width`` is of 24, ``height`` of rows.

    ``steps`` colours values, see :class:`Column`; ``columns`` says by name what is told otherwise.
    """

    title: str
    description: str
    query: Query | Sequence[Query]
    kind: Kind
    unit: str = "short"
    width: int = 6
    height: int = 4
    decimals: int | None = None
    least: float | None = None
    most: float | None = None
    steps: Mapping[float | None, str] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)
    no_value: str = NO_DATA

    @property
    def queries(self) -> Sequence[Query]:
        return [self.query] if isinstance(self.query, Query) else list(self.query)


@dataclass(frozen=True)
class Row:
    """Panels below one heading, placed from left to right. ``collapsed``: shown once somebody opens it."""

    title: str
    panels: Sequence[Panel]
    collapsed: bool = False


@dataclass(frozen=True)
class Choice:
    """A variable that people choose several values of. ``query`` answers them; ``values`` are fixed ones.

    ``default`` "": there is All, which is chosen at first. Otherwise there is no such thing, and it is that value.
    """

    name: str
    label: str
    query: str = ""
    values: Sequence[str] = ()
    default: str = ""


@dataclass(frozen=True)
class Pick:
    """A variable of exactly one of some fixed values. ``default`` is one of them."""

    name: str
    label: str
    values: Sequence[str]
    default: str
    description: str = ""


@dataclass(frozen=True)
class Hidden:
    """A constant that nobody sees, and that whoever sets the dashboard up may change."""

    name: str
    value: str


Variable = Choice | Pick | Hidden


@dataclass(frozen=True)
class Board:
    """A dashboard. ``file`` is the name of its JSON; ``source``: the type of its data source."""

    uid: str
    title: str
    description: str
    file: str
    source: str
    rows: Sequence[Row]
    variables: Sequence[Variable] = ()
    tags: Sequence[str] = ("bongsu",)
    since: str = "now-7d"
    refresh: str = "1m"

    @property
    def panels(self) -> Sequence[Panel]:
        return [panel for row in self.rows for panel in row.panels]
