"""The section ``schedules`` of ``bongsu.yaml``: who is on call when."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, Field, PlainValidator, field_validator

from bongsu.config_calendars import NAMES, calendar_source, group_name, names, person_id
from bongsu.config_mistakes import each, nearest
from bongsu.config_parts import Part, channel
from bongsu.config_routes import RoutePart
from bongsu.config_text import KEY, Text, Way
from incidents.policy import SCHEDULE
from incidents.schedules import Calendar, Holiday, Layer, Rotation, Schedule, Unit, Window
from incidents.schedules.model import EVERY_DAY, FIRST_DAY, MIDNIGHT
from incidents.schedules.windows import first_hole

MOST_SCHEDULES = 50

_PEOPLE = '["<@U0123456789>"]'
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHOWN_DAYS = ", ".join(day.title() for day in _DAYS)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TAKEN = {"me", "myself", "nobody", "none", "for", "until", "till", "to", "tomorrow", "workday"}
"""Words that mean something else behind ``/incident oncall``."""
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_EVERY = re.compile(r"(-?[0-9]{1,6})\s*([hdw])")
_NAMED = {"hourly": "1h", "daily": "1d", "weekly": "7d"}
_LONGEST = {"h": 24 * 366, "d": 366, "w": 52}
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)

Every = tuple[int, Unit]


def _zone(told: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(told))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = {name.casefold(): name for name in available_timezones()}
        near = difflib.get_close_matches(str(told).casefold(), known, n=1, cutoff=0.6)
        mend = f"did you mean '{known[near[0]]}'?" if near else "write one such as Europe/Berlin or Asia/Seoul"
        raise ValueError(f"'{told}' is no time zone: {mend}") from error


def _people(told: object) -> list[str]:
    if not isinstance(told, list):
        raise ValueError(f'a list is needed: write people: ["{told}"]')  # noqa: TRY004 - pydantic wants it so
    if not told:
        raise ValueError(f"the list is empty, so nobody would be on call: write people such as {_PEOPLE}")
    return each(told, person_id)


def _people_or_names(told: object) -> object:
    """People who take turns, or, of a calendar, whom its events mean: a mapping."""
    return names(told) if isinstance(told, dict) else _people(told)


def _every(told: object) -> Every:
    """``daily``, ``weekly``, ``3d``, ``2w`` or ``12h``."""
    found = _EVERY.fullmatch(_NAMED.get(told, told)) if isinstance(told, str) else None
    if found is None:
        raise ValueError(f"'{told}' is no length of a turn: write daily, weekly, 3d, 2w or 12h")
    count, unit = int(found[1]), found[2]
    if not 1 <= count <= _LONGEST[unit]:
        raise ValueError(f"'{told}' is out of range: write a turn of 1h to 366d, such as daily, weekly, 3d, 2w or 12h")
    return (count, Unit.HOURS) if unit == "h" else (count * (7 if unit == "w" else 1), Unit.DAYS)


def handover_time(told: object) -> tuple[int | None, time]:
    """``Mon 09:00`` or ``09:00``: the weekday, Monday is 0, None where none is named."""
    if not isinstance(told, str):
        raise ValueError(f'{told} is no time: write it in quotes, such as "Mon 09:00"')  # noqa: TRY004 - pydantic
    *day, clock = told.split() or [""]
    at = _clock(clock)
    if at is None or len(day) > 1 or (day and _weekday(day[0]) is None):
        raise ValueError(f'\'{told}\' is no handover: write a weekday and a time, such as "Mon 09:00", or "09:00"')
    return (_weekday(day[0]) if day else None), at


def _clock(told: str) -> time | None:
    found = _TIME.fullmatch(told)
    return time(int(found[1]), int(found[2])) if found else None


def _weekday(told: str) -> int | None:
    short = told.casefold()[:3]
    whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    is_one = short in _DAYS and (len(told) == 3 or told.casefold() in whole)
    return _DAYS.index(short) if is_one else None


def _hours(told: object) -> tuple[time, time]:
    """``09:00-18:00``; over midnight, ``22:00-06:00``; ``24:00`` is the end of the day."""
    begin, _, end = told.replace("–", "-").partition("-") if isinstance(told, str) else ("", "", "")
    first, last = _clock(begin.strip()), MIDNIGHT if end.strip() == "24:00" else _clock(end.strip())
    if first is None or last is None:
        raise ValueError(f"'{told}' are no hours: write from and to in quotes, such as \"09:00-18:00\"")
    if first == last and end.strip() != "24:00":
        raise ValueError(f"'{told}' ends where it begins: leave 'hours' out for the whole day")
    return first, last


def _weekdays(told: object) -> frozenset[int]:
    """``[Mon, Tue]``, or ``Mon-Fri``."""
    days = [told] if isinstance(told, str) else told
    if not isinstance(days, list) or not days:
        raise ValueError(f"'{told}' are no weekdays: write Mon-Fri, or some of [{_SHOWN_DAYS}]")
    return frozenset(day for one in each(days, _span) for day in one)


def _span(told: Any) -> Any:
    first, dash, last = str(told).replace("–", "-").partition("-")
    begin, end = _weekday(first.strip()), _weekday(last.strip() if dash else first.strip())
    if begin is None or end is None:
        raise ValueError(f"'{told}' is no weekday: use {_SHOWN_DAYS}, or Mon-Fri")
    return [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]


def _day(told: object) -> date:
    """YAML reads 2026-12-25 as a date by itself."""
    try:
        day = told if type(told) is date else date.fromisoformat(str(told))
    except ValueError as error:
        raise ValueError(f"'{told}' is no day: write it as 2026-12-25") from error
    if not _FIRST <= day < _LAST:
        raise ValueError(f"'{told}' is out of range: write a day from {_FIRST} on")
    return day


def _days(told: object) -> list[date]:
    days = told if isinstance(told, list) else [told]
    if not days:
        raise ValueError("the list is empty: write days such as [2026-12-25], or leave this holiday out")
    return each(days, _day)


def _named(told: object) -> str:
    if told in _TAKEN:
        raise ValueError(f"'{told}' means something else behind /incident oncall: write another name")
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise ValueError(f"'{told}' can't be a name here: write lower-case letters, digits, - and _, such as payments")
    return told


Name = Annotated[str, PlainValidator(_named)]
Zone = Annotated[ZoneInfo, PlainValidator(_zone)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays)]


def window(hours: tuple[time, time] | None, weekdays: frozenset[int] | None) -> Window:
    """None: whole days, every day."""
    begin, end = hours or (MIDNIGHT, MIDNIGHT)
    return Window(EVERY_DAY if weekdays is None else weekdays, begin, end)


class LayerPart(Part):
    people: Annotated[Any, PlainValidator(_people)]
    rotate: Annotated[Every, PlainValidator(_every)] = (7, Unit.DAYS)
    handover: Annotated[tuple[int | None, time] | None, BeforeValidator(handover_time)] = None
    start: Annotated[date, BeforeValidator(_day)] = FIRST_DAY
    hours: Hours | None = None
    weekdays: Weekdays | None = None
    name: Name | None = None

    def layer(self, name: str) -> Layer:
        every, unit = self.rotate
        weekday, at = self.handover or (None, time(9))
        rotation = Rotation(tuple(self.people), every, unit, at, self._start(weekday))
        return Layer(self.name or name, rotation, self._window())

    def _start(self, weekday: int | None) -> date:
        """The first such weekday from ``start`` on."""
        if weekday is None:
            return self.start
        return date.fromordinal(self.start.toordinal() + (weekday - self.start.weekday()) % 7)

    def _window(self) -> Window | None:
        return None if self.hours is None and self.weekdays is None else window(self.hours, self.weekdays)

    @property
    def has_start(self) -> bool:
        return "start" in self.model_fields_set

    @property
    def turn_is_whole_weeks(self) -> bool:
        every, unit = self.rotate
        return unit is Unit.DAYS and every % 7 == 0


class HolidayPart(Part):
    days: Annotated[list[date], PlainValidator(_days)]
    person: Annotated[str | None, BeforeValidator(person_id)] = None
    layer: Name | None = None


class SchedulePart(LayerPart):
    """Of one layer, whose keys stand beside ``timezone``, or of ``layers``, or from a calendar."""

    timezone: Zone
    people: Annotated[Any, PlainValidator(_people_or_names)] = Field(default_factory=list)
    layers: list[LayerPart] = Field(default_factory=list)
    holidays: list[HolidayPart] = Field(default_factory=list)
    gaps: bool = False
    ical: Annotated[str | None, PlainValidator(calendar_source)] = None
    fallback: Annotated[str | None, BeforeValidator(person_id)] = None
    allow_private: bool = False
    user_group: Annotated[str | None, PlainValidator(group_name)] = None
    handover_channel: str | None = None

    @field_validator("handover_channel")
    @classmethod
    def _is_channel(cls, told: str | None) -> str | None:
        return told if told is None else channel(told)

    @property
    def of_one_layer(self) -> bool:
        return not self.layers

    def schedule(self, name: str, *, line: int | None = None) -> Schedule:
        calendar = None if self.ical is None else Calendar(self.ical, self.people, self.fallback, self.allow_private)
        layers = () if calendar is not None else (self.layer(name),) if self.of_one_layer else self._layers()
        holidays = tuple(Holiday(frozenset(one.days), one.person, one.layer) for one in self.holidays)
        return Schedule(
            name,
            self.timezone,
            layers,
            holidays,
            calendar,
            user_group=self.user_group,
            handover_channel=self.handover_channel,
            line=line,
        )

    def _layers(self) -> tuple[Layer, ...]:
        return tuple(one.layer(f"layer-{number}") for number, one in enumerate(self.layers, start=1))


def schedules(parts: Mapping[str, SchedulePart], told: Text) -> dict[str, Schedule]:
    """``told``: the file, which says in which lines they stand."""
    return {name: part.schedule(name, line=told.key_spot(("schedules", name)).line) for name, part in parts.items()}


def faults(parts: Mapping[str, SchedulePart]) -> list[tuple[Way, str]]:
    """What can't be seen in one value alone."""
    problems: list[tuple[Way, str]] = []
    if len(parts) > MOST_SCHEDULES:
        problems.append((("schedules",), f"there are {len(parts)} schedules: {MOST_SCHEDULES} are the most"))
    for name, part in parts.items():
        found = list(_of_calendar(part)) if part.ical is not None else _of_rotation(part)
        problems += [(("schedules", name, *way), problem) for way, problem in found]
    return problems


