"""What a normaliser is and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from incidents.model import SourceAlert


@dataclass(frozen=True, slots=True)
class Normalised:
    """A body as its source means it. ``envelope`` is the body without its alert list, lossless.

    ``sender`` tells one installation from another, "" where nothing does. ``hidden`` counts the alerts that the sender
    says it has cut off.
    """

    envelope: Mapping[str, Any]
    alerts: tuple[SourceAlert, ...]
    sender: str = ""
    hidden: int = 0


class Normaliser(Protocol):
    """Pure: knows no configuration, asks no clock, leaves its input alone.

    ``body`` is unpacked, ``headers`` are as received. Raises CodecError (not JSON), TooDeep, WrongShape.
    """

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> Normalised: ...
