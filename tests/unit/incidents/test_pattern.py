"""Expressions of whole values: the same as Python's, in linear time, and a reason for each that is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.pattern import LONGEST_VALUE, BadPattern, Pattern

ATOMS = st.sampled_from(["a", "b", "-", ".", "[ab]", "[^a]", r"\d", r"\.", "[a-c0-9]", r"\w", "1"])
REPEATS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner, REPEATS).map(lambda told: f"({told[0]}){told[1]}")
    either = st.tuples(inner, inner).map(lambda told: f"(?:{told[0]}|{told[1]})")
    return st.one_of(repeated, either, st.tuples(inner, inner).map("".join))


SIMPLE = st.tuples(ATOMS, REPEATS).map("".join)
PATTERNS = st.recursive(SIMPLE, _grown, max_leaves=6)


@given(PATTERNS, st.lists(st.text("abc1-.X", max_size=8), max_size=4))
def test_it_matches_what_pythons_expressions_match_in_full(text: str, values: list[str]) -> None:
    pattern, python = Pattern(text), re.compile(text, re.IGNORECASE)
    for value in values:
        assert pattern.matches(value) == bool(python.fullmatch(value)), (text, value)


@pytest.mark.parametrize(
    ("text", "takes", "leaves"),
    [
        ("pay", ["pay", "PAY"], ["pays", "payment", ""]),
        ("pay.*", ["pay", "pay-api"], ["repay"]),
        ("^pay-(eu|us)-[0-9]{1,2}$", ["pay-eu-1", "PAY-US-22"], ["pay-eu-", "pay-eu-123"]),
        (r"v\d+\.\d+", ["v1.2"], ["v1-2"]),
        ("결제.*", ["결제-서버"], ["서버"]),
        ("straße", ["STRASSE", "straße"], ["stra"]),
        ("[]a]+", ["]a"], ["["]),
        ("[[&|~]", ["[", "&"], ["a"]),
        ("", [""], ["a"]),
        ("a|", ["a", ""], ["b"]),
    ],
)
def test_the_whole_value_is_asked_for_in_any_case(text: str, takes: list[str], leaves: list[str]) -> None:
    pattern = Pattern(text)
    assert [value for value in takes if not pattern.matches(value)] == []
    assert [value for value in leaves if pattern.matches(value)] == []


@pytest.mark.parametrize("text", ["(a*)*b", "(a|a)*b", "(a?){30}a{30}", "(.*)(.*)(.*)(.*)(.*)(.*)b", "((a+)+)+b"])
def test_what_would_take_python_for_ever_takes_a_step_for_each_character(text: str) -> None:
    """Counted, not timed: at most so many sets of states are made as there are characters."""
    pattern = Pattern(text)
    assert not pattern.matches("a" * (LONGEST_VALUE - 1) + "c")
    assert len(pattern._steps) <= LONGEST_VALUE


def test_a_value_that_is_too_long_matches_nothing() -> None:
    assert Pattern(".*").matches("a" * LONGEST_VALUE)
    assert not Pattern(".*").matches("a" * (LONGEST_VALUE + 1))


def test_what_it_remembers_is_bounded() -> None:
    pattern = Pattern("[a-z]*x[a-z]{3}|.*")
    for first in range(0x4E00, 0x4E00 + 12_000):
        assert pattern.matches(f"{chr(first)}x")
    assert len(pattern._steps) <= 10_000
    assert pattern.matches("xabc")


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("pay(", "is never closed", 3),
        ("pay)", "closes nothing", 3),
        ("[a-", "'[' is never closed", 0),
        ("[z-a]", "no class of characters", 0),
        ("[a--b]", "'--'", 0),
        ("*pay", "nothing to repeat", 0),
        ("a**", "two repetitions", 1),
        ("a*+", "two repetitions", 1),
        ("a{2,1}", "wrong way round", 1),
        ("a{x}", "begins no count", 1),
        ("(?i)pay", "write a plain group", 0),
        ("(?=pay)", "write a plain group", 0),
        (r"(a)\1", "can't be used", 3),
        (r"\bpay", "can't be used", 0),
        ("pay\\", "can't be used", 3),
        ("a^b", "in the middle", 1),
        ("a$b", "in the middle", 1),
        ("a{9999}", "repeats too much", 0),
        ("(((){9999}){9999}){9999}", "repeats too much", 0),
        ("(" * 30 + ")" * 30, "nested too deep", 20),
        ("a" * 501, "longer than 500", 500),
    ],
)
def test_each_mistake_has_its_place_and_its_mend(text: str, problem: str, at: int) -> None:
    with pytest.raises(BadPattern, match=re.escape(problem)) as refused:
        Pattern(text)
    assert refused.value.at == at


def test_two_of_the_same_text_are_the_same() -> None:
    assert Pattern("a.*") == Pattern("a.*")
    assert Pattern("a.*") != Pattern("a.+")
    assert len({Pattern("a"), Pattern("a")}) == 1
