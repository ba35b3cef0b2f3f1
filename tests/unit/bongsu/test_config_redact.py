"""The section ``redact`` of ``bongsu.yaml``, and its mistakes."""

import pytest

from bongsu.config_file import parse_policy
from incidents.errors import InvalidInput
from incidents.pattern import Pattern
from incidents.redaction import Found, Redaction


def test_rules_are_read_in_their_order() -> None:
    text = (
        'redact:\n  - {label: "*token*"}\n  - {annotation: description, pattern: "\\\\b[0-9]{16}\\\\b"}\n'
        '  - {pattern: "x+"}\n'
    )
    assert parse_policy(text, name="bongsu.yaml").redact == (
        Redaction(label="*token*"),
        Redaction(annotation="description", found=Found(Pattern("[0-9]{16}"), starts=True, ends=True)),
        Redaction(found=Found(Pattern("x+"))),
    )
    assert parse_policy("{}", name="bongsu.yaml").redact == ()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{}", "it says nothing"),
        ("{label: a, annotation: b}", "label and annotation in one rule"),
        ('{pattern: ""}', "the expression is empty"),
        ('{pattern: "[0-9]*"}', "it describes the empty text"),
        ('{pattern: "(?=x)"}', "can't be used, at character"),
        ('{pattern: "a{9999}"}', "can't be used, at character"),
        ('{label: "*service*"}', "says what an incident is about"),
        ('{label: ""}', "redact"),
        ("{labels: x}", "there is no such key"),
    ],
)
def test_what_can_not_be_done_is_told_with_its_place(rule: str, words: str) -> None:
    with pytest.raises(InvalidInput, match="redact") as told:
        parse_policy(f"redact: [{rule}]\n", name="bongsu.yaml")
    assert words in str(told.value)


def test_there_are_not_too_many() -> None:
    with pytest.raises(InvalidInput, match="there are 51 rules: 50 are the most"):
        parse_policy("redact: [" + ", ".join(["{label: x}"] * 51) + "]\n", name="bongsu.yaml")
