"""Receivers that Apprise knows, about a hundred and thirty: https://github.com/caronc/apprise

It is optional, makes its calls by itself and waits for them: in a thread, and around the guard of ``Outgoing``.
"""

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from incidents.errors import BongsuError
from incidents.escalation.model import Webhook
from incidents.model import Severity
from jobs.outgoing.call import SECONDS
from jobs.outgoing.errors import Refused, Unreachable
from jobs.outgoing.page import Page

_TYPES = {Severity.CRITICAL: "failure", Severity.ERROR: "failure", Severity.WARNING: "warning"}
_THREADS = 4
"""What hangs takes one of them until Apprise lets go of it by itself."""


class AppriseMissing(BongsuError):
    """It is not installed."""

    def __init__(self) -> None:
        super().__init__("Apprise is not installed: run `pip install 'bongsu[apprise]'`, or use another template")


class WithApprise:
    """Makes no thread before the first page."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="apprise")

    async def send(self, page: Page, webhook: Webhook) -> None:
        """Raises AppriseMissing, Refused where it does not understand the URL, and Unreachable."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                took_it = await loop.run_in_executor(self._threads, _notify, page, webhook.url)
        except TimeoutError as error:
            raise Unreachable(f"Apprise had no answer within {self._seconds:g} s", "timeout") from error
        if not took_it:
            raise Unreachable("Apprise could not send it: the log says why", "unreachable")


def _apprise() -> Any:
    """Found when it is first needed: it takes a second and its memory, which only those pay who use it."""
    try:
        return importlib.import_module("apprise")
    except ImportError as error:
        raise AppriseMissing from error


def _notify(page: Page, url: str) -> bool:
    receivers = _apprise().Apprise()
    if not receivers.add(url):
        raise Refused("Apprise does not understand its URL", "see https://github.com/caronc/apprise/wiki for its form")
    told = {"title": page.summary, "body": page.link or page.summary, "body_format": "text"}
    return bool(receivers.notify(**told, notify_type=_TYPES.get(page.severity, "info")))
