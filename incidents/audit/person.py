"""A person who is to be erased, and texts and JSON without them. Pure."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incidents.errors import InvalidInput, Refused

GONE = "[erased]"
STRETCH = 5000
"""So many rows, or entries, are looked through in one transaction."""

_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_SHORTEST_NAME = 3
_TEXTS = frozenset({"text", "note", "now"})
"""Under these names stands what a person wrote."""


class StillInCharge(Refused):
    """They have open incidents, which would be nobody's."""

    def __init__(self, person: str, incidents: Sequence[str]) -> None:
        super().__init__(f"{person} still has {', '.join(incidents)}: assign them to somebody else first.")


class StillAsking(Refused):
    """They wait for a second person, with whose word something would be done in their name after they are gone."""

    def __init__(self, person: str, incidents: Sequence[str]) -> None:
        super().__init__(
            f"{person} still waits for a second person's word on {', '.join(incidents)}: "
            "have it approved, declined or withdrawn first."
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be erased. ``names``: how else they are called in texts. ``texts``: what they wrote goes, too."""

    id: str
    names: tuple[str, ...] = ()
    texts: bool = False
    pseudonym: str = field(default_factory=lambda: f"erased:{secrets.token_hex(4)}")

    @property
    def words(self) -> tuple[str, ...]:
        return (self.id, *self.names)

    def gone_from(self, value: Any, *, is_theirs: bool = False) -> Any:
        """A text, or JSON, without them. ``is_theirs``: they said it."""
        match value:
            case str():
                return self._gone_from_text(value)
            case Mapping():
                gone = self.texts and is_theirs
                return {
                    self._gone_from_text(str(name)): GONE
                    if gone and name in _TEXTS
                    else self.gone_from(one, is_theirs=is_theirs)
                    for name, one in value.items()
                }
            case list() | tuple():
                return [self.gone_from(one, is_theirs=is_theirs) for one in value]
        return value

    def _gone_from_text(self, text: str) -> str:
        if not any(word in text for word in self.words):
            return text
        text = re.sub(rf"<@{self.id}(\|[^>]*)?>", self.pseudonym, text)
        text = re.sub(rf"(?<![A-Za-z0-9]){self.id}(?![A-Za-z0-9])", self.pseudonym, text)
        for name in self.names:
            text = text.replace(name, self.pseudonym)
        return text


def checked(person: str, names: Sequence[str], *, texts: bool) -> Person:
    """Raises InvalidInput."""
    if not _PERSON.fullmatch(person):
        raise InvalidInput("person", f"'{person}' is not the id of a Slack user: write one such as U024BE7LH")
    short = next((name for name in names if len(name.strip()) < _SHORTEST_NAME), None)
    if short is not None:
        problem = f"'{short}' has fewer than {_SHORTEST_NAME} characters, and would be found in other words"
        raise InvalidInput("--name", problem)
    return Person(person, tuple(name.strip() for name in names), texts)
