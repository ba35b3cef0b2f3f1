"""One operation of the API: what the routes and the OpenAPI document are made of."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from incidents.access.model import Scope
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.organisation import Organisations

Work = Callable[[Call, UnitOfWork], Awaitable[Answer]]
Alone = Callable[[Call], Awaitable[Answer]]
Before = Callable[[Call], Awaitable[None]]
After = Callable[[Call, Organisations], Awaitable[None]]
Location = Callable[[Mapping[str, Any], UnitOfWork], Awaitable[str | None]]

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``path`` is below ``PREFIX``, its gaps are fields of ``path_model``. ``answer`` None: nothing, with 204,
    or, of another ``media_type`` than JSON, bytes.

    ``work`` runs in a transaction of the caller's tenant, which writes unless ``method`` is GET; it may run again.
    ``before`` runs once ahead of it, outside; ``after`` once it was committed. ``alone`` runs in their place, and makes
    its own transactions. ``role`` is what a person on whose behalf a key acts must have. ``refusals`` are statuses
    beside those that every operation has. ``may_ask``: the same is answered with 202 where
    a second person must confirm it first. ``has_version``: the answer has an ETag, and what writes heeds If-Match of
    the path's incident.
    ``location`` says of an answer (as JSON) of 201 or 202 where, below ``PREFIX``, that stands which it tells of; None:
    nowhere. An answer that is told again has the same.
    ``gaps`` are regular expressions of gaps that would take the place of another path's words.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    scope: Scope
    answer: type[BaseModel] | None
    work: Work | None = None
    alone: Alone | None = None
    before: Before | None = None
    after: After | None = None
    description: str = ""
    role: Role = Role.RESPONDER
    status: int = 200
    may_ask: bool = False
    location: Location | None = None
    path_model: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    body_optional: bool = False
    refusals: tuple[int, ...] = ()
    has_version: bool = False
    examples: Mapping[str, object] = field(default_factory=dict)
    media_type: str = "application/json"
    gaps: Mapping[str, str] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """As aiohttp takes it: https://docs.aiohttp.org/en/stable/web_quickstart.html#variable-resources"""
        path = PREFIX + self.path
        for name, pattern in self.gaps.items():
            path = path.replace(f"{{{name}}}", f"{{{name}:{pattern}}}")
        return path

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_idempotent(self) -> bool:
        """Whether an Idempotency-Key says more than the method does."""
        return self.method == "POST" and self.work is not None
