"""The section ``approvals`` of ``bongsu.yaml``: what nobody may close alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator, field_validator

from bongsu.config_mistakes import nearest, refuse
from bongsu.config_parts import Duration, Part
from bongsu.config_routes import Asked, asked
from bongsu.config_text import Text, Way
from incidents.approvals.model import ApprovalRule, Wanted
from incidents.pattern import Pattern

MOST_APPROVALS = 100

_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
_FORMS = "write [resolve, noise], one of them, or [] where nobody else is needed"


def _wanted(told: object) -> frozenset[Wanted]:
    """A word, or a list of such."""
    if not isinstance(told, str | list):
        raise ValueError(f"it says nothing: {_FORMS}")  # noqa: TRY004 - pydantic wants it so
    listed = [((), told)] if isinstance(told, str) else [((place,), one) for place, one in enumerate(told)]
    problems: list[tuple[Way, str]] = []
    found: list[str] = []
    for way, one in listed:
        if not isinstance(one, str) or one not in set(Wanted):
            problems.append((way, f"'{one}' takes no second person: {nearest(str(one), Wanted)}"))
        elif one in found:
            problems.append((way, f"'{one}' stands twice in the list: delete one"))
        else:
            found.append(one)
    if problems:
        refuse(problems)
    return frozenset(map(Wanted, found))


class ApprovalPart(Part):
    match: Annotated[Asked, PlainValidator(asked)] = Field(default_factory=dict)
    wanted: Annotated[frozenset[Wanted], PlainValidator(_wanted)] = Field(alias="for")
    timeout: Duration = ApprovalRule(frozenset()).timeout

    @field_validator("timeout")
    @classmethod
    def _is_sound(cls, told: timedelta) -> timedelta:
        if not _SHORTEST <= told <= _LONGEST:
            raise ValueError("it is out of range: write how long a second person has, from 1m to 1d, such as 15m")
        return told

    def rule(self, *, line: int) -> ApprovalRule:
        exact = {field: frozenset(one for one in told if isinstance(one, str)) for field, told in self.match.items()}
        patterns = {field: tuple(one for one in told if isinstance(one, Pattern)) for field, told in self.match.items()}
        return ApprovalRule(
            self.wanted,
            self.timeout,
            {field: told for field, told in exact.items() if told},
            {field: told for field, told in patterns.items() if told},
            line=line,
        )


def approvals(parts: Sequence[ApprovalPart], told: Text) -> tuple[ApprovalRule, ...]:
    return tuple(one.rule(line=told.spot(("approvals", place)).line) for place, one in enumerate(parts))


def never_asked(parts: Sequence[ApprovalPart]) -> list[tuple[Way, str]]:
    """What can't be seen in one of them alone: too many, and those behind one that matches everything."""
    problems: list[tuple[Way, str]] = []
    if len(parts) > MOST_APPROVALS:
        problems.append((("approvals",), f"there are {len(parts)} approvals: {MOST_APPROVALS} are the most"))
    everything = next((place for place, part in enumerate(parts) if not part.match), len(parts))
    for place in range(everything + 1, len(parts)):
        way = ("approvals", place)
        problems.append((way, f"approvals.{everything} matches everything, so this is never asked: put it before"))
    return problems
