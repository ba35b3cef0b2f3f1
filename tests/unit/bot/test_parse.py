from datetime import time, timedelta

import pytest

from bot.commands.command import ME, NOBODY, Command, Mistake, Verb
from bot.commands.parse import parse
from bot.commands.verbs import BY_WORD, VERBS, example
from bot.commands.words import as_seen
from bot.snooze_time import Clock, For, Tomorrow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Command(Verb.HELP)),
        ("   ", Command(Verb.HELP)),
        ("help", Command(Verb.HELP)),
        ("list", Command(Verb.LIST)),
        ("LIST", Command(Verb.LIST)),
        ("declare", Command(Verb.DECLARE)),
        ("declare  checkout is\nslow &amp; sad", Command(Verb.DECLARE, text="checkout is slow & sad")),
        ("12", Command(Verb.SHOW, 12)),
        ("INC-12", Command(Verb.SHOW, 12)),
        ("show #12", Command(Verb.SHOW, 12)),
        ("ack 12", Command(Verb.ACK, 12)),
        ("Acknowledge INC-12", Command(Verb.ACK, 12)),
        ("ack inc12", Command(Verb.ACK, 12)),
        ("ack  inc-0012.", Command(Verb.ACK, 12)),
        ("unack 12", Command(Verb.UNACK, 12)),
        ("close 12", Command(Verb.RESOLVE, 12)),
        ("resolve 12 rolled back", Command(Verb.RESOLVE, 12, "rolled back")),
        ("reopen 12", Command(Verb.REOPEN, 12)),
        ("noise 12", Command(Verb.NOISE, 12)),
        ("noise 12 flaky &amp; old", Command(Verb.NOISE, 12, "flaky & old")),
        ("real 12", Command(Verb.REAL, 12)),
        ("assign 12 <@U0ALICE>", Command(Verb.ASSIGN, 12, person="U0ALICE")),
        ("assign 12 to <@U0ALICE|alice>", Command(Verb.ASSIGN, 12, person="U0ALICE")),
        ("assign <@U0ALICE|alice> 12", Command(Verb.ASSIGN, 12, person="U0ALICE")),
        ("assign 12 me", Command(Verb.ASSIGN, 12, person=ME)),
        ("assign 12 nobody", Command(Verb.ASSIGN, 12, person=NOBODY)),
        ("note 12 ask <@U0BOB|bob>, 5 &lt; 6", Command(Verb.NOTE, 12, "ask @bob, 5 < 6")),
        ("note 12 first\nsecond", Command(Verb.NOTE, 12, "first\nsecond")),
        ("snooze 12 2h", Command(Verb.SNOOZE, 12, until=For(timedelta(hours=2)))),
        ("snooze INC-12 until 14:30", Command(Verb.SNOOZE, 12, until=Clock(time(14, 30)))),
        ("snooze 12 tomorrow", Command(Verb.SNOOZE, 12, until=Tomorrow())),
        ("snooze 12 wake", Command(Verb.WAKE, 12)),
        ("wake 12", Command(Verb.WAKE, 12)),
        ("unsnooze 12", Command(Verb.WAKE, 12)),
        ("note 12\nfirst\nsecond", Command(Verb.NOTE, 12, "first\nsecond")),
    ],
)
def test_what_people_type_is_understood(text: str, expected: Command) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "problem", "example"),
    [
        ("akc 12", "Did you mean `ack`?", "/incident ack 12"),
        ("aknowledge 12", "Did you mean `ack`?", "/incident ack 12"),
        ("resolv 12", "Did you mean `resolve`?", "/incident resolve 12 rolled back"),
        ("xyzzy", "`/incident help` shows", "/incident list payments critical"),
        ("assign 12", "To whom?", "/incident assign 12 @alice"),
        ("assign 12 @bob", "“@bob”: type @ and choose", "/incident assign 12 @alice"),
        ("assign 12 <@U0BOB> <@U0ALICE>", "One incident has one person", "/incident assign 12 @alice"),
        ("note 12", "The note is empty", "/incident note 12 looking at the database"),
        ("note 12 " + "x" * 2501, "2501 characters, 2500 fit", "/incident note 12 looking at the database"),
        ("snooze 12", "For how long?", "/incident snooze 12 2h"),
        ("snooze 12 for ever *", "I don't know what time “for ever ∗” is", "/incident snooze 12 2h"),
        ("snooze 2h", "“2h” is no incident's number", "/incident snooze 12 2h"),
        ("wake 12 now", "takes one incident and nothing after it", "/incident wake 12"),
        ("ack 12 13", "I don't know what “13” is for", "/incident ack 12"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_shows_how(text: str, problem: str, example: str) -> None:
    mistake = parse(text)
    assert isinstance(mistake, Mistake)
    assert problem in mistake.problem
    assert mistake.example == example


@pytest.mark.parametrize(
    "text", ["ack", "resolve", "note", "assign", "ack INC-", "ack 0", "ack -1", "ack ١٢", "ack 1e3"]
)
def test_without_a_number_the_open_ones_are_offered(text: str) -> None:
    mistake = parse(text)
    assert isinstance(mistake, Mistake)
    assert mistake.number_missing


def test_a_number_beyond_any_incident_is_no_number() -> None:
    mistake = parse("ack 99999999999")
    assert isinstance(mistake, Mistake)
    assert mistake.number_missing


def test_what_was_typed_cannot_mention_anybody_from_a_mistake() -> None:
    mistake = parse("<!channel> now")
    assert isinstance(mistake, Mistake)
    assert "<!channel>" not in mistake.problem
    assert "&lt;!channel&gt;" in mistake.problem


@pytest.mark.parametrize("verb", Verb)
def test_the_example_of_each_verb_works(verb: Verb) -> None:
    typed = example(verb).removeprefix("/incident ").replace("@alice", "<@U0ALICE|alice>")
    understood = parse(typed)
    assert isinstance(understood, Command)
    assert understood.verb is verb


def test_no_word_means_two_verbs() -> None:
    words = [word for verb, entry in VERBS.items() for word in (verb.value, *entry.also.split())]
    assert sorted(words) == sorted(BY_WORD)
    assert all(word == word.casefold() for word in words)


@pytest.mark.parametrize(
    ("escaped", "seen"),
    [
        ("<@U0BOB|bob>", "@bob"),
        ("<#C0INCIDENTS|incidents>", "#incidents"),
        ("<!subteam^S0ONCALL|@oncall>", "@oncall"),
        ("<https://example.com|example.com>", "https://example.com"),
        ("<https://example.com>", "https://example.com"),
        ("a &amp;lt; b", "a &lt; b"),
    ],
)
def test_text_is_kept_as_the_person_saw_it(escaped: str, seen: str) -> None:
    assert as_seen(escaped) == seen
