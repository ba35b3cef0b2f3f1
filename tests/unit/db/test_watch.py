"""What is logged of a slow statement."""

import pytest

from db.watch import without_values


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT a,\n   b\nFROM t\tWHERE c = ?", "SELECT a, b FROM t WHERE c = ?"),
        ("SELECT a FROM t WHERE b IN (%s, %s, %s) AND c = %s", "SELECT a FROM t WHERE b IN (%s, …) AND c = %s"),
        ("INSERT INTO t VALUES (?,?,?)", "INSERT INTO t VALUES (?, …)"),
        ("x" * 2001, "x" * 2000 + "…"),
    ],
)
def test_it_is_one_line_that_a_log_can_take(statement: str, told: str) -> None:
    assert without_values(statement) == told
