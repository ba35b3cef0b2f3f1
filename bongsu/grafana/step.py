"""One thing that is wanted in Grafana: what is to be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bongsu.client.errors import ClientError


class Outcome(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    SECRET = "secret"  # noqa: S105 - Grafana never tells one, so whether it is right can't be seen: it is written again
    SAME = "same"
    KEPT = "kept"
    FAILED = "failed"

    @property
    def writes(self) -> bool:
        return self in {Outcome.CREATE, Outcome.CHANGE, Outcome.SECRET}


@dataclass(frozen=True, slots=True)
class Step:
    """``note`` is one line: why it is kept, or what is to be known. ``diff`` has no secrets.

    ``write`` does it and returns what is to be said then, mostly nothing; None: there is nothing to do.
    """

    outcome: Outcome
    note: str = ""
    diff: str = ""
    write: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """``look`` changes nothing and raises ClientError. ``needs`` are names of parts without which it makes no sense."""

    name: str
    look: Callable[[], Step]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    part: Part
    step: Step

    @property
    def name(self) -> str:
        return self.part.name


def failed(error: ClientError) -> Step:
    return Step(Outcome.FAILED, str(error))
