"""The publisher ends when it is told to, whatever it does just then."""

import asyncio
from typing import Any, cast

from prometheus_client import CollectorRegistry

from bot.publisher.deliver import Courier
from bot.publisher.loop import Publisher
from bot.publisher.metrics import PublisherMetrics
from bot.publisher.storm import Storms
from incidents.ports import Transactions


class SlowStorms:
    """Looks until it is told to go on."""

    def __init__(self) -> None:
        self.looks, self.go_on = asyncio.Event(), asyncio.Event()

    async def look(self) -> None:
        self.looks.set()
        await self.go_on.wait()


class NothingIsDue:
    async def read(self, work: object) -> bool:
        del work
        return False


async def test_told_to_stop_before_it_looks_what_is_due_it_does_not_wait_to_be_woken() -> None:
    storms = SlowStorms()
    publisher = Publisher(
        transactions=cast("Transactions", cast("Any", NothingIsDue())),
        courier=cast("Courier", None),
        storms=cast("Storms", storms),
        metrics=PublisherMetrics(CollectorRegistry()),
        holder="test",
    )
    publisher.start()
    await storms.looks.wait()
    stopping = asyncio.create_task(publisher.stop())
    await asyncio.sleep(0)
    storms.go_on.set()
    async with asyncio.timeout(5):
        await stopping
