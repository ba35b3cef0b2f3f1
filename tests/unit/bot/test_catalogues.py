"""What is said in the code is in the catalogues, and what stands there in another language means and does the same."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from string import Formatter

import pytest
from babel.messages import Message
from babel.messages.extract import extract
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.buttons import _LABELS
from bot.blocks.kit import LONGEST_BUTTON, LONGEST_MODAL_TITLE
from bot.blocks.text import data
from bot.language import LANGUAGES, speaking, t, tn
from tests.catalogues import (
    KEYWORDS,
    ROOMS,
    ROOT,
    TEMPLATE,
    as_mo,
    as_po,
    calls,
    extracted,
    po_of,
    said_in,
    translated,
    updated,
)

KOREAN = {message.id: message for message in translated("ko") if message.id}
MESSAGES = list(KOREAN.values())
STALE = "`make messages` brings it up to date"
_CODE = re.compile(r"`[^`]*`")
_BOLD = re.compile(r"(?<![^\s({\[“•])\*[^*\s](?:[^*]*[^*\s])?\*(?![^\s)}\].,:;!?·])")
_NUMBER = "INC-100000"

LIMITS = {"yes": 30, "no": 30, "submit": LONGEST_MODAL_TITLE}
_PRESSED = {"button", "_button", "_turn", "url_button"}


def forms(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def named(message: Message) -> str:
    return forms(message.id)[-1]


every_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: forms(message.id)[0][:40])


def test_the_template_holds_what_the_code_says() -> None:
    assert TEMPLATE.read_bytes() == as_po(extracted()), STALE


def test_the_korean_catalogue_holds_what_the_code_says() -> None:
    assert po_of("ko").read_bytes() == as_po(updated("ko")), STALE


def test_what_is_said_inside_of_an_f_string_is_found_in_every_version_of_python() -> None:
    source = (
        b"""told = f"{t('one')} of {language.tn('{n} day', '{n} days', n)}, {other('two')}, {t(named)}"\nt('three')"""
    )
    found = [(line, message) for line, message, _, _ in extract(calls, BytesIO(source), KEYWORDS)]
    assert found == [(1, "one"), (1, ("{n} day", "{n} days")), (2, "three")]


def test_what_gettext_reads_is_what_the_translator_wrote() -> None:
    def told(mo: bytes) -> dict[object, str]:
        catalog = vars(gettext.GNUTranslations(BytesIO(mo)))["_catalog"]
        return {key: text for key, text in catalog.items() if key}

    assert told(po_of("ko").with_suffix(".mo").read_bytes()) == told(as_mo(translated("ko"))), STALE


@every_message
def test_every_message_is_translated(message: Message) -> None:
    assert all(text.strip() for text in forms(message.string))
    assert not message.fuzzy


@every_message
def test_a_translation_has_the_same_gaps(message: Message) -> None:
    """Of a number's forms the one for many has all of them."""
    for text in forms(message.string):
        assert gaps(text) == gaps(named(message))


@every_message
def test_a_translation_shows_the_same_code_and_as_much_bold(message: Message) -> None:
    """Slack knows ``*bold*`` and `` `code` `` only where blanks or punctuation stand around them."""
    for text in forms(message.string):
        assert Counter(_CODE.findall(text)) == Counter(_CODE.findall(named(message)))
        told, original = _CODE.sub("\0", text), _CODE.sub("\0", named(message))
        assert told.count("*") == original.count("*") == 2 * len(_BOLD.findall(told))
        assert not re.search(r"\w\0|\0\w", told)


@every_message
def test_a_translation_begins_and_ends_as_a_message_does(message: Message) -> None:
    """An emoji or a bullet in front stays; what is a whole sentence stays one, and what is glued to others does not."""
    for text in forms(message.string):
        first = named(message)[0]
        assert not (ord(first) > 0x2010 and first != "“") or text.startswith(first)
        assert named(message).endswith(".") == text.endswith(".")
        assert text == text.strip()


