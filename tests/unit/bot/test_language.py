"""Who is spoken to in which language."""

import pytest

from bot.language import language_of, speaking, spoken, t, tn


def test_english_is_spoken_where_nobody_says_otherwise() -> None:
    assert t("{name} has it", name="Alice") == "Alice has it"


def test_values_are_put_in_as_they_are() -> None:
    assert t("{name} has it", name="{name} {0} %s") == "{name} {0} %s has it"


def test_a_text_without_gaps_may_hold_braces() -> None:
    assert t("write {like: this}") == "write {like: this}"


@pytest.mark.parametrize(("count", "told"), [(0, "0 alerts"), (1, "1 alert"), (12_000, "12,000 alerts")])
def test_numbers_have_their_forms(count: int, told: str) -> None:
    assert tn("{count} alert", "{count} alerts", count) == told


def test_a_language_is_spoken_inside_only() -> None:
    with speaking("ko"):
        assert spoken() == "ko"
        with speaking("en"):
            assert spoken() == "en"
        assert spoken() == "ko"
    assert spoken() == "en"


def test_a_language_without_a_catalogue_is_english() -> None:
    with speaking("xx"):
        assert t("Acknowledge") == "Acknowledge"


@pytest.mark.parametrize(
    ("locale", "language"), [("ko-KR", "ko"), ("KO", "ko"), ("en-GB", "en"), ("de-DE", "ko"), ("", "ko")]
)
def test_a_locale_that_we_do_not_speak_is_the_other_language(locale: str, language: str) -> None:
    assert language_of(locale, otherwise="ko") == language
