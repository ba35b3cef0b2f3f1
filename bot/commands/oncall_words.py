"""The words behind ``/incident oncall``: a schedule, who takes it over, and until when. Pure."""

from bot.commands.command import ME, NOBODY, Command, Mistake, Verb
from bot.commands.verbs import example
from bot.commands.words import as_seen, first_word, person, shown
from bot.language import t
from bot.snooze_time import read_snooze_time


def read_oncall(rest: str) -> Command | Mistake:
    """``payments``, ``payments me 4h``, ``payments @bob until 18:00``, ``me 4h`` where there is only one schedule."""
    schedule, more = _schedule(rest)
    word, when = first_word(more)
    who = person(word)
    if not more:
        return Command(Verb.ONCALL, text=schedule)
    if who is None:
        who, when = ME, more
    if who == NOBODY:
        return _wrong(t("Somebody has to be on call: name a person, or `me`."))
    if not when:
        return _wrong(t("Until when? For example `4h`, `until 18:00` or `tomorrow 9:00`."))
    until = read_snooze_time(as_seen(when))
    if until is None:
        told = t(
            "I don't know what time “{word}” is: write `4h`, `until 18:00` or `2026-12-01 09:00`.", word=shown(when)
        )
        return _wrong(told)
    return Command(Verb.ONCALL, text=schedule, person=who, until=until)


def _schedule(rest: str) -> tuple[str, str]:
    """The name, "" where the text begins with a person or a time, and the rest."""
    word, more = first_word(rest)
    begins_otherwise = not word or person(word) is not None or read_snooze_time(as_seen(rest)) is not None
    return ("", rest.strip()) if begins_otherwise else (as_seen(word), more)


def _wrong(problem: str) -> Mistake:
    return Mistake(problem, example(Verb.ONCALL))
