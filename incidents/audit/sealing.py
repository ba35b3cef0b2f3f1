"""The chain of hashes: how an entry is sealed, and how what it covers is written. Pure.

What an entry says of people (who, from where, before, after, what was said) enters the hash as a salted digest. So it
can be replaced, when a person is to be erased, while the hash and the chain stay whole; and since the salt is thrown
away with it, the digest tells nobody what stood there.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from base.codec import canonical
from incidents.audit.model import Head, NewEntry, Seal, Sealed

Secret = str | None
"""With which hashes are made; None: anybody can make them."""


def genesis(tenant_id: int) -> Head:
    """What the first entry of a tenant follows."""
    return Head(0, hashlib.sha256(f"bongsu audit log of tenant {tenant_id}".encode()).hexdigest())


def new_salt() -> str:
    return secrets.token_hex(16)


def digest_of(told: NewEntry, salt: str) -> str:
    """Of what it says of people. Lower-case hex."""
    words = [told.actor, told.via, told.origin, told.before, told.after, told.data]
    return hashlib.sha256(f"{salt}{canonical(words)}".encode()).hexdigest()


def hash_of(told: NewEntry, *, seq: int, digest: str, keyed: bool, previous: str, secret: Secret) -> str:
    """Lower-case hex. ``secret`` counts where ``keyed`` says so."""
    rest = [seq, moment(told.at), told.action, told.subject, told.incident_id, told.event_id, keyed, digest]
    covered = f"{previous}{canonical(rest)}".encode()
    if keyed:
        return hmac.new((secret or "").encode(), covered, hashlib.sha256).hexdigest()
    return hashlib.sha256(covered).hexdigest()


def seal(told: NewEntry, *, after: Head, secret: Secret, salt: Callable[[], str] = new_salt) -> Seal:
    """The next entry of a chain that ends with ``after``."""
    grain, seq, keyed = salt(), after.seq + 1, secret is not None
    digest = digest_of(told, grain)
    made = hash_of(told, seq=seq, digest=digest, keyed=keyed, previous=after.hash, secret=secret)
    return Seal(seq, grain, digest, keyed, made)


def head_of(made: Seal) -> Head:
    return Head(made.seq, made.hash, made.keyed)


def moment(at: datetime) -> str:
    """Always the same text for the same time, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def lines(entries: Sequence[Sealed], *, tenant_id: int, previous: str) -> Iterator[dict[str, object]]:
    """Of an export, in their order. ``previous``: the hash that the first one follows."""
    for entry in entries:
        yield as_json(entry, tenant_id=tenant_id, previous=previous)
        previous = entry.seal.hash


def as_json(entry: Sealed, *, tenant_id: int, previous: str) -> dict[str, object]:
    """A line of an export: everything that is needed to verify it apart from the database."""
    told, seal = entry.told, entry.seal
    return {
        "tenant_id": tenant_id,
        "seq": seal.seq,
        "at": moment(told.at),
        "actor": told.actor,
        "via": told.via,
        "origin": told.origin,
        "action": told.action,
        "subject": told.subject,
        "incident_id": told.incident_id,
        "event_id": told.event_id,
        "before": told.before,
        "after": told.after,
        "data": told.data,
        "salt": seal.salt,
        "digest": seal.digest,
        "keyed": seal.keyed,
        "previous": previous,
        "hash": seal.hash,
    }
