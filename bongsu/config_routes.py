"""The section ``routes`` of ``bongsu.yaml``: which incidents go where, and who hears of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, field_validator

from bongsu.config_mistakes import each, nearest, refuse
from bongsu.config_parts import Part, Storm, channel, perhaps_off
from bongsu.config_text import KEY, Way
from incidents.escalation.model import NONE
from incidents.model import Severity
from incidents.pattern import BadPattern, Pattern
from incidents.policy import LABEL, MOST_MENTIONED, ROUTE_FIELDS, SCHEDULE, Route, StormPolicy

Asked = Mapping[str, Sequence[str | Pattern]]
"""By field: exact values, in lower case, and patterns."""
Escalation = str | Mapping[Severity, str]
"""The policy of all severities, or that of each."""

_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^>]*)?>")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{2,30})(?:\|[^>]*)?>")
_HANDLE = re.compile(r"@[^\s@<>&#:,|]{1,80}")
_ID = re.compile(r"[UWS][A-Z0-9]{5,30}")
_ALL = {"@here", "@channel", "@everyone", "<!here>", "<!channel>", "<!everyone>"}
_NO_CHANNEL = (
    "'channel' is missing or empty: write where these incidents go, in quotes since YAML takes # for a comment, "
    'such as channel: "#payments"'
)
_NO_POLICY = "the name of an escalation policy is needed"
_SCHEDULE = re.compile(rf"{SCHEDULE}[^\s<>&]{{1,80}}")
_FORMS = '"<@U0123456789>", "<!subteam^S0123456789>", a group\'s "@handle" or "schedule:name"'


def asked(told: object) -> Asked:
    """What ``match`` says. Raises ValidationError, which names every mistake in it."""
    if not isinstance(told, dict):
        refuse([((), "a mapping is needed: write keys below it, or leave it out")])
    found: dict[str, list[str | Pattern]] = {}
    problems: list[tuple[Way, str]] = []
    for name, values in told.items():
        if (problem := _no_field(name)) is not None:
            problems.append(((str(name), KEY), problem))
            continue
        found[name] = []
        for way, value in _listed(name, values):
            try:
                found[name].append(_value(name, value))
            except ValueError as error:
                problems.append((way, str(error)))
    if problems:
        refuse(problems)
    return found


def _no_field(name: object) -> str | None:
    if not isinstance(name, str):
        return f"a key must be text: write '{name}' in quotes"
    if name.startswith(LABEL):
        return None if len(name) > len(LABEL) else "'labels.' names no label: write such as labels.team"
    if name in ROUTE_FIELDS:
        return None
    hint = nearest(name, ROUTE_FIELDS)
    other = "" if hint.startswith("did") else f" or, if it is a label, {LABEL}{name}"
    return f"'{name}' can't be matched: {hint}{other}"


def _listed(name: str, values: object) -> list[tuple[Way, object]]:
    """Each value with the way to it."""
    if not isinstance(values, list):
        return [((name,), values)]
    return [((name, place), value) for place, value in enumerate(values)] or [((name,), values)]


def _value(name: str, told: object) -> str | Pattern:
    if not isinstance(told, str):
        raise ValueError(_no_text(told))  # noqa: TRY004 - pydantic wants it so
    if len(told) > 1 and told[0] == told[-1] == "/":
        return _pattern(told[1:-1])
    if name == "severity" and told.casefold() not in set(Severity):
        raise ValueError(f"'{told}' is no severity: {nearest(told, Severity)}")
    return told.casefold()


def _no_text(told: object) -> str:
    if told == []:
        return "the list is empty, so nothing would match: name a value, or leave the key out"
    if told is None:
        return 'it is empty: write a value, or "" for what has none'
    if isinstance(told, bool):
        return f'{str(told).lower()} is no text: write it in quotes, "{str(told).lower()}"'
    return f"'{told}' is no text: write it in quotes, or a list of values"


def _pattern(text: str) -> Pattern:
    if not text:
        raise ValueError('the expression is empty: write "" for what has no value, or "/.+/" for what has any')
    try:
        return Pattern(text)
    except BadPattern as error:
        raise ValueError(f"/{text}/ can't be used, at character {error.at + 1}: {error}") from error


def _mention(told: object) -> str:
    """As Slack writes it, without what it is called besides; a handle as it is."""
    if not isinstance(told, str):
        raise ValueError(f"'{told}' can't be mentioned: write {_FORMS}")  # noqa: TRY004 - pydantic wants it so
    if (person := _PERSON.fullmatch(told)) is not None:
        return f"<@{person[1]}>"
    if (group := _GROUP.fullmatch(told)) is not None:
        return f"<!subteam^{group[1]}>"
    if told.casefold() in _ALL:
        raise ValueError(f"'{told}' would call everybody in the channel: write {_FORMS}")
    if _HANDLE.fullmatch(told) is not None or _SCHEDULE.fullmatch(told) is not None:
        return told
    if _ID.fullmatch(told) is not None:
        raise ValueError(f"'{told}' mentions nobody: write \"{'<!subteam^' if told[0] == 'S' else '<@'}{told}>\"")
    raise ValueError(f"'{told}' can't be mentioned: write {_FORMS}")


def _rate_alone(told: object) -> object:
    """``storm: 30`` is short for ``storm: {above: 30}``."""
    return {"above": told} if type(told) is int else perhaps_off(told)


def as_list(told: object) -> object:
    return [told] if isinstance(told, str) else told


def few(told: list[str]) -> list[str]:
    """Of those who are mentioned. Raises ValueError."""
    if len(told) > MOST_MENTIONED:
        raise ValueError(f"it mentions {len(told)}: write {MOST_MENTIONED} at most, or a group")
    return told


def _escalation(told: object) -> Escalation:
    """The name of a policy, or a mapping of such by severity. YAML reads ``off`` as false."""
    if not isinstance(told, dict):
        return _policy_name(told)
    named: dict[Severity, str] = {}
    problems: list[tuple[Way, str]] = []
    for severity, name in told.items():
        if severity not in set(Severity):
            problems.append(((str(severity), KEY), f"'{severity}' is no severity: {nearest(str(severity), Severity)}"))
            continue
        try:
            named[Severity(severity)] = _policy_name(name)
        except ValueError as error:
            problems.append(((severity,), str(error)))
    if problems:
        refuse(problems)
    return named


def _policy_name(told: object) -> str:
    if told is False:
        return NONE
    if not isinstance(told, str) or not told:
        raise ValueError(f"{_NO_POLICY}: write its name, none, or a mapping such as {{critical: page, warning: none}}")
    return told


Mentioned = Annotated[str, PlainValidator(_mention)]
Mentions = Annotated[list[Mentioned], BeforeValidator(as_list), AfterValidator(few)]


class RoutePart(Part):
    channel: str | None = None
    channels: list[str] = Field(default_factory=list)
    match: Annotated[Asked, PlainValidator(asked)] = Field(default_factory=dict)
    mention: Mentions = Field(default_factory=list)
    escalation: Annotated[Escalation, PlainValidator(_escalation)] = Field(default_factory=dict)
    storm: Annotated[Storm | None, BeforeValidator(_rate_alone)] = None

    @field_validator("channel")
    @classmethod
    def _is_channel(cls, told: str | None) -> str | None:
        return told if told is None else channel(told)

    @field_validator("channels")
    @classmethod
    def _are_channels(cls, told: list[str]) -> list[str]:
        seen: set[str] = set()

        def once(one: str) -> str:
            if one in seen:
                raise ValueError(f"'{one}' stands twice in the list: delete one")
            seen.add(one)
            return channel(one)

        return each(told, once)

    @property
    def all_channels(self) -> list[str]:
        return self.channels if self.channel is None else [self.channel]

    def _escalations(self) -> Mapping[Severity, str]:
        return dict.fromkeys(Severity, self.escalation) if isinstance(self.escalation, str) else self.escalation

    def route(self, *, line: int) -> Route:
        first, *also = self.all_channels
        exact = {name: frozenset(one for one in values if isinstance(one, str)) for name, values in self.match.items()}
        patterns = {
            name: tuple(one for one in values if isinstance(one, Pattern)) for name, values in self.match.items()
        }
        return Route(
            first,
            {name: values for name, values in exact.items() if values},
            {name: values for name, values in patterns.items() if values},
            also=tuple(also),
            mention=tuple(self.mention),
            escalation=self._escalations(),
            line=line,
        )


def without_channel(said: object) -> list[tuple[Way, str]]:
    """In what the file says under ``routes``, whatever else is wrong there: routes that lead nowhere, or twice."""
    problems: list[tuple[Way, str]] = []
    for place, route in enumerate(said if isinstance(said, list) else []):
        if not isinstance(route, dict):
            continue
        if route.get("channel") is None and not route.get("channels"):
            problems.append((("routes", place, "channel"), _NO_CHANNEL))
        elif route.get("channel") is not None and "channels" in route:
            problems.append((("routes", place, "channels"), "beside 'channel' it is one too many: write one of them"))
    return problems


def storms(routes: Sequence[RoutePart]) -> dict[str, StormPolicy]:
    """By channel, those that a route gives its own rate."""
    return {
        one: StormPolicy(route.storm.above, route.storm.calm)
        for route in routes
        if route.storm is not None
        for one in route.all_channels
    }


def disagreements(routes: Sequence[RoutePart]) -> list[tuple[Way, str]]:
    """A channel has one rate, whichever route leads there."""
    told: dict[str, tuple[int, Storm]] = {}
    problems: list[tuple[Way, str]] = []
    for place, route in enumerate(routes):
        for one in route.all_channels if route.storm is not None else ():
            before, rate = told.setdefault(one, (place, route.storm))  # type: ignore[arg-type]
            if rate != route.storm:
                other = f"routes.{before}"
                problems.append((("routes", place, "storm"), f"{one} has another rate in {other}: write the same"))
    return problems
