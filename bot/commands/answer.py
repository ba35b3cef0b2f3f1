"""From the text behind ``/incident`` to the one ephemeral message that answers it."""

import time

from bot.answers import outcome, sentence
from bot.commands.command import Mistake, TypedIn
from bot.commands.lists import open_ones
from bot.commands.parse import parse
from bot.commands.run import mended, run, with_aside
from bot.desk import Desk
from bot.message import Message
from incidents.errors import BongsuError, IncidentNotFound
from incidents.model import Actor


async def answer(text: str, *, by: Actor, desk: Desk, typed_in: TypedIn | None = None) -> Message:
    """Does what the text says, counts it, and says what became of it."""
    started = time.monotonic()
    command = parse(text)
    if isinstance(command, Mistake):
        desk.metrics.handled("command", "unknown", "mistake", seconds=time.monotonic() - started)
        return await mended(command, desk=desk)
    became = "done"
    try:
        return await run(command, by=by, desk=desk, typed_in=typed_in)
    except BongsuError as error:
        became = outcome(error)
        return await _refusal(error, by=by, desk=desk)
    finally:
        desk.metrics.handled("command", command.verb.value, became, seconds=time.monotonic() - started)


async def _refusal(error: BongsuError, *, by: Actor, desk: Desk) -> Message:
    told = sentence(error, to=by.id, now=desk.now())
    return with_aside(told, await open_ones(desk) if isinstance(error, IncidentNotFound) else "")
