"""Which words a text has, and which ones somebody looks for."""

import pytest

from incidents.search.words import LONGEST_WORD, MOST_WORDS, wanted_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("% — _ ::", ()),
        ("Checkout 5xx above 5 %", ("checkout", "5xx", "above", "5")),
        ("node_cpu-seconds.total", ("node", "cpu", "seconds", "total")),
        ("KubePodCrashLooping", ("kubepodcrashlooping", "podcrashlooping", "crashlooping", "looping")),
        ("HTTPErrorRate", ("httperrorrate", "errorrate", "rate")),
        ("Checkout5xx", ("checkout5xx", "5xx")),
        ("결제 지연이 30초를", ("결제", "지연이", "30초를")),
        ("ＦＵＬＬ width", ("full", "width")),
        ("STRASSE straße", ("strasse",)),
        ("again Again AGAIN", ("again",)),
        ("a" * 100, ("a" * LONGEST_WORD,)),
    ],
)
def test_words_are_runs_of_letters_and_digits_and_what_is_written_in_one(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_the_words_of_several_texts_are_told_once_and_are_bounded() -> None:
    assert words_of("checkout", "Checkout", "pay") == ("checkout", "pay")
    assert len(words_of(" ".join(f"w{n}" for n in range(500)))) == MOST_WORDS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Checkout 5xx", ("checkout", "5xx")),
        ("pay PAYMENTS pay", ("payments",)),
        ("CrashLoop", ("crashloop",)),
        ("prod-a", ("prod", "a")),
        ("%", ()),
        ("é", ("é",)),
    ],
)
def test_whoever_looks_for_a_beginning_looks_for_no_part_of_it(text: str, words: tuple[str, ...]) -> None:
    assert wanted_words(text) == words


@pytest.mark.parametrize("part", ["Kube", "pod", "crashlo", "LOOPING", "KubePod"])
def test_a_word_within_a_word_is_found_by_its_beginning(part: str) -> None:
    [wanted] = wanted_words(part)
    assert any(word.startswith(wanted) for word in words_of("KubePodCrashLooping"))
