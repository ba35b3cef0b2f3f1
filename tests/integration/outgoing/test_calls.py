"""A call leads where it was looked at, and nowhere else; whatever is there can't hold or fill us."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import ip_address

import pytest
from aiohttp import web

from jobs.outgoing.addresses import Address
from jobs.outgoing.call import Outgoing, Request, only
from jobs.outgoing.errors import Redirected, Refused, Unreachable
from tests.integration.outgoing.receiver import Receiver, Trap

LOOPBACK = [ip_address("127.0.0.1")]


class Names:
    """A resolver that says another address each time it is asked; the last one stays."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = [ip_address(one) for one in addresses]
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        return [self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]]


def to(url: str, *, allow_private: bool = True, body: bytes = b"{}") -> Request:
    return Request("POST", url, {"X-Told": "yes"}, body, allow_private)


async def test_a_call_says_what_it_was_told_and_brings_the_answer(receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=202, headers={"Retry-After": "5"}, text="taken")]
    answer = await Outgoing().send(to(receiver.url))
    assert (answer.status, answer.headers["retry-after"], answer.text, answer.is_cut) == (202, "5", "taken", False)
    [heard] = receiver.heard
    assert (heard.method, heard.path, heard.body, heard.headers["X-Told"]) == ("POST", "/hook", b"{}", "yes")
    assert heard.headers["Host"] == f"127.0.0.1:{receiver.port}"


async def test_without_leave_not_a_byte_goes_to_a_private_address(trap: Trap) -> None:
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        await Outgoing().send(to(f"http://127.0.0.1:{trap.port}/", allow_private=False))
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        await Outgoing(resolve=Names("127.0.0.1")).send(to(f"http://hook.test:{trap.port}/", allow_private=False))
    for host in ("2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]"):
        with pytest.raises((Refused, Unreachable)):
            await Outgoing().send(to(f"http://{host}:{trap.port}/", allow_private=False))
    assert await trap.has_seen_nothing()


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200"])
async def test_a_name_that_means_the_metadata_is_refused_with_leave_too(address: str) -> None:
    with pytest.raises(Refused, match="metadata"):
        await Outgoing(resolve=Names(address)).send(to("http://hook.test/"))


async def test_what_is_connected_to_is_what_was_looked_at(receiver: Receiver) -> None:
    """The name means another address when it is asked for again; so it is not asked for again."""
    names = Names("127.0.0.1", "169.254.169.254")
    answer = await Outgoing(resolve=names).send(to(f"http://hook.test:{receiver.port}/hook"))
    assert answer.status == 202
    assert names.asked == ["hook.test"]
    assert receiver.heard[0].headers["Host"] == f"hook.test:{receiver.port}"


def test_no_socket_is_made_for_another_address() -> None:
    made = only(LOOPBACK)
    made((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))).close()
    with pytest.raises(Refused):
        made((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.2", 1)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_said_as_such(receiver: Receiver, trap: Trap, status: int) -> None:
    receiver.next_answers(status, Location=f"http://127.0.0.1:{trap.port}/")
    with pytest.raises(Redirected, match=rf"answered {status} and leads to http://127\.0\.0\.1:{trap.port}/"):
        await Outgoing().send(to(receiver.url))
    assert len(receiver.heard) == 1
    assert await trap.has_seen_nothing()


async def test_a_redirect_to_the_metadata_leads_nowhere(receiver: Receiver) -> None:
    receiver.next_answers(302, Location="http://169.254.169.254/latest/meta-data/")
    with pytest.raises(Redirected, match="not followed: write the address at its end"):
        await Outgoing().send(to(receiver.url))


async def test_who_does_not_answer_is_left(receiver: Receiver) -> None:
    receiver.hangs = True
    with pytest.raises(Unreachable, match=r"within 0\.2 s") as late:
        await Outgoing(seconds=0.2).send(to(receiver.url))
    assert late.value.code == "timeout"
    assert len(receiver.heard) == 1


async def test_a_name_that_takes_for_ever_is_left() -> None:
    async def hangs(host: str, port: int) -> Sequence[Address]:
        await Receiver().let_go.wait()
        return LOOPBACK

    with pytest.raises(Unreachable, match=r"within 0\.1 s"):
        await Outgoing(seconds=0.1, resolve=hangs).send(to("http://hook.test/"))


async def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=200, body=b"x" * 3_000_000)]
    answer = await Outgoing().send(to(receiver.url))
    assert (len(answer.body), answer.is_cut) == (64 * 1024, True)
    wide = Request("GET", receiver.url, allow_private=True, most_bytes=3_000_000)
    answer = await Outgoing().send(wide)
    assert (len(answer.body), answer.is_cut) == (3_000_000, False)


async def test_nobody_there_and_no_such_name_are_said(free_port: Callable[[], int]) -> None:
    with pytest.raises(Unreachable, match="broke off"):
        await Outgoing().send(to(f"http://127.0.0.1:{free_port()}/"))

    async def unknown(host: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Unreachable, match=r"'hook\.test' has no address") as error:
        await Outgoing(resolve=unknown).send(to("http://hook.test/"))
    assert error.value.code == "no_address"


async def test_neither_a_proxy_nor_a_cookie_is_used(
    receiver: Receiver, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    receiver.next_answers(200, Set_Cookie="a=b; Path=/")
    outgoing = Outgoing(resolve=Names("127.0.0.1"))
    for _ in range(2):
        await outgoing.send(to(f"http://hook.test:{receiver.port}/"))
    assert [heard.headers.get("Cookie") for heard in receiver.heard] == [None, None]
    assert await trap.has_seen_nothing()
