"""The text behind ``/incident`` into a command, or into what is wrong with it. Pure."""

import difflib

from bot.commands.command import Command, Mistake, Verb
from bot.commands.filters import read_filter, read_period
from bot.commands.maintenance_words import read_maintenance
from bot.commands.oncall_words import read_oncall
from bot.commands.verbs import BY_WORD, VERBS, Takes, example
from bot.commands.words import as_seen, first_word, number, person, shown
from bot.language import t
from bot.snooze_time import read_snooze_time
from incidents.actions.note import LONGEST_NOTE

_INTO = {"into", "in", "to", "with"}


def parse(text: str) -> Command | Mistake:
    """Verb, number and the rest; a bare number shows that incident, nothing at all asks for help."""
    word, rest = first_word(text.strip())
    if not word:
        return Command(Verb.HELP)
    verb = BY_WORD.get(word.casefold())
    if verb is None:
        return _bare_number(word, rest) or _unknown(word)
    match VERBS[verb].takes:
        case Takes.NOTHING:
            return Command(verb)
        case Takes.WORDS:
            return _with_words(verb, rest)
        case _:
            return _with_number(verb, rest)


def _bare_number(word: str, rest: str) -> Command | None:
    found = number(word)
    return Command(Verb.SHOW, found) if found and not rest else None


def _unknown(word: str) -> Mistake:
    near = difflib.get_close_matches(word.casefold(), BY_WORD, n=1, cutoff=0.6)
    if near:
        meant = BY_WORD[near[0]]
        told = t("I don't know “{word}”. Did you mean `{verb}`?", word=shown(word), verb=meant)
        return Mistake(told, example(meant))
    told = t("I don't know “{word}”. `/incident help` shows what I understand.", word=shown(word))
    return Mistake(told, example(Verb.LIST))


def _with_words(verb: Verb, rest: str) -> Command | Mistake:
    if verb is Verb.DECLARE:
        return Command(verb, text=" ".join(as_seen(rest).split()))
    if verb is Verb.ONCALL:
        return read_oncall(rest)
    if verb is Verb.MAINTENANCE:
        return read_maintenance(rest)
    wanted = read_filter(rest) if verb is Verb.LIST else read_period(rest)
    return wanted if isinstance(wanted, Mistake) else Command(verb, filter=wanted)


def _with_number(verb: Verb, rest: str) -> Command | Mistake:
    takes = VERBS[verb].takes
    word, more = first_word(rest)
    if takes is Takes.NUMBER_AND_PERSON and person(word):
        word, more = first_word(f"{more} {word}")
    found = number(word)
    if found is None:
        return _no_number(verb, word)
    if takes is Takes.NUMBER_AND_PERSON:
        return _assign(found, more)
    if takes is Takes.NUMBER_AND_TIME:
        return _snooze(found, more)
    if takes is Takes.NUMBER_AND_OTHER:
        return _merge(found, more)
    if takes is Takes.NUMBER_AND_TEXT:
        return _with_text(verb, found, as_seen(more))
    if more:
        told = t(
            "`{verb}` takes one incident and nothing after it; I don't know what “{rest}” is for. Nothing was done.",
            verb=verb,
            rest=shown(more),
        )
        return Mistake(told, example(verb))
    return Command(verb, found)


def _no_number(verb: Verb, word: str) -> Mistake:
    if word:
        told = t("“{word}” is no incident's number.", word=shown(word))
        return Mistake(told, example(verb), number_missing=True)
    return Mistake(t("Which incident? `{verb}` needs its number.", verb=verb), example(verb), number_missing=True)


def _assign(incident: int, rest: str) -> Command | Mistake:
    words = [word for word in rest.split() if word.casefold() != "to"]
    if not words:
        return Mistake(t("To whom? Name a person, `me`, or `nobody`."), example(Verb.ASSIGN))
    to = person(words[0])
    if to is None:
        told = t(
            "I don't know “{word}”: type @ and choose the person from the list that Slack offers.", word=shown(words[0])
        )
        return Mistake(told, example(Verb.ASSIGN))
    if len(words) > 1:
        return Mistake(t("One incident has one person. Nothing was done."), example(Verb.ASSIGN))
    return Command(Verb.ASSIGN, incident, person=to)


def _snooze(incident: int, rest: str) -> Command | Mistake:
    if BY_WORD.get(rest.casefold()) is Verb.WAKE:
        return Command(Verb.WAKE, incident)
    if not rest:
        return Mistake(t("For how long?"), example(Verb.SNOOZE))
    until = read_snooze_time(as_seen(rest))
    if until is None:
        told = t(
            "I don't know what time “{word}” is: write `30m`, `2h`, `tomorrow`, `workday`, `until 14:30` or `wake`.",
            word=shown(rest),
        )
        return Mistake(told, example(Verb.SNOOZE))
    return Command(Verb.SNOOZE, incident, until=until)


def _merge(incident: int, rest: str) -> Command | Mistake:
    words = [word for word in rest.split() if word.casefold() not in _INTO]
    if not words:
        return Command(Verb.MERGE, incident)
    other = number(words[0])
    if other is None or len(words) > 1:
        told = t("I don't know “{words}”: name the one incident that it is to be merged into.", words=shown(rest))
        return Mistake(told, example(Verb.MERGE))
    return Command(Verb.MERGE, incident, other=other)


def _with_text(verb: Verb, incident: int, text: str) -> Command | Mistake:
    if len(text) > LONGEST_NOTE:
        told = t(
            "That has {count} characters, {most} fit: shorten it or link to a document.",
            count=len(text),
            most=LONGEST_NOTE,
        )
        return Mistake(told, example(verb))
    if verb is Verb.NOTE and not text:
        return Mistake(t("The note is empty: write what the others should know."), example(verb))
    return Command(verb, incident, text=text)
