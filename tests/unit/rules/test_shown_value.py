import pytest

from incidents.rules.shown_value import shown_value


@pytest.mark.parametrize(
    ("values", "shown"), [({"B": 2.0, "A": 1.0}, 1.0), ({"A": None, "B": 2.0}, 2.0), ({"A": None}, None), ({}, None)]
)
def test_the_first_query_with_a_number_is_shown(values: dict[str, float | None], shown: float | None) -> None:
    assert shown_value(values) == shown