def test_whatever_is_said_is_seen_by_who_gathers_it() -> None:
    """Babel does not look into an f-string: ``t`` in one would speak English for ever."""
    known = {form for message in MESSAGES for form in forms(message.id)}
    said = {
        node.args[0].value
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"t", "tn", "mark"}
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert said - known == set()


def test_no_message_is_said_both_with_and_without_a_number() -> None:
    """They would be one entry of a catalogue."""
    alone, by_number = set(), set()
    for room in ROOMS:
        for _, _, message, _, _ in said_in(room):
            if isinstance(message, str):
                alone.add(message)
            else:
                by_number.update(message)
    assert not alone & by_number


def _labels() -> Iterator[tuple[str, int]]:
    """What stands on buttons and above forms, with how many characters Slack takes there."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _labels_in(node)
    yield from ((label, LONGEST_BUTTON) for label in _LABELS.values())


def _labels_in(call: ast.Call) -> Iterator[tuple[str, int]]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if name in _PRESSED:
        yield from ((text, LONGEST_BUTTON) for text in _told(call.args[0]))
    if name == "plain" and len(call.args) == 2 and ast.unparse(call.args[1]) == "LONGEST_MODAL_TITLE":
        yield from ((text, LONGEST_MODAL_TITLE) for text in _told(call.args[0]))
    if name == "modal":
        yield from ((text, LONGEST_MODAL_TITLE) for text in _told(given["title"]))
    if name == "_modal" and len(call.args) > 2:
        yield from ((text, LONGEST_MODAL_TITLE) for one in call.args[1:3] for text in _told(one))
    if name == "confirm":
        yield from ((text, 100) for text in _told(given["title"]))
        yield from ((text, 300) for text in _told(given["text"]))
    for keyword, limit in LIMITS.items():
        yield from ((text, limit) for text in _told(given.get(keyword)))


def _told(node: ast.expr | None) -> list[str]:
    """What ``t`` or ``tn`` says there; of a number the first form, by which a catalogue finds it."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in {"t", "tn"}:
        return []
    return [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []


@pytest.mark.parametrize(("label", "limit"), sorted(set(_labels())))
def test_a_label_fits_where_slack_shows_it(label: str, limit: int) -> None:
    """``{name}`` is an incident of a big team's fifth year."""
    message = next(one for one in MESSAGES if forms(one.id)[0] == label)
    for text in forms(message.string):
        assert 0 < len(text.format(**dict.fromkeys(gaps(text), _NUMBER))) <= limit


def test_labels_are_found_in_the_code() -> None:
    assert {("Acknowledge", 75), ("Note on {name}", 24), ("Keep it open", 30), ("Resolve {name}?", 100)} <= set(
        _labels()
    )


@given(
    message=st.sampled_from(MESSAGES),
    language=st.sampled_from(LANGUAGES),
    value=st.text()
    | st.sampled_from(["{name}", "{0}", "%s", "{", "}", "<!channel>", "<@U0BOB>", "*x*", "`x`", "\\N{}"]),
    count=st.integers(0, 10**9),
)
def test_no_value_breaks_a_message(message: Message, language: str, value: str, count: int) -> None:
    """It stands there as it is; and what was made harmless adds no markup."""
    harmless = data(value)
    with speaking(language):
        told = _said(message, value, count)
        tame = _said(message, harmless, count)
        plain = _said(message, "x", count)
    assert gaps(named(message)) <= {"count"} or value in told
    assert (tame.count("`"), tame.count("*"), tame.count("<")) == (plain.count("`"), plain.count("*"), plain.count("<"))


def _said(message: Message, value: str, count: int) -> str:
    values = dict.fromkeys(gaps(named(message)), value)
    if isinstance(message.id, str):
        return t(message.id, **values)
    values.pop("count", None)
    return tn(*message.id, count, **values)
