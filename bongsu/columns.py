"""A table for a terminal: one line each, columns as wide as their widest cell, the last one as it is."""

from collections.abc import Collection, Sequence


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Collection[int] = ()) -> str:
    """The cells are one line each, without control characters. ``numbers``: which columns stand at their right."""
    told = [headings, *rows]
    widths = [max(len(row[column]) for row in told) for column in range(len(headings) - 1)]
    return "".join(f"{_laid_out(row, widths, numbers)}\n" for row in told)


def _laid_out(row: Sequence[str], widths: Sequence[int], numbers: Collection[int]) -> str:
    cells = [
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=False))
    ]
    return "  ".join([*cells, row[-1]]).rstrip()