def _of_calendar(part: SchedulePart) -> Iterator[tuple[Way, str]]:
    """A calendar says by itself whose turn is when."""
    beside = sorted(part.model_fields_set & (set(LayerPart.model_fields) | {"layers", "holidays", "gaps"}) - {"people"})
    for name in beside:
        yield (name, KEY), f"beside 'ical' it is one too many, for the calendar says it: leave '{name}' out"
    if not part.people:
        yield ("people",), f"'people' is missing: write whom its events mean, such as {NAMES}"
    elif not isinstance(part.people, dict):
        yield ("people",), f"beside 'ical' it says whom events mean: write {NAMES}"


def _of_rotation(part: SchedulePart) -> list[tuple[Way, str]]:
    if isinstance(part.people, dict):
        return [(("people",), f"only a calendar ('ical') has people by names: write a list, such as {_PEOPLE}")]
    return [*_shape(part), *_handovers(part), *_holidays(part)] or _holes(part)


def _shape(part: SchedulePart) -> Iterator[tuple[Way, str]]:
    if part.of_one_layer and not part.people:
        yield ("people",), f"'people' is missing: write who takes turns, such as {_PEOPLE}"
    beside = sorted(part.model_fields_set & (set(LayerPart.model_fields) - {"layers"}))
    if not part.of_one_layer and beside:
        yield (beside[0], KEY), f"beside 'layers' it is one too many: write '{beside[0]}' into the layers"
    for name in sorted(part.model_fields_set & {"fallback", "allow_private"}):
        yield (name, KEY), f"only a calendar ('ical') has '{name}': leave it out"
    for place, one in enumerate(part.layers):
        if one.name and one.name in [other.name for other in part.layers[:place]]:
            yield ("layers", place, "name"), f"another layer is called '{one.name}', too: write another name"


