"""The body of a request: read against a deadline and a limit, then unpacked against the same limit.

The server must run with ``auto_decompress=False``: signatures cover the bytes as sent, and aiohttp answers 500 to
broken gzip.
"""

import asyncio
import zlib
from collections.abc import Callable
from datetime import timedelta

from aiohttp import StreamReader, web

from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, SenderGone, UnknownEncoding

KEPT_OF_REFUSED = 64 * 1024
"""Bytes that are kept of a body that was too large, too late or broken."""

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_BARE_DEFLATE = -zlib.MAX_WBITS


async def read_body(
    content: StreamReader, *, declared: int | None, limit: int, within: timedelta, grow: Callable[[int], None]
) -> bytes:
    """The raw bytes. ``declared`` is Content-Length, None where chunked; ``grow`` is told of each arrival's size.

    Raises BodyTooLate, BodyTooLarge, BodyBroken (each with the start of the body), SenderGone, and what ``grow``
    raises.
    """
    too_large = declared is not None and declared > limit
    enough = KEPT_OF_REFUSED if too_large else limit
    arriving, body = bytearray(), b""
    try:
        if content.is_eof():  # all of it is here already: no clock is needed to take it, nor a copy
            body = content.read_nowait()
            grow(len(body))
        else:
            async with asyncio.timeout(within.total_seconds()):
                await _read(content, arriving, enough, grow)
            body = bytes(arriving)
    except TimeoutError as error:
        raise BodyTooLate(within.total_seconds(), start=_start(arriving)) from error
    except web.RequestPayloadError as error:
        raise BodyBroken("the body is not what Transfer-Encoding says", start=_start(arriving)) from error
    except ConnectionError as error:
        raise SenderGone from error
    if too_large or len(body) > limit:
        raise BodyTooLarge(limit, start=_start(body))
    return body


async def _read(content: StreamReader, body: bytearray, enough: int, grow: Callable[[int], None]) -> None:
    """Append what arrives, up to the first arrival that makes it more than enough."""
    while len(body) <= enough:
        arrived = await content.readany()
        if not arrived:
            return
        grow(len(arrived))
        body += arrived


def stop_reading(request: web.BaseRequest, error: Exception) -> None:
    """Whoever reads the request's body gets this error now, and once it is answered the connection closes.

    The end comes with it, because aiohttp would go on to read what is left, and log the error with a traceback.
    """
    request.content.set_exception(error)
    request.content.feed_eof()
    request.protocol.close()


def _start(body: bytes | bytearray) -> bytes:
    return bytes(body[:KEPT_OF_REFUSED])


def unpack(body: bytes, encoding: str, *, limit: int) -> bytes:
    """The body without its Content-Encoding (``""``: it has none), never more than ``limit`` bytes.

    Raises UnknownEncoding, BodyBroken, BodyTooLarge.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _stream(body, limit, wbits=_GZIP)
        case "deflate":
            return _stream(body, limit, wbits=_ZLIB if _has_zlib_header(body) else _BARE_DEFLATE)
        case _:
            raise UnknownEncoding(encoding)


def _has_zlib_header(body: bytes) -> bool:
    """HTTP's deflate means zlib's format (RFC 9110, 8.4.1.2); some senders leave its two bytes of header out."""
    return len(body) >= 2 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0


def _stream(body: bytes, limit: int, *, wbits: int) -> bytes:
    """Exactly one compressed stream: a body of a million empty gzip members would take minutes."""
    stream = zlib.decompressobj(wbits)
    try:
        unpacked = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise BodyBroken(f"the body is not what Content-Encoding says: {error}") from error
    if len(unpacked) > limit:
        raise BodyTooLarge(limit, start=_start(body), unpacked=True)
    if not stream.eof:
        raise BodyBroken("the compressed body ends too early")
    if stream.unused_data:
        raise BodyBroken("the body goes on after its compressed stream")
    return unpacked
