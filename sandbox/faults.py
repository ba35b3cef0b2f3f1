"""What is to go wrong, asked for over `/_control/faults`."""

from dataclasses import dataclass

PLAIN_KINDS = (
    "ratelimited",
    "http_500",
    "timeout",
    "reset_before",
    "reset_after",
    "stored_late",
    "html",
    "http_500_after",
    "html_after",
    "timeout_after",
)
_AFTER = "_after"


@dataclass(slots=True)
class Fault:
    """`times`: how many calls it still hits, None for all until cleared. `retry_after` in seconds."""

    method: str
    kind: str
    times: int | None = 1
    retry_after: int = 1

    def hits(self, method: str) -> bool:
        return self.method in ("*", method)

    @property
    def stores(self) -> bool:
        """The call is carried out before it goes wrong."""
        return self.kind.endswith(_AFTER) and self.error is None

    @property
    def manner(self) -> str:
        """How it goes wrong, whether it was carried out or not."""
        return self.kind.removesuffix(_AFTER) if self.stores else self.kind

    @property
    def error(self) -> str | None:
        """The Slack error of the kind `error:<slack_error>`."""
        return self.kind.removeprefix("error:") if self.kind.startswith("error:") else None


def is_kind(kind: str) -> bool:
    return kind in PLAIN_KINDS or (kind.startswith("error:") and kind != "error:")


class Faults:
    """In the order in which they were asked for; the first that matches is used."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def take(self, method: str) -> Fault | None:
        found = next((fault for fault in self._waiting if fault.hits(method)), None)
        if found is not None and found.times is not None:
            found.times -= 1
            self._waiting = [fault for fault in self._waiting if fault.times != 0]
        return found

    def waiting(self) -> list[Fault]:
        return list(self._waiting)

    def clear(self) -> None:
        self._waiting.clear()
