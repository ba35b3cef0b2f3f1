"""A figure and what it is measured against, and the table of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Mark:
    """What a figure is to reach."""

    text: str
    is_reached_by: Callable[["Figure"], bool]


def at_least(ratio: float) -> Mark:
    return Mark(f"≥ {ratio} ×", lambda figure: figure.ratio >= ratio)


def at_most(value: float, unit: str) -> Mark:
    return Mark(f"≤ {value:g} {unit}", lambda figure: figure.value <= value)


@dataclass(frozen=True, slots=True)
class Figure:
    """``baseline`` is in the same unit and from the same run; ``against`` says what it is. Not all have a mark."""

    name: str
    value: float
    unit: str
    against: str
    baseline: float
    mark: Mark | None = None

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else float("inf")

    def row(self) -> tuple[str, ...]:
        return (
            self.name,
            f"{_short(self.value)} {self.unit}",
            f"{self.ratio:.2f} ×",
            f"{self.against} ({_short(self.baseline)} {self.unit})",
            *self._judged(),
        )

    def _judged(self) -> tuple[str, str]:
        if self.mark is None:
            return "", ""
        return self.mark.text, "reached" if self.mark.is_reached_by(self) else "missed"


def _short(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}"


def table(figures: Sequence[Figure]) -> str:
    headings = ("figure", "value", "ratio", "to this baseline", "mark", "")
    return lines([headings, *(figure.row() for figure in figures)])


def lines(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([padded[0], "  ".join("-" * width for width in widths), *padded[1:]])


def middle(seconds: Sequence[float]) -> float:
    """The median in milliseconds."""
    return median(seconds) * 1000
