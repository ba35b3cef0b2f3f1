"""The fast parser and the careful one say the same of everything; only how long they take may differ."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from base import codec

agreeing = settings(database=None, deadline=None, derandomize=True, max_examples=300)

texts = st.text(st.characters(codec=None), max_size=20)
"""Lone surrogates and control characters among them."""
numbers = st.one_of(
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64 - 1, 2**64, 10**18, 10**19, 10**40, -0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=20,
)
nested = st.builds(
    lambda depth, value, key: _wrapped(value, depth, key), st.integers(0, 40), values, st.sampled_from([None, "a", ""])
)
loose_numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
json_like = st.lists(
    st.one_of(
        st.sampled_from(["{", "}", "[", "]", ":", ",", '"a"', '"a":', " ", "\n", "null", "true", "NaN", "-", "\ufeff"]),
        st.sampled_from(['"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\udd25"', "1e999", "-Infinity", "01", "\x00"]),
        loose_numbers,
    ),
    max_size=12,
).map("".join)


def _wrapped(value: Any, depth: int, key: str | None) -> Any:
    for _ in range(depth):
        value = [value] if key is None else {key: value}
    return value


def read(data: bytes) -> Any:
    return _outcome(lambda: codec.loads(data))


def read_carefully(data: bytes) -> Any:
    def careful() -> Any:
        value = codec._carefully_parsed(data)
        codec._has_large_floats(value)
        return value

    return _outcome(careful)


def _outcome(attempt: Any) -> Any:
    """The value, written so that 1, 1.0, True, -0.0 and the order of keys can be told apart; else error and words."""
    try:
        return repr(attempt())
    except codec.CodecError as error:
        return type(error), str(error)


@agreeing
@given(nested, st.booleans())
def test_a_value_is_read_alike(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert read(data) == read_carefully(data)


@agreeing
@given(json_like)
@example('{"a":1,"b":2,"a":3}')
@example('[18446744073709551616,-9223372036854775809,"12345678901234567890"]')
def test_whatever_looks_like_json_is_read_or_refused_alike(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert read(data) == read_carefully(data)


@agreeing
@given(st.binary(max_size=40))
@example(b'"\xed\xa0\x80"')
@example(b'"\xc0\x80"')
@example(b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused_alike(data: bytes) -> None:
    assert read(data) == read_carefully(data)
    quoted = b'["' + data + b'"]'
    assert read(quoted) == read_carefully(quoted)


@agreeing
@given(loose_numbers)
def test_a_number_is_read_alike_to_its_last_digit(text: str) -> None:
    assert read(text.encode()) == read_carefully(text.encode())


@agreeing
@given(nested)
def test_what_is_written_means_the_same_either_way(value: Any) -> None:
    assert repr(json.loads(codec.dumps(value))) == repr(json.loads(codec.canonical(value)))
    codec.dumps(value).encode()


@agreeing
@given(st.recursive(st.one_of(st.booleans(), st.integers(), texts), lambda inner: st.lists(inner, max_size=4)))
def test_without_floats_not_a_byte_differs(value: Any) -> None:
    assert codec.dumps(value) == codec.canonical(value)


@agreeing
@given(nested)
@example({"a": [{"b": (1, 1e-7)}]})
def test_beside_a_null_not_a_byte_differs(value: Any) -> None:
    assert codec.dumps([None, value]) == codec.canonical([None, value])


@agreeing
@given(st.one_of(nested.map(codec.dumps), json_like))
@example('{"a":123456789012345678901234567890}')
@example('{"a":"b","c":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}')
def test_what_was_stored_is_read_alike(text: str) -> None:
    assert _outcome(lambda: codec.stored(text)) == read(text.encode())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("around", [lambda n: n, lambda n: [n], lambda n: {"a": [1, {"b": n}]}, lambda n: [None, n]])
def test_what_json_has_no_number_for_is_refused_wherever_it_stands(number: float, around: Any) -> None:
    with pytest.raises(codec.CodecError):
        codec.dumps(around(number))


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, {True: 1}, {1.5: 1}])
def test_keys_that_are_no_text_are_written_as_ever(value: Any) -> None:
    assert codec.dumps(value) == json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", {"a": object()}])
def test_what_json_does_not_know_is_a_mistake_of_ours(value: Any) -> None:
    with pytest.raises(TypeError):
        codec.dumps(value)
