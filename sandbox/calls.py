"""A record of every API call, the last ones for as many as fit."""

from collections import deque
from dataclasses import dataclass
from typing import Any

KEPT = 10_000


@dataclass(slots=True)
class Call:
    """`at`: epoch seconds. `http_status` 0 and `answer` None: the caller got no answer (see `fault`).

    `team`: whose token it came with, where OAuth gave that out.
    """

    method: str
    at: float
    args: dict[str, Any]
    http_status: int = 0
    answer: Any = None
    fault: str | None = None
    retry_num: str | None = None
    team: str = ""

    def as_control(self) -> dict[str, Any]:
        told = {
            "method": self.method,
            "at": self.at,
            "args": self.args,
            "http_status": self.http_status,
            "answer": self.answer,
        }
        if self.team:
            told["team"] = self.team
        if self.fault:
            told["fault"] = self.fault
        return told | ({"retry_num": self.retry_num} if self.retry_num else {})


class Calls:
    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def begin(self, call: Call) -> Call:
        self._calls.append(call)
        return call

    def told(self, method: str | None = None) -> list[dict[str, Any]]:
        return [call.as_control() for call in self._calls if method in (None, "", call.method)]

    def clear(self) -> None:
        self._calls.clear()
