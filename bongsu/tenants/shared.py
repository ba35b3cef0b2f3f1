"""What all tenants of one process use together."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bongsu.settings import Settings
from bot.settings import SlackSettings
from db.engine import Engines
from receiver.metrics import ReceiverMetrics


@dataclass(frozen=True, slots=True)
class Shared:
    """``slack`` is the app's; its bot token is the default tenant's. ``holder`` names this process in leases."""

    settings: Settings
    slack: SlackSettings
    engines: Engines
    session: aiohttp.ClientSession
    holder: str
    receiver_metrics: ReceiverMetrics


def each(*wake: Callable[[], None]) -> None:
    """Call all of them."""
    for one in wake:
        one()
