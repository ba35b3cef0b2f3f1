"""One request whose whole answer has an end in time and in size."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer. All alert rules of a large Grafana are some megabytes."""
_PIECE = 64 * 1024
_CONNECT_SECONDS = 5.0
_REFUSED = 400
"""Status codes from here on are refusals."""


class TooLarge(requests.RequestException):
    """The answer has more than ``LARGEST`` bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """As it was received. ``location`` is empty where it does not redirect."""

    status: int
    body: bytes
    content_type: str = ""
    location: str = ""

    @property
    def ok(self) -> bool:
        return self.status < _REFUSED

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


def ask(method: str, url: str, *, seconds: float, **given: Any) -> Answer:
    """Raises requests.RequestException, of which Timeout: it is not whole after ``seconds``.

    A time-out of requests counts anew for each piece that arrives, of the headers as well. So another thread waits
    for it, which is left behind: it ends by its own time-out, or with the process.
    """
    received: list[Answer | requests.RequestException] = []

    def receive() -> None:
        try:
            received.append(_received(method, url, seconds, given))
        except requests.RequestException as error:
            received.append(error)

    _run(receive, seconds)
    if not received:
        raise requests.ReadTimeout
    if isinstance(received[0], requests.RequestException):
        raise received[0]
    return received[0]


def _run(receive: Callable[[], None], seconds: float) -> None:
    thread = threading.Thread(target=receive, name="answer of Grafana", daemon=True)
    thread.start()
    thread.join(seconds)


def _received(method: str, url: str, seconds: float, given: dict[str, Any]) -> Answer:
    times = (min(_CONNECT_SECONDS, seconds), seconds)
    with requests.request(method, url, timeout=times, allow_redirects=False, stream=True, **given) as told:
        body = bytearray()
        for piece in told.iter_content(_PIECE):
            body += piece
            if len(body) > LARGEST:
                raise TooLarge
        location = told.headers.get("Location", "") if told.is_redirect else ""
        return Answer(told.status_code, bytes(body), told.headers.get("Content-Type", ""), location)
