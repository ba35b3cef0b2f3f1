"""A figure and what it is measured against, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """``baseline`` is in the same unit and from the same run; ``against`` says what it is."""

    name: str
    value: float
    unit: str
    against: str
    baseline: float

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else float("inf")

    def row(self) -> tuple[str, str, str, str]:
        return (
            self.name,
            f"{_short(self.value)} {self.unit}",
            f"{self.ratio:.2f} ×",
            f"{self.against} ({_short(self.baseline)} {self.unit})",
        )


def _short(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}"


def table(figures: Sequence[Figure]) -> str:
    return lines([("figure", "value", "ratio", "to this baseline"), *(figure.row() for figure in figures)])


def lines(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([padded[0], "  ".join("-" * width for width in widths), *padded[1:]])


def middle(seconds: Sequence[float]) -> float:
    """The median in milliseconds."""
    return median(seconds) * 1000
