"""What makes an incident the same incident, and a series the same series."""

import hashlib
from functools import lru_cache

from base import codec
from incidents.model import Place

_KEPT, _SHORT = 8192, 256
"""Keys that are remembered, for what fires is told again and again; and of how many characters at most."""


def incident_key(rule_uid: str, place: Place) -> str:
    """SHA-256, lower-case hex, of the JSON array [rule_uid, cluster, namespace, service, phase]; missing is ""."""
    return _digest((rule_uid, place.cluster, place.namespace, place.service, place.phase))


def declared_key(token: str) -> str:
    """The key of an incident that a person declares: of two parts, so that no alert ever has it."""
    return _digest(("declared", token))


def series_key(source: str, rule_uid: str, fingerprint: str, assumed_cluster: str = "") -> str:
    """SHA-256, lower-case hex, of the JSON array [source, rule_uid, fingerprint], and the assumed cluster if any.

    ``assumed_cluster`` is the cluster where the alert's own labels tell none: then the fingerprint, which hashes those
    labels, is the same in two Grafanas that were provisioned alike.
    """
    parts = (source, rule_uid, fingerprint)
    return _digest((*parts, assumed_cluster) if assumed_cluster else parts)


def split_key(origin_key: str, origin_version: int) -> str:
    """Of an incident that people split off another one: no alert tells it.

    SHA-256 of a JSON array that is shorter than an incident key's, and that no two splits share.
    """
    return _digest(("split", origin_key, str(origin_version)))


def _digest(parts: tuple[str, ...]) -> str:
    return _remembered(parts) if len("".join(parts)) <= _SHORT else _hashed(parts)


def _hashed(parts: tuple[str, ...]) -> str:
    return hashlib.sha256(codec.dumps(parts).encode()).hexdigest()


_remembered = lru_cache(maxsize=_KEPT)(_hashed)
