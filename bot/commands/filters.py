"""The words behind ``/incident list`` and ``/incident stats``, in any order, into a filter; and back. Pure.

What is no keyword, time or person is looked for in places, titles and names of alerts. So a mistyped keyword can't be
refused before it is known that nothing is found by it: ``nearest`` tells then what may have been meant.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.blocks.text import data
from bot.blocks.text import person as mention
from bot.commands.command import ME, Mistake, Verb
from bot.commands.verbs import example
from bot.commands.words import as_seen, number, person, shown
from bot.language import t
from incidents.browse import LONGEST_WORD, MOST_WORDS, PAST, Filter, Matching
from incidents.errors import InvalidInput
from incidents.model import Severity, Status

PAST_WITHIN = timedelta(days=7)
"""How far back a list of past ones reaches where nobody says so."""
STATS_WITHIN = timedelta(days=7)
LONGEST_WITHIN = timedelta(days=366)

_SEVERITIES: Mapping[str, Severity] = {severity.value: severity for severity in Severity} | {
    "crit": Severity.CRITICAL, "err": Severity.ERROR, "warn": Severity.WARNING,
}  # fmt: skip
_STATES: Mapping[str, Filter] = {
    "open": Filter(),
    "active": Filter(statuses=frozenset({Status.ACTIVE})),
    "acknowledged": Filter(statuses=frozenset({Status.ACKNOWLEDGED})),
    "snoozed": Filter(snoozed=True),
    "resolved": Filter(statuses=PAST),
    "noise": Filter(statuses=PAST, noise=True),
}
_STATE_SYNONYMS = {"acked": "acknowledged", "closed": "resolved"}
_UNASSIGNED = ("unassigned", "nobody", "unowned")
_MINE = ("mine", ME, "my")
_TIME = re.compile(r"([0-9]{1,6})([a-z]{1,3})")
_UNITS = {
    "m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": timedelta(days=1), "w": timedelta(weeks=1),
}  # fmt: skip
_WRITTEN = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))
_NAMED_INCIDENT = re.compile(r"inc[-_#].*|#[0-9]+", re.IGNORECASE)
_KEYWORDS = (*_STATES, *_SEVERITIES, "mine", "unassigned")


def read_filter(text: str) -> Filter | Mistake:
    """The filter that ``list`` means; who typed it stands in it as ``ME``."""
    try:
        wanted, is_told = _read(text)
    except InvalidInput as wrong:
        return Mistake(wrong.problem, example(Verb.LIST))
    if wanted.is_past and not is_told:
        wanted = replace(wanted, within=PAST_WITHIN)
    return wanted


def read_period(text: str) -> Filter | Mistake:
    """What ``stats`` means: only ``matching`` and ``within`` are told, the latter always."""
    try:
        wanted, _ = _read(text)
        if replace(wanted, matching=Matching(), within=None) != Filter():
            raise _wrong(t("Figures are of a time, of services and of severities: who has an incident is not asked."))
    except InvalidInput as wrong:
        return Mistake(wrong.problem, example(Verb.STATS))
    return wanted if wanted.within else replace(wanted, within=STATS_WITHIN)


def _read(text: str) -> tuple[Filter, bool]:
    """And whether a time was named. Raises InvalidInput."""
    read = _Reader()
    for word in text.split():
        if word := word.strip(",;"):
            read.take(word)
    return read.filter(), read.within is not None


class _Reader:
    """Takes words one by one; ``filter`` is what they say together. ``take`` raises InvalidInput."""

    def __init__(self) -> None:
        self.state = ""
        self.owner: str | None = None
        self.within: timedelta | None = None
        self.severities: set[Severity] = set()
        self.words: list[str] = []

    def take(self, word: str) -> None:
        plain = word.casefold()
        state = _STATE_SYNONYMS.get(plain, plain)
        if state in _STATES:
            self._take_state(state)
        elif plain in _SEVERITIES:
            self.severities.add(_SEVERITIES[plain])
        elif plain in _UNASSIGNED:
            self._take_owner("")
        elif plain in _MINE:
            self._take_owner(ME)
        elif word[0] in "<@#" or _NAMED_INCIDENT.fullmatch(word):
            self._take_owner(_person(word))
        elif (found := _TIME.fullmatch(plain)) and (found[2] in _UNITS or len(found[2]) == 1):
            self._take_time(word, found)
        else:
            self._take_word(as_seen(word).lower())

    def _take_state(self, state: str) -> None:
        before = self.state
        if before and state != before and {state, before} != {"noise", "resolved"}:
            raise _wrong(t("It is either `{one}` or `{other}`: name one of them.", one=before, other=state))
        self.state = "noise" if "noise" in {before, state} else state

    def _take_owner(self, owner: str) -> None:
        if self.owner is not None and self.owner != owner:
            raise _wrong(t("One person at a time, or `unassigned`."))
        self.owner = owner

    def _take_time(self, word: str, found: re.Match[str]) -> None:
        unit = _UNITS.get(found[2])
        within = int(found[1]) * unit if unit else timedelta(0)
        if not timedelta(0) < within <= LONGEST_WITHIN:
            raise _wrong(t("“{word}” is no time: write `12h`, `7d` or `4w`, a year at most.", word=shown(word)))
        if self.within is not None and within != self.within:
            raise _wrong(t("One time is enough: `7d` means the last 7 days."))
        self.within = within

    def _take_word(self, word: str) -> None:
        if len(word) > LONGEST_WORD or len(self.words) == MOST_WORDS:
            raise _wrong(
                t(
                    "{words} words of {characters} characters can be looked for.",
                    words=MOST_WORDS,
                    characters=LONGEST_WORD,
                )
            )
        self.words.append(word)

    def filter(self) -> Filter:
        told = Matching(frozenset(self.severities), tuple(dict.fromkeys(self.words)))
        state = _STATES[self.state or "open"]
        owner = self.owner or None
        return replace(state, matching=told, owner=owner, unassigned=self.owner == "", within=self.within)


def _person(word: str) -> str:
    named = person(word)
    if named is not None:
        return named
    if number(word):
        raise _wrong(t("To see one incident: `/incident show {name}`.", name=shown(word.lstrip("#"))))
    raise _wrong(
        t(
            "“{word}” is no person: type @ and choose one from the list that Slack offers. Groups and channels have no "
            "incidents.",
            word=shown(word),
        )
    )


def _wrong(problem: str) -> InvalidInput:
    """``problem``: a sentence of harmless mrkdwn."""
    return InvalidInput("filter", problem)


def nearest(wanted: Filter) -> tuple[str, str] | None:
    """A word that nothing was found by, and the keyword that may have been meant; None where none is near."""
    for word in wanted.matching.words:
        if near := difflib.get_close_matches(word, _KEYWORDS, n=1, cutoff=0.7):
            return word, near[0]
    return None


def typed(verb: Verb, wanted: Filter, *, by: str) -> str:
    """``/incident list resolved payments 7d``: how this filter is written, as mrkdwn. ``by`` is who asks."""
    words = [f"/incident {verb}", *_written(wanted, by)]
    is_mentioning = wanted.owner not in {None, by}
    told = " ".join(words)
    return told if is_mentioning else f"`{told}`"


def _written(wanted: Filter, by: str) -> Iterator[str]:
    plain = replace(wanted, matching=Matching(), owner=None, unassigned=False, within=None)
    state = next(name for name, state in _STATES.items() if state == plain)
    if state != "open":
        yield state
    if wanted.unassigned:
        yield "unassigned"
    if wanted.owner is not None:
        yield "mine" if wanted.owner == by else mention(wanted.owner)
    yield from (severity.value for severity in Severity if severity in wanted.matching.severities)
    yield from (data(word) for word in wanted.matching.words)
    if wanted.within is not None:
        yield in_short(wanted.within)


def in_short(within: timedelta) -> str:
    """``7d``: as one types it."""
    unit, length = next((unit, length) for unit, length in _WRITTEN if not within % length)
    return f"{within // length}{unit}"
