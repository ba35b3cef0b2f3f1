"""Text from outside, made fit."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from receiver.sources import text

texts = st.text(st.one_of(st.characters(codec=None), st.sampled_from("  \t\n\r\x00\x7f\x85\xa0\u2028\u3000\ud800")))
agreeing = settings(database=None, deadline=None, derandomize=True, max_examples=500)


@agreeing
@given(texts)
@example(" two  spaces ")
def test_what_is_printable_needs_no_cleaning_and_the_rest_gets_it(told: str) -> None:
    assert text.clean(told) == text._UNFIT.sub(text.REPLACEMENT, told)
    assert text.one_line(told) == text._UNFIT.sub(text.REPLACEMENT, text._SPACES.sub(" ", told)).strip()


@agreeing
@given(st.dictionaries(texts, st.one_of(texts, st.none(), st.integers(), st.lists(texts, max_size=2)), max_size=4))
def test_a_map_of_plain_texts_is_taken_as_the_others_are(told: dict[str, Any]) -> None:
    before = dict(told)
    mended = {text.clean(key): text.clean(text.as_text(value)) for key, value in told.items() if value is not None}
    assert text.text_map(told) == mended
    assert told == before


def test_numbers_become_the_same_text_for_ever() -> None:
    assert text.text_map({"tiny": 1e-7, "deep": [1e-7]}) == {"tiny": "1e-07", "deep": "[1e-07]"}
