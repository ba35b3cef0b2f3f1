from dataclasses import replace

import pytest

from incidents.rules.limits_labels import LONGEST_NAME, MORE, MOST_TEXT, bounded, cut, kept
from tests.building import firing

MANY = {f"label-{number:03}": str(number) for number in range(300)}


def test_what_fits_is_the_very_same() -> None:
    told = firing()
    assert bounded(told, most=200, first=()) is told


def test_of_too_many_the_first_by_name_are_kept_and_the_rest_is_counted() -> None:
    told = kept(MANY, most=3, first=())
    assert told == {"label-000": "0", "label-001": "1", "label-002": "2", MORE: "297 more in raw_payload"}


def test_those_that_are_read_come_before_all_others() -> None:
    assert list(kept({**MANY, "zone": "a"}, most=2, first={"zone"})) == ["zone", "label-000", MORE]


def test_long_texts_are_cut_until_all_of_them_fit() -> None:
    told = kept({"a": "x" * 1_000_000, "b": "y" * 1_000_000, "c": "short"}, most=200, first=())
    assert told["c"] == "short"
    assert told["a"].endswith("x…")
    assert sum(map(len, told.values())) <= MOST_TEXT


def test_a_long_text_that_fits_is_not_cut() -> None:
    texts = {"a": "x" * (MOST_TEXT - 1)}
    assert kept(texts, most=200, first=()) is texts


def test_a_name_that_is_too_long_is_left_out_where_all_is_too_much() -> None:
    assert kept({"n" * (LONGEST_NAME + 1): "x" * MOST_TEXT}, most=200, first=()) == {MORE: "1 more in raw_payload"}


def test_annotations_and_values_are_bounded_too_and_the_raw_payload_is_not() -> None:
    told = replace(firing(), annotations=MANY, metric_values={f"Q{number}": 1.0 for number in range(300)})
    less = bounded(told, most=10, first=())
    assert (len(less.annotations), len(less.metric_values), less.labels) == (11, 10, told.labels)
    assert less.raw is told.raw


@pytest.mark.parametrize(("text", "longest", "is_cut"), [("abc", 3, False), ("abcd", 3, True), ("", 1, False)])
def test_a_cut_is_seen(text: str, longest: int, is_cut: bool) -> None:
    assert cut(text, longest) == ("ab…" if is_cut else text)
