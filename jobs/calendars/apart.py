"""Reading a calendar in a process of its own: what some rules of recurrence cost is known only when it was spent.

``python -m jobs.calendars.apart`` is that process. It takes a line of JSON and the calendar, answers with JSON, and has
ten seconds of the processor and so much memory. Time zones that a calendar brings along stay in there, too.
"""

import asyncio
import resource
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from base import codec
from incidents.schedules.calendar import CalendarEvent
from jobs.calendars.parse import BadCalendar, parse

_SECONDS = 10
_LONGEST_SECONDS = 30.0
"""By the clock: a machine may be busy."""
_MEMORY = 1024 * 1024 * 1024


async def parse_apart(
    body: bytes, *, zone: ZoneInfo, since: datetime, until: datetime, seconds: int = _SECONDS
) -> list[CalendarEvent]:
    """As ``parse``, in so many seconds of the processor. Raises BadCalendar."""
    span = {"since": since.isoformat(), "until": until.isoformat()}
    answer = await _ask(codec.dumps({"zone": zone.key, "seconds": seconds, **span}).encode() + b"\n" + body)
    if "bad" in answer:
        raise BadCalendar(answer["bad"])
    return [_event(one) for one in answer["events"]]


async def _ask(question: bytes) -> dict[str, Any]:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        told, _ = await asyncio.wait_for(child.communicate(question), _LONGEST_SECONDS)
    except TimeoutError as error:
        raise BadCalendar("reading it takes too long: see its rules of recurrence") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise BadCalendar("reading it takes too long, or too much memory: see its rules of recurrence")
    answer: dict[str, Any] = codec.loads(told)
    return answer


def _event(told: Sequence[Any]) -> CalendarEvent:
    start, end, attendees, summary = told
    return CalendarEvent(datetime.fromisoformat(start), datetime.fromisoformat(end), tuple(attendees), summary)


def main() -> None:
    line, _, body = sys.stdin.buffer.read().partition(b"\n")
    asked = codec.loads(line)
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.stdout.write(codec.dumps(_answer(asked, body)))


def _answer(asked: dict[str, Any], body: bytes) -> dict[str, Any]:
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    try:
        events = parse(body, zone=ZoneInfo(asked["zone"]), since=since, until=until)
    except BadCalendar as error:
        return {"bad": str(error)}
    return {"events": [[one.start.isoformat(), one.end.isoformat(), one.attendees, one.summary] for one in events]}


if __name__ == "__main__":
    main()
