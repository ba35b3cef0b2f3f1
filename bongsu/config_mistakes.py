"""What is wrong in ``bongsu.yaml``: where, why, and what to write instead."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bongsu.config_text import KEY, Flaw, Text, Way
from incidents.errors import InvalidInput

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """``where`` is the way to it, such as ``routes.0.channel``, "" for the whole file. ``line`` and ``column`` from 1.

    ``problem`` is a sentence that ends with what to write.
    """

    line: int
    column: int
    where: str
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.problem}"


class InvalidConfig(InvalidInput):
    """The file has mistakes, of which the message tells the first. ``text`` is what stands in it."""

    def __init__(self, name: str, mistakes: Sequence[Mistake], text: str) -> None:
        first, more = mistakes[0], len(mistakes) - 1
        rest = f" (and {more} more: `bongsu config check` lists them)" if more else ""
        super().__init__(f"{name}: {first.where}" if first.where else name, f"{first}{rest}")
        self.mistakes = mistakes
        self.text = text


def refuse(problems: Iterable[tuple[Way, str]]) -> NoReturn:
    """In a validator: several problems at once, each with the way that leads to it from here."""
    errors = [
        InitErrorDetails(type=PydanticCustomError("value_error", "{told}", {"told": told}), loc=tuple(way), input=None)
        for way, told in problems
    ]
    raise ValidationError.from_exception_data("bongsu.yaml", errors)


def each(told: Sequence[T], checked: Callable[[T], T]) -> list[T]:
    """In a validator of a list: all of its items, where ``checked`` raises ValueError for none of them."""
    found, problems = [], list[tuple[Way, str]]()
    for place, one in enumerate(told):
        try:
            found.append(checked(one))
        except ValueError as error:
            problems.append(((place,), str(error)))
    if problems:
        refuse(problems)
    return found


def of_flaws(flaws: Iterable[Flaw]) -> list[Mistake]:
    return [Mistake(flaw.spot.line, flaw.spot.column, _where(flaw.way), flaw.problem) for flaw in flaws]


def at(text: Text, way: Way, problem: str) -> Mistake:
    """A mistake at the end of this way."""
    spot = text.spot(way)
    return Mistake(spot.line, spot.column, _where(way), problem)


def of_model(error: ValidationError, text: Text, model: type[BaseModel]) -> list[Mistake]:
    """All of what pydantic found in the file that ``model`` describes."""
    return [_mistake(one, text, model) for one in error.errors(include_url=False)]


def nearest(name: str, known: Iterable[str]) -> str:
    """``did you mean 'channel'?``, else what there is."""
    names = list(known)
    [*close] = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"use {', '.join(names)}"


def _mistake(error: ErrorDetails, text: Text, model: type[BaseModel]) -> Mistake:
    way = error["loc"]
    spot = text.key_spot(way) if error["type"] in {"extra_forbidden", "invalid_key"} else text.spot(way)
    return Mistake(spot.line, spot.column, _where(way), _in_words(error, model))


def _in_words(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Ours as they are; of the library's, in words of the file and not of its types."""
    way, told = error["loc"], error["input"]
    match error["type"]:
        case "extra_forbidden":
            return f"there is no such key '{way[-1]}': {nearest(str(way[-1]), _keys(model, way[:-1]))}"
        case "missing":
            return f"'{way[-1]}' is missing: write it"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "a mapping is needed: write keys below it, or leave it out"
        case "list_type":
            return (
                f"a list is needed: write [{_shown(told)}]"
                if isinstance(told, str)
                else "a list is needed: write - before each"
            )
        case "string_type":
            return _no_text(told)
        case "literal_error":
            return f"'{told}' can't be used: use {str(error['ctx']['expected']).replace(chr(39), '')}"
        case "invalid_key":
            return f"a key must be text: write '{way[-1]}' in quotes"
        case "recursion_loop":
            return "it contains itself: write it out"
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case _:
            return f"{_shown(told)} can't be used here ({error['msg']}): see docs/reference/configuration.md"


def _no_text(told: object) -> str:
    if told is None:
        return 'it is empty: text is needed, in quotes where it begins with # or @, such as "#name"'
    if isinstance(told, list | dict):
        return "text is needed: write one value in quotes"
    return f'text is needed: write it in quotes, "{_shown(told)}"'


def _shown(told: object) -> str:
    """As it stands in YAML."""
    return {True: "true", False: "false"}[told] if isinstance(told, bool) else str(told)[:80]


def _where(way: Way) -> str:
    return ".".join(str(part) for part in way if part != KEY)


def _keys(model: type[BaseModel], way: Way) -> list[str]:
    """Those that are known where this way ends."""
    here: Any = model
    for part in way:
        here = _plain(here.model_fields[str(part)].annotation if _is_model(here) else get_args(here)[-1])
    return sorted(one.alias or name for name, one in here.model_fields.items()) if _is_model(here) else []


def _plain(annotation: Any) -> Any:
    """Without what is said besides; of what may be None, the other."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    models = [one for one in map(_bare, get_args(annotation)) if _is_model(one)] if _is_union(annotation) else []
    return models[0] if models else annotation


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_union(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
