"""Getting a calendar: from a URL, or from a file."""

import asyncio
import stat
from pathlib import Path
from typing import Protocol

import aiohttp

from jobs.calendars.parse import MOST_BYTES

_TIMEOUT = aiohttp.ClientTimeout(total=10.0)


class NotFetched(Exception):
    """It can't be had now. The message says why, without the address: that may be a secret."""


class Fetch(Protocol):
    async def __call__(self, url: str) -> bytes:
        """What is there. Raises NotFetched."""


class WebFetch:
    """Follows nothing, waits no longer than ten seconds, takes no more than two MiB."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, url: str) -> bytes:
        try:
            async with self._session.get(url, allow_redirects=False, timeout=_TIMEOUT) as answer:
                if answer.status != 200:
                    raise NotFetched(_refused(answer.status))
                return await _bounded(answer.content)
        except TimeoutError as error:
            raise NotFetched("its server did not answer within 10 s") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise NotFetched(f"its server can't be reached ({type(error).__name__})") from error


def _refused(status: int) -> str:
    if 300 <= status < 400:
        return f"its server leads elsewhere (HTTP {status}): write the address that it leads to"
    return f"its server answers HTTP {status}"


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise NotFetched(f"it has more than {MOST_BYTES // 1024 // 1024} MiB")
    return bytes(body)


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
