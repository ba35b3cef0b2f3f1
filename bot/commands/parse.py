"""The text behind ``/incident`` into a command, or into what is wrong with it. Pure.

With ``should_escape`` Slack writes people as ``<@U0ALICE|alice>`` and escapes ``& < >``.
Source: https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import difflib
import html
import re

from bot.blocks.text import data
from bot.commands.command import ME, NOBODY, Command, Mistake, Verb
from bot.language import t
from incidents.actions.note import LONGEST_NOTE

_SYNONYMS = {
    "ls": Verb.LIST, "open": Verb.LIST, "status": Verb.LIST,
    "view": Verb.SHOW, "get": Verb.SHOW, "info": Verb.SHOW,
    "acknowledge": Verb.ACK, "take": Verb.ACK, "mine": Verb.ACK,
    "unacknowledge": Verb.UNACK, "release": Verb.UNACK,
    "close": Verb.RESOLVE, "resolved": Verb.RESOLVE, "fix": Verb.RESOLVE, "fixed": Verb.RESOLVE, "done": Verb.RESOLVE,
    "re-open": Verb.REOPEN,
    "mute": Verb.NOISE, "noisy": Verb.NOISE,
    "unnoise": Verb.REAL,
    "give": Verb.ASSIGN,
    "comment": Verb.NOTE, "say": Verb.NOTE,
    "?": Verb.HELP, "-h": Verb.HELP, "--help": Verb.HELP,
}  # fmt: skip
_VERBS = {verb.value: verb for verb in Verb} | _SYNONYMS
_WITHOUT_NUMBER = {Verb.LIST, Verb.HELP}
_WITH_TEXT = {Verb.RESOLVE, Verb.NOISE, Verb.NOTE}
_NUMBER = re.compile(r"(?:#|inc[-_#]?)?0*([1-9][0-9]{0,9})", re.IGNORECASE)
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LABELLED = re.compile(r"<([@#!])[^|>]*\|([^>]*)>")
_LABELLED_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_LONGEST_QUOTE = 60
_INTO = {"into", "in", "to", "with"}


def parse(text: str) -> Command | Mistake:
    """Verb, number and the rest; a bare number shows that incident, nothing at all asks for help."""
    word, rest = _first_word(text.strip())
    if not word:
        return Command(Verb.HELP)
    verb = _VERBS.get(word.casefold())
    if verb is None:
        return _bare_number(word, rest) or _unknown(word)
    if verb in _WITHOUT_NUMBER:
        return Command(verb)
    return _with_number(verb, rest)


def _first_word(text: str) -> tuple[str, str]:
    word, rest, *_ = [*text.split(None, 1), "", ""]
    return word, rest.strip()


def _bare_number(word: str, rest: str) -> Command | None:
    number = _number(word)
    return Command(Verb.SHOW, number) if number and not rest else None


def _number(word: str) -> int | None:
    found = _NUMBER.fullmatch(word.rstrip(",:;."))
    return int(found[1]) if found else None


def _unknown(word: str) -> Mistake:
    near = difflib.get_close_matches(word.casefold(), _VERBS, n=1, cutoff=0.6)
    if near:
        meant = _VERBS[near[0]]
        return Mistake(f"I don't know “{_shown(word)}”. Did you mean `{meant}`?", example(meant))
    return Mistake(f"I don't know “{_shown(word)}”. `/incident help` shows what I understand.", example(Verb.LIST))


def _with_number(verb: Verb, rest: str) -> Command | Mistake:
    word, more = _first_word(rest)
    if verb is Verb.ASSIGN and _person(word):
        word, more = _first_word(f"{more} {word}")
    number = _number(word)
    if number is None:
        return _no_number(verb, word)
    if verb is Verb.ASSIGN:
        return _assign(number, more)
    if verb is Verb.MERGE:
        return _merge(number, more)
    if verb in _WITH_TEXT:
        return _with_text(verb, number, as_seen(more))
    if more:
        return Mistake(
            f"`{verb}` takes one incident and nothing after it; I don't know what “{_shown(more)}” is for. "
            "Nothing was done.",
            example(verb),
        )
    return Command(verb, number)


def _no_number(verb: Verb, word: str) -> Mistake:
    if word:
        return Mistake(f"“{_shown(word)}” is no incident's number.", example(verb), number_missing=True)
    return Mistake(f"Which incident? `{verb}` needs its number.", example(verb), number_missing=True)


def _assign(number: int, rest: str) -> Command | Mistake:
    words = [word for word in rest.split() if word.casefold() != "to"]
    if not words:
        return Mistake("To whom? Name a person, `me`, or `nobody`.", example(Verb.ASSIGN))
    person = _person(words[0])
    if person is None:
        problem = f"I don't know “{_shown(words[0])}”: type @ and choose the person from the list that Slack offers."
        return Mistake(problem, example(Verb.ASSIGN))
    if len(words) > 1:
        return Mistake("One incident has one person. Nothing was done.", example(Verb.ASSIGN))
    return Command(Verb.ASSIGN, number, person=person)


def _merge(number: int, rest: str) -> Command | Mistake:
    words = [word for word in rest.split() if word.casefold() not in _INTO]
    if not words:
        return Command(Verb.MERGE, number)
    other = _number(words[0])
    if other is None or len(words) > 1:
        told = t("I don't know “{words}”: name the one incident that it is to be merged into.", words=_shown(rest))
        return Mistake(told, example(Verb.MERGE))
    return Command(Verb.MERGE, number, other=other)


def _person(word: str) -> str | None:
    if word.casefold() in {ME, "myself"}:
        return ME
    if word.casefold() in {NOBODY, "none"}:
        return NOBODY
    found = _PERSON.fullmatch(word)
    return found[1] if found else None


def _with_text(verb: Verb, number: int, text: str) -> Command | Mistake:
    if len(text) > LONGEST_NOTE:
        problem = f"That has {len(text)} characters, {LONGEST_NOTE} fit: shorten it or link to a document."
        return Mistake(problem, example(verb))
    if verb is Verb.NOTE and not text:
        return Mistake("The note is empty: write what the others should know.", example(verb))
    return Command(verb, number, text=text)


def as_seen(text: str) -> str:
    """What the person saw as they typed: ``<@U0BOB|bob>`` is ``@bob``, ``&lt;`` is ``<``."""
    text = _LABELLED.sub(lambda found: (found[1] if found[1] != "!" else "") + found[2], text)
    return html.unescape(_LABELLED_LINK.sub(r"\1", text))


def example(verb: Verb) -> str:
    """How this verb is written, as one types it."""
    after = {
        Verb.LIST: "",
        Verb.HELP: "",
        Verb.RESOLVE: " 12 rolled back",
        Verb.NOISE: " 12 flaky probe",
        Verb.ASSIGN: " 12 @alice",
        Verb.NOTE: " 12 looking at the database",
        Verb.MERGE: " 12 into 14",
    }
    return f"/incident {verb}{after.get(verb, ' 12')}"


def _shown(word: str) -> str:
    return data(as_seen(word), _LONGEST_QUOTE)
