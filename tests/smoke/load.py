"""Alerts without end: several senders, each of which goes on until the test has seen enough."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import requests

from tests.smoke.grafana import Grafana, alert, body
from tests.smoke.waiting import until

SENDERS = 8


@dataclass
class Load:
    """``answers``: to each alert, by its fingerprint. Senders take turns among ``targets``, which may grow."""

    targets: list[Grafana]
    answers: dict[str, requests.Response] = field(default_factory=dict)
    over: Event = field(default_factory=Event)

    def send(self, sender: int) -> None:
        number = 0
        while not self.over.is_set():
            told = alert(f"rule-{sender}", f"pod-{number}")
            target = self.targets[number % len(self.targets)]
            self.answers[told["fingerprint"]] = target.sends(body(told))
            number += 1

    def more(self, count: int, what: str) -> None:
        """Wait for so many more answers."""
        wanted = len(self.answers) + count
        until(lambda: len(self.answers) >= wanted, what, within=40)

    @property
    def statuses(self) -> set[int]:
        return {answer.status_code for answer in self.answers.values()}


@contextmanager
def load(*targets: Grafana) -> Iterator[Load]:
    """While it lasts; at its end everything is answered."""
    told = Load(list(targets))
    with ThreadPoolExecutor(SENDERS) as senders:
        under_way = [senders.submit(told.send, sender) for sender in range(SENDERS)]
        try:
            yield told
        finally:
            told.over.set()
        for one in under_way:
            one.result()
