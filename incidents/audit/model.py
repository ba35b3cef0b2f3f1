"""One entry of the audit log, before and after it was sealed. Frozen values, all times aware and UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ERASED = "person.erased"
"""Names the entries whose words about a person were replaced, with the digests of what stands there now."""
PRUNED = "audit.pruned"
"""Says up to where entries were deleted because of their age, and the hash that the first of those left follows."""
RESERVED = frozenset({ERASED, PRUNED})
"""Only who holds the chain writes these, sealed at once. An unsealed one is a forgery, and never sealed."""
SECRET_SET = "audit.secret_set"  # noqa: S105 - the name of an action
"""From here on the hashes are made with a secret."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What somebody changed.

    ``actor`` is ``str(Actor)``, ``via`` the API key that acted for them, ``origin`` where from: ``slack``, ``api
    203.0.113.7``, ``cli``, ``file``, ``system``. ``action`` is what was done (``incident.acknowledged``), ``subject``
    to what (``INC-12``, ``key 3``). ``before`` and ``after`` hold the fields that changed, as JSON; None: there was
    nothing, or it is not known. ``data``: what was said besides, such as a reason. ``incident_id`` and ``event_id``
    are of the incident and of the entry of its timeline that tells the same; None: it is of none.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    via: str = ""
    origin: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None
    incident_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """An entry's place in its tenant's chain.

    ``digest`` is of its words about people (``incidents.audit.sealing``) as they were when it was sealed, with
    ``salt``; ``hash`` covers it, everything else, and the entry before. ``keyed``: with a secret.
    """

    seq: int
    salt: str
    digest: str
    keyed: bool
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """As stored. ``seal`` None: it is too young."""

    id: int
    told: NewEntry
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """As stored, with its place in the chain."""

    id: int
    told: NewEntry
    seal: Seal


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; ``seq`` 0: there is none, and ``hash`` is what the first one follows."""

    seq: int
    hash: str
    keyed: bool = False

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"
