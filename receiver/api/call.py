"""What a handler is given, and what it answers."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from base.codec import canonical
from incidents.access.model import ApiKey
from incidents.model import Actor
from incidents.policy import Policy
from receiver.api import cursor
from receiver.api.organisation import Organisation

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, whose key was proved and whose values were checked.

    ``by`` is who acts: the key itself, or the person on whose behalf it does. ``origin`` is the address that it came
    from. ``told`` are the values by where they stand: path, query, body. ``token`` is the same each time that this
    request is tried, and where it is sent again with its Idempotency-Key, however much later.
    """

    key: ApiKey
    by: Actor
    organisation: Organisation
    list_name: str
    origin: str = ""
    told: Mapping[str, BaseModel] = field(default_factory=dict)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def policy(self) -> Policy:
        return self.organisation.policies.current

    def path(self, kind: type[M]) -> M:
        return self._as(kind, "path")

    def query(self, kind: type[M]) -> M:
        return self._as(kind, "query")

    def body(self, kind: type[M]) -> M:
        return self._as(kind, "body")

    def _as(self, kind: type[M], where: str) -> M:
        found = self.told[where]
        if not isinstance(found, kind):
            raise TypeError(f"the operation says that its {where} is {type(found).__name__}, not {kind.__name__}")
        return found

    def cursor_at(self, position: Any) -> str:
        """For the page behind this position (JSON) of this list, with the same filters."""
        return cursor.written(position, of=self._list(), secret=self.key.digest)

    def position(self) -> Any:
        """Where the page that is asked for begins; None: at the start. Raises BadCursor."""
        told = getattr(self.told["query"], "cursor", None)
        return None if told is None else cursor.read(told, of=self._list(), secret=self.key.digest)

    def _list(self) -> str:
        filters = self.told["query"].model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
        where = self.told["path"].model_dump(mode="json") if "path" in self.told else {}
        return canonical([self.list_name, where, filters])


@dataclass(frozen=True, slots=True)
class Answer:
    """``model`` None: nothing. ``version`` is the ETag. ``status`` None: the operation's.

    ``remembered`` is what the same Idempotency-Key is answered later, where that must be less than ``model``.
    """

    model: BaseModel | None = None
    version: int | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    """In the place of a model: what it is written as."""
    remembered: BaseModel | None = None
