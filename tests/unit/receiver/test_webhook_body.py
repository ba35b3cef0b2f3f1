"""Reading and unpacking a body, within its bounds."""

import asyncio
import gzip
import tracemalloc
import zlib
from datetime import timedelta
from unittest.mock import Mock

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from receiver.body import read_body, unpack
from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, SenderGone, TooMuchHeld, UnknownEncoding

GZIPPED = gzip.compress(b"hello")


def deflated(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


async def arriving(*chunks: bytes, ends: bool = True) -> StreamReader:
    reader = StreamReader(Mock(spec=BaseProtocol, _reading_paused=False), 2**16, loop=asyncio.get_running_loop())
    for chunk in chunks:
        reader.feed_data(chunk)
    if ends:
        reader.feed_eof()
    return reader


async def read(reader: StreamReader, *, declared: int | None = None, limit: int = 100, seconds: float = 5) -> bytes:
    return await read_body(
        reader, declared=declared, limit=limit, within=timedelta(seconds=seconds), grow=lambda _: None
    )


async def test_a_body_is_read_to_its_end() -> None:
    assert await read(await arriving(b"ab", b"", b"cd")) == b"abcd"


async def test_what_comes_late_is_read_as_what_was_there() -> None:
    reader = await arriving(b"ab", ends=False)
    reading = asyncio.create_task(read(reader))
    await asyncio.sleep(0)
    reader.feed_data(b"cd")
    reader.feed_eof()
    assert await reading == b"abcd"


async def test_a_body_that_was_given_up_before_it_is_read_is_not_taken_as_complete() -> None:
    reader = await arriving(b"ab", ends=False)
    reader.set_exception(TooMuchHeld())
    reader.feed_eof()
    with pytest.raises(TooMuchHeld):
        await read(reader)


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert await read(await arriving(b"x" * 100), declared=100) == b"x" * 100


async def test_one_byte_over_the_limit_is_too_large_without_content_length_as_well() -> None:
    with pytest.raises(BodyTooLarge, match="larger than 100 bytes") as refused:
        await read(await arriving(b"x" * 101))
    assert refused.value.start == b"x" * 101


async def test_a_declared_length_over_the_limit_is_not_read_to_its_end() -> None:
    with pytest.raises(BodyTooLarge) as refused:
        await read(await arriving(b"x" * 70_000, ends=False), declared=10**9)
    assert refused.value.start == b"x" * 65_536


async def test_a_body_that_does_not_arrive_is_too_late_and_its_start_is_kept() -> None:
    with pytest.raises(BodyTooLate) as refused:
        await read(await arriving(b"begin", ends=False), seconds=0.02)
    assert refused.value.start == b"begin"


async def test_a_sender_that_hangs_up_is_gone() -> None:
    reader = await arriving(b"begin", ends=False)
    reader.set_exception(ConnectionResetError("Connection lost"))
    with pytest.raises(SenderGone):
        await read(reader)


async def test_no_more_is_read_than_there_is_room_for() -> None:
    def no_room(_: int) -> None:
        raise TooMuchHeld

    with pytest.raises(TooMuchHeld):
        await read_body(await arriving(b"x"), declared=1, limit=9, within=timedelta(seconds=1), grow=no_room)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", b"hello"),
        ("identity", b"hello"),
        ("gzip", GZIPPED),
        ("X-GZip ", GZIPPED),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", deflated(b"hello", -15)),
    ],
)
def test_what_was_packed_is_unpacked(encoding: str, packed: bytes) -> None:
    assert unpack(packed, encoding, limit=5) == b"hello"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "utf-8"])
def test_an_unknown_encoding_is_named(encoding: str) -> None:
    with pytest.raises(UnknownEncoding, match=encoding):
        unpack(b"x", encoding, limit=10)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("packed", [b"", b"no such thing", GZIPPED[:-3], b"\x1f\x8b", b"\x78\x9c"])
def test_what_is_not_packed_as_it_says_is_broken(encoding: str, packed: bytes) -> None:
    with pytest.raises(BodyBroken):
        unpack(packed, encoding, limit=1000)


def test_a_bomb_is_told_before_it_goes_off() -> None:
    bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge, match="when unpacked") as refused:
            unpack(bomb, "gzip", limit=5_000_000)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert refused.value.start == bomb[:65_536]


def test_a_bomb_of_many_members_is_refused_at_the_second() -> None:
    with pytest.raises(BodyBroken, match="goes on"):
        unpack(gzip.compress(b"") * 100_000, "gzip", limit=1000)
