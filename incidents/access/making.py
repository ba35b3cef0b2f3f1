"""How a key is made and revoked: the same for the command line and the REST API."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incidents.access.errors import AlreadyRevoked, KeyNotFound, RoleTooHigh
from incidents.access.model import LONGEST_NAME, ApiKey, KeyRole, NewKey, Scope, digest_of, hint_of
from incidents.audit.recording import note
from incidents.errors import InvalidInput
from incidents.model import Actor, Severity
from incidents.policy import DEFAULTABLE
from incidents.ports import UnitOfWork
from incidents.rules.severity import names_severity

LONGEST_LABEL = 190
"""Characters: as of those that a webhook's URL tells."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class WantedKey:
    """What somebody wants. ``expires_at`` None: never."""

    name: str
    role: KeyRole
    expires_at: datetime | None = None
    default_labels: Mapping[str, str] = field(default_factory=dict)


async def make_key(
    wanted: WantedKey, secret: str, *, by: Actor, uow: UnitOfWork, maker: KeyRole | None = None
) -> ApiKey:
    """Store the key of a secret that ``new_secret`` made. ``maker`` is the role of the key that makes it.

    Raises InvalidInput, which names the field, KeyNameTaken, and RoleTooHigh where it may do what its maker may not.
    """
    if maker is not None and not wanted.role.scopes <= maker.scopes:
        raise RoleTooHigh(wanted.role, maker)
    if wanted.expires_at is not None and wanted.expires_at <= uow.now:
        raise InvalidInput("expires_at", "it is not in the future: write a later time, or leave it out")
    name, labels = _name(wanted.name), checked_labels(wanted.default_labels)
    if labels and Scope.INGEST not in wanted.role.scopes:
        senders = " or ".join(role for role in KeyRole if Scope.INGEST in role.scopes)
        raise InvalidInput("default_labels", f"a key of the role {wanted.role} sends no alerts: choose {senders}")
    new = NewKey(name, wanted.role, digest_of(secret), hint_of(secret), wanted.expires_at, labels)
    key = await uow.api_keys.add(new, by=str(by))
    after = {"name": key.name, "role": key.role, "expires_at": key.expires_at, "default_labels": key.default_labels}
    await note("key.created", _subject(key), by=by, uow=uow, after=after)
    return key


async def revoke_key(key_id: int, *, by: Actor, uow: UnitOfWork) -> ApiKey:
    """Raises KeyNotFound, AlreadyRevoked."""
    key = await uow.api_keys.revoke(key_id, by=str(by))
    before, after = {"revoked_at": None}, {"revoked_at": key.revoked_at}
    await note("key.revoked", _subject(key), by=by, uow=uow, before=before, after=after, data={"name": key.name})
    return key


async def revoke_named(ref: str, *, by: Actor, uow: UnitOfWork) -> ApiKey:
    """By its id, or by its name: of several with that name the one that is not revoked, and has not expired.

    Raises KeyNotFound, AlreadyRevoked.
    """
    if ref.isascii() and ref.isdecimal():
        return await revoke_key(int(ref[:18]), by=by, uow=uow)
    named = await uow.api_keys.named(ref)
    if not named:
        raise KeyNotFound(ref)
    left = [key for key in named if key.revoked_at is None]
    if not left:
        raise AlreadyRevoked(ref, named[0].revoked_at or uow.now)
    chosen = next((key for key in left if key.is_valid(uow.now)), left[0])
    return await revoke_key(chosen.id, by=by, uow=uow)


def _subject(key: ApiKey) -> str:
    return f"key {key.id}"


def _name(told: str) -> str:
    """One line. Digits alone would be taken for an id."""
    name = _line("name", told, LONGEST_NAME)
    if name.isdecimal():
        raise InvalidInput("name", "digits alone would be mistaken for a key's id: write a word, too")
    return name


def checked_labels(told: Mapping[str, str]) -> dict[str, str]:
    """Raises InvalidInput."""
    for name in told:
        if name not in DEFAULTABLE:
            raise InvalidInput("default_labels", f"there is none for {name[:64]!r}: write {', '.join(DEFAULTABLE)}")
    labels = {name: _line(f"default_labels.{name}", value, LONGEST_LABEL) for name, value in told.items()}
    if "severity" in labels and not names_severity(labels["severity"]):
        raise InvalidInput("default_labels.severity", f"it is no severity: write {', '.join(Severity)}")
    return labels


def _line(field_name: str, told: str, longest: int) -> str:
    if any(unicodedata.category(character) in _HIDDEN for character in told):
        raise InvalidInput(field_name, "it has a character that nobody can see: write it without")
    line = " ".join(told.split())
    if not 1 <= len(line) <= longest:
        raise InvalidInput(field_name, f"write 1 to {longest} characters")
    return line
