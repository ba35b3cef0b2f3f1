"""A process that is stopped in the middle of a call to Slack, and goes on later, or never."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from bot.publisher.deliver import LockedOut
from bot.publisher.loop import SEND_WITHIN
from bot.publisher.slack import Slack
from tests.integration.publisher.stage import Hand, Stage


class Moment(Enum):
    """When it is stopped: with the call still to be made, or with its answer there and nothing noted."""

    BEFORE = "before"
    AFTER = "after"


class _Stopped(Slack):
    """Like the one that it is made of, but that it sleeps at its first post or update."""

    def __init__(self, awake: Slack, moment: Moment) -> None:
        super().__init__(awake._client, awake._metrics, clock=awake._clock)
        self._moment = moment
        self._sleeps = True
        self.asleep, self.woken = asyncio.Event(), asyncio.Event()

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        if not self._sleeps or method not in {"chat.postMessage", "chat.update"}:
            return await super()._call(method, **arguments)
        self._sleeps = False
        if self._moment is Moment.BEFORE:
            await self._sleep()
        told = await super()._call(method, **arguments)
        if self._moment is Moment.AFTER:
            await self._sleep()
        return told

    async def _sleep(self) -> None:
        self.asleep.set()
        await self.woken.wait()


class Sleeper:
    """A publisher that has claimed one message, and sleeps at the call that shows it."""

    def __init__(self, task: asyncio.Task[None], slack: _Stopped, moment: Moment) -> None:
        self._task = task
        self._slack = slack
        self.moment = moment

    @classmethod
    async def put(cls, hand: Hand, stage: Stage, moment: Moment) -> "Sleeper | None":
        """None where there was nothing to show, or Slack would not have it."""
        job = await stage.write(lambda uow: uow.publishing.claim(holder=hand.name))
        if job is None:
            return None
        slack = _Stopped(hand.courier.slack, moment)
        courier = replace(hand.courier, slack=slack)
        task = asyncio.create_task(courier.deliver(job, deadline=courier.clock() + SEND_WITHIN))
        asleep = asyncio.create_task(slack.asleep.wait())
        await asyncio.wait({task, asleep}, return_when=asyncio.FIRST_COMPLETED)
        asleep.cancel()
        if task.done():
            with contextlib.suppress(LockedOut):
                await task
            return None
        return cls(task, slack, moment)

    async def wakes(self) -> None:
        """And goes on with what it was doing."""
        self._slack.woken.set()
        with contextlib.suppress(LockedOut):
            await self._task

    async def dies(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
