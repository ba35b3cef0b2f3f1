"""Text from outside, made fit."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from receiver.sources import text

texts = st.text(st.one_of(st.characters(codec=None), st.sampled_from("  \t\n\r\x00\x7f\x85\xa0\u2028\u3000\ud800")))
UNFIT = ("\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff")
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


@pytest.mark.parametrize("unfit", UNFIT)
@pytest.mark.parametrize("before", ["", "\\", "\\\\", "&", "\n"])
@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_body_with_a_text_that_is_not_clean_never_passes_for_clean(unfit: str, before: str, is_ascii: bool) -> None:
    body = json.dumps({"labels": {f"a{before}{unfit}": "b"}}, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    assert not text.has_clean_texts(body)


def test_what_go_escapes_for_html_is_clean() -> None:
    body = (
        json.dumps({"text": 'a=1&b=<c> "d" /e\n\t'})
        .replace("&", r"\u0026")
        .replace("<", r"\u003c")
        .replace(">", r"\u003e")
    )
    assert text.has_clean_texts(body.encode())
    assert not text.has_clean_texts(body.replace(r"\u0026", r"\u0006").encode())


@pytest.mark.parametrize("other", [2, None, True, 1.5, ["a"], {"a": "b"}])
def test_what_is_no_text_is_told_from_texts(other: Any) -> None:
    assert text.are_texts(["a", ""])
    assert not text.are_texts(["a", other])
