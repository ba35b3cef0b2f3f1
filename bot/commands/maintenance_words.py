"""The words behind ``/incident maintenance``: what it is of, when, for how long, and why. Pure."""

from bot.commands.command import Command, MaintenanceDo, MaintenanceOrder, Mistake, Verb
from bot.commands.verbs import example
from bot.commands.words import as_seen, first_word, shown
from bot.language import t
from bot.snooze_time import For, SnoozeTime, read_snooze_time
from incidents.maintenance.model import EVERYTHING, SCOPE_FIELDS, Scope

_LIST = {"list", "ls", "show", "목록"}
_PREVIEW = {"preview", "미리보기"}
_END = {"end", "stop", "cancel", "over", "종료"}
_ALIASES = {"ns": "namespace", "alert": "rule", "alertname": "rule", "app": "service", "env": "phase"}
_AT = {"at", "from", "on"}
_UNTIL = {"until", "till"}
_LONGEST_TIME = 3
"""Words: ``tomorrow at 22:00``."""


def read_maintenance(rest: str) -> Command | Mistake:
    """``payments 2h deploy``, ``cluster=a 2h at tomorrow 22:00 deploy``, ``list``, ``end 3``, ``preview payments``.

    Nothing at all asks for the form.
    """
    word, more = first_word(as_seen(rest).strip())
    match word.casefold():
        case "":
            return _command(MaintenanceOrder(MaintenanceDo.FORM))
        case known if known in _LIST and not more:
            return _command(MaintenanceOrder(MaintenanceDo.LIST))
        case known if known in _END:
            return _command(MaintenanceOrder(MaintenanceDo.END, window=more))
        case known if known in _PREVIEW:
            return _preview(more)
        case _:
            return _plan(f"{word} {more}")


def _command(order: MaintenanceOrder) -> Command:
    return Command(Verb.MAINTENANCE, maintenance=order)


def _preview(text: str) -> Command | Mistake:
    scope, everything, left = _read_scope(text.split())
    if isinstance(scope, Mistake):
        return scope
    if left or (scope.is_everything and not everything):
        return _wrong(t("What is it of? Name a service, or `cluster=…`, or `everything`."))
    return _command(MaintenanceOrder(MaintenanceDo.PREVIEW, scope=scope, everything=everything))


def _plan(text: str) -> Command | Mistake:
    scope, everything, left = _read_scope(text.split())
    if isinstance(scope, Mistake):
        return scope
    at, left = _begins(left)
    until, left = _lasts(left)
    if until is None:
        return _no_time(left)
    if at is None:
        at, left = _begins(left)
    order = MaintenanceOrder(
        MaintenanceDo.PLAN, scope=scope, everything=everything, at=at, until=until, reason=" ".join(left)
    )
    return _command(order)


def _read_scope(words: list[str]) -> tuple[Scope | Mistake, bool, list[str]]:
    """What it is of, whether that is said to be everything, and the words behind it: those from a time on."""
    found: dict[str, list[str]] = {}
    everything, place = False, 0
    while place < len(words) and not _begins_a_time(words[place:]):
        word, place = words[place], place + 1
        if word.casefold() == EVERYTHING:
            everything = True
            continue
        field, sign, values = word.partition("=")
        if not sign:
            field, values = "service", word
        field = _ALIASES.get(field.casefold(), field.casefold())
        if field not in SCOPE_FIELDS:
            fields = ", ".join(f"`{one}`" for one in SCOPE_FIELDS)
            told = t("I don't know what “{word}” is: write one of {fields}.", word=shown(word), fields=fields)
            return _wrong(told), False, []
        found.setdefault(field, []).extend(value for value in values.split(",") if value)
    return Scope(**{field: tuple(values) for field, values in found.items()}), everything, words[place:]


def _begins_a_time(words: list[str]) -> bool:
    if words[0].casefold() in _AT | _UNTIL:
        return _time(words[1:])[0] is not None
    return _span(words)[0] is not None


def _begins(words: list[str]) -> tuple[SnoozeTime | None, list[str]]:
    if not words or words[0].casefold() not in _AT:
        return None, words
    found, left = _time(words[1:])
    return (None, words) if found is None else (found, left)


def _lasts(words: list[str]) -> tuple[SnoozeTime | None, list[str]]:
    if words and words[0].casefold() in _UNTIL:
        found, left = _time(words[1:])
        return (None, words) if found is None else (found, left)
    if words and words[0].casefold() == "for":
        words = words[1:]
    return _span(words)


def _span(words: list[str]) -> tuple[SnoozeTime | None, list[str]]:
    """``2h``, ``1h 30m``, ``2 hours``: as much of it as there is."""
    for count in range(min(_LONGEST_TIME, len(words)), 0, -1):
        found = read_snooze_time(" ".join(words[:count]))
        if isinstance(found, For):
            return found, words[count:]
    return None, words


def _time(words: list[str]) -> tuple[SnoozeTime | None, list[str]]:
    for count in range(min(_LONGEST_TIME, len(words)), 0, -1):
        found = read_snooze_time(" ".join(words[:count]))
        if found is not None and not isinstance(found, For):
            return found, words[count:]
    return None, words


def _no_time(left: list[str]) -> Mistake:
    if left:
        told = t("I don't know what time “{word}” is: write `2h`, or `until 23:00`.", word=shown(" ".join(left[:3])))
        return _wrong(told)
    return _wrong(t("For how long? For example `2h`, or `until 23:00`. `/incident maintenance` alone opens a form."))


def _wrong(problem: str) -> Mistake:
    return Mistake(problem, example(Verb.MAINTENANCE))
