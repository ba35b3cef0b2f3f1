"""How grave is an alert?"""

import pytest

from incidents.model import Severity
from incidents.policy import LabelMap
from incidents.rules.severity import severity

NAMES = LabelMap().severity


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("critical", Severity.CRITICAL), ("P1", Severity.CRITICAL), ("page", Severity.CRITICAL),
        ("sev0", Severity.CRITICAL), ("1", Severity.CRITICAL),
        ("Error", Severity.ERROR), ("high", Severity.ERROR), ("2", Severity.ERROR),
        ("warn", Severity.WARNING), ("ticket", Severity.WARNING), ("Minor", Severity.WARNING),
        ("info", Severity.INFO), ("none", Severity.INFO), ("P5", Severity.INFO),
        ("very bad", Severity.UNKNOWN),
    ],
)  # fmt: skip
def test_names_are_understood_and_kept_as_told(raw: str, expected: Severity) -> None:
    assert severity({"severity": f" {raw} "}, NAMES) == (expected, raw)


def test_no_label_is_unknown_and_empty() -> None:
    assert severity({"severity": " "}, NAMES) == (Severity.UNKNOWN, "")


def test_the_first_label_that_is_present_tells_it() -> None:
    assert severity({"priority": "P1", "level": "warn"}, NAMES) == (Severity.WARNING, "warn")


def test_ranks_go_from_unknown_to_critical() -> None:
    assert sorted(Severity, key=lambda one: one.rank) == [
        Severity.UNKNOWN, Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL,
    ]  # fmt: skip
