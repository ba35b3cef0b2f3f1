"""Getting a calendar: from a URL, or from a file."""

import asyncio
import stat
from pathlib import Path
from typing import Protocol

from jobs.calendars.parse import MOST_BYTES
from jobs.outgoing.call import Outgoing, Request
from jobs.outgoing.errors import Redirected, Refused, Unreachable


class NotFetched(Exception):
    """It can't be had now. The message says why, without the address: that may be a secret."""


class Fetch(Protocol):
    async def __call__(self, url: str, *, allow_private: bool) -> bytes:
        """What is there. Raises NotFetched."""


class WebFetch:
    """Through the guard of all that goes out: public addresses alone unless others are allowed, and no redirects."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def __call__(self, url: str, *, allow_private: bool) -> bytes:
        request = Request("GET", url, allow_private=allow_private, most_bytes=MOST_BYTES)
        try:
            answer = await self._outgoing.send(request)
        except Redirected as error:
            raise NotFetched("its server leads elsewhere: write the address that it leads to") from error
        except (Refused, Unreachable) as error:
            raise NotFetched(str(error)) from error
        if not answer.is_success:
            raise NotFetched(f"its server answers HTTP {answer.status}")
        if answer.is_cut:
            raise NotFetched(f"it has more than {MOST_BYTES // 1024 // 1024} MiB")
        return answer.body


async def read_file(path: str) -> bytes:
    """Raises NotFetched."""
    return await asyncio.to_thread(_read, Path(path))


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotFetched("it is no file")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFetched(f"it can't be read ({error.strerror})") from error