def _handovers(part: SchedulePart) -> Iterator[tuple[Way, str]]:
    for way, layer in _ways(part):
        weekday = layer.handover[0] if layer.handover else None
        if weekday is not None and not layer.turn_is_whole_weeks:
            yield (*way, "handover"), "turns are no whole weeks, so no weekday holds: write the time alone, and 'start'"
        elif weekday is None and layer.handover is not None and layer.turn_is_whole_weeks and not layer.has_start:
            yield (*way, "handover"), 'on which day? Write the weekday, too, such as "Mon 09:00"'


def _ways(part: SchedulePart) -> list[tuple[Way, LayerPart]]:
    return [((), part)] if part.of_one_layer else [(("layers", place), one) for place, one in enumerate(part.layers)]


def _holidays(part: SchedulePart) -> Iterator[tuple[Way, str]]:
    layers = [layer.name for layer in part.schedule("").layers] if part.people or part.layers else []
    for place, one in enumerate(part.holidays):
        if (one.person is None) == (one.layer is None):
            yield ("holidays", place), "who has it then? Write 'person' or 'layer', one of them"
        elif one.layer is not None and one.layer not in layers:
            yield ("holidays", place, "layer"), f"there is no layer '{one.layer}': {nearest(one.layer, layers)}"


def _holes(part: SchedulePart) -> list[tuple[Way, str]]:
    hole = None if part.gaps else first_hole(part.schedule("").layers)
    if hole is None:
        return []
    day, at = hole
    since = f"{_DAYS[day].title()} {at:%H:%M}"
    mend = "write a layer without hours and weekdays below, or gaps: true if that is meant"
    return [(("layers",) if part.layers else (), f"from {since} on nobody is on call: {mend}")]


def unknown_mentions(routes: Sequence[RoutePart], known: Iterable[str]) -> list[tuple[Way, str]]:
    """Routes that mention a schedule that is not there."""
    ways: list[tuple[Way, str]] = [
        (("routes", place, "mention", number), one)
        for place, route in enumerate(routes)
        for number, one in enumerate(route.mention)
    ]
    return unknown_schedules(ways, known)


def unknown_schedules(mentions: Iterable[tuple[Way, str]], known: Iterable[str]) -> list[tuple[Way, str]]:
    """Of mentions with the ways to them, those that name a schedule that is not there."""
    names = list(known)
    problems: list[tuple[Way, str]] = []
    for way, one in mentions:
        name = one.removeprefix(SCHEDULE)
        if name != one and name not in names:
            mend = nearest(name, names) if names else "write it below 'schedules'"
            problems.append((way, f"there is no schedule '{name}': {mend}"))
    return problems
