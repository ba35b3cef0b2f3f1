"""What the codec promises to everybody who reads or writes JSON."""

import math
from typing import Any

import pytest

from base import codec


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -1, 43434343434343434343, 10**4000, 0.1, -2.5e-7, "", "봉수 \N{FIRE}", "a\x00b", "\x7f\x9f",
        "\ud800", "x\udfffy", [], {}, {"a": [1, {"b": None}], "": "empty key"}, {"\ud800": "in a key"},
    ],
)  # fmt: skip
def test_what_is_written_is_read_back_unchanged(value: Any) -> None:
    assert codec.loads(codec.dumps(value).encode()) == value


def test_whole_numbers_keep_every_digit() -> None:
    assert codec.loads(b"43434343434343434343") == 43434343434343434343


def test_text_is_compact_and_readable() -> None:
    assert codec.dumps({"place": "봉수", "n": [1, 2]}) == '{"place":"봉수","n":[1,2]}'


def test_a_lone_surrogate_makes_the_text_ascii_so_that_it_can_be_stored() -> None:
    assert codec.dumps(["봉", "\ud800"]) == '["\\ubd09","\\ud800"]'


def test_the_order_of_keys_is_kept() -> None:
    assert list(codec.loads(b'{"z": 1, "a": 2}')) == ["z", "a"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert codec.loads(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"hello", "not JSON: Expecting value at line 1, column 1"),
        (b'{"a": 1', "not JSON: Expecting ',' delimiter at line 1, column 8"),
        (b'{"a": 1}\n}', "not JSON: Extra data at line 2, column 1"),
        (b'{"a": "\n"}', "not JSON: Invalid control character at line 1, column 8"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7 is 0xff"),
        ('{"a": "é"}'.encode("latin-1"), "not UTF-8: byte 7 is 0xe9"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[Infinity]", "Infinity is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1e999]", "the number 1e999 is too large"),
        (b"[-1e999]", "the number -1e999 is too large"),
        (b"9" * 5000, "too many digits"),
        (b'"a\nb"', "Invalid control character"),
    ],
)
def test_what_is_not_json_is_refused_with_a_sentence_that_says_why(data: bytes, told: str) -> None:
    with pytest.raises(codec.CodecError) as refused:
        codec.loads(data)
    assert told in str(refused.value)


def test_thirty_levels_are_taken() -> None:
    assert codec.loads(nested(30))


@pytest.mark.parametrize("levels", [31, 200, 10_000, 1_000_000])
def test_more_than_thirty_levels_are_too_deep_however_many(levels: int) -> None:
    with pytest.raises(codec.TooDeep, match="more than 30 deep"):
        codec.loads(nested(levels))


def test_levels_count_through_objects_and_lists_alike() -> None:
    with pytest.raises(codec.TooDeep):
        codec.loads(b'{"a":[' * 16 + b"]}" * 16)


def test_an_unclosed_abyss_is_too_deep_as_well() -> None:
    with pytest.raises(codec.TooDeep):
        codec.loads(b"[" * 10_000)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_never_written(number: float) -> None:
    with pytest.raises(codec.CodecError):
        codec.dumps({"value": number})
