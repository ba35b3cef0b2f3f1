"""The call to the dead man's switch: guarded, and what is said of it holds no secret."""

import asyncio

import pytest

from jobs.heartbeat_out import FetchFailed, GuardedFetch
from jobs.outgoing.call import Answer, Outgoing, Request
from jobs.outgoing.errors import Redirected, Unreachable

URL = "https://hc.example.com/ping/canary"


class Answering(Outgoing):
    """Makes no call: answers, or raises."""

    def __init__(self, answer: Answer | Exception) -> None:
        super().__init__()
        self._told, self.requests = answer, list[Request]()

    async def send(self, request: Request) -> Answer:
        self.requests.append(request)
        if isinstance(self._told, Exception):
            raise self._told
        return self._told


def test_it_is_one_get_that_leads_into_the_own_network_by_leave_only() -> None:
    outgoing = Answering(Answer(204))
    assert asyncio.run(GuardedFetch(outgoing).fetch(URL, allow_private=True)) == 204
    assert asyncio.run(GuardedFetch(outgoing).fetch(URL, allow_private=False)) == 204
    assert [(one.method, one.url, one.allow_private) for one in outgoing.requests] == [
        ("GET", URL, True),
        ("GET", URL, False),
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Redirected(f"it answered 302 and leads to {URL}"), "it answered with a redirect, which is not followed"),
        (Unreachable("it did not answer within 10 s", "timeout"), "it did not answer within 10 s"),
    ],
)
def test_why_it_failed_is_told_without_the_secret(error: Exception, told: str) -> None:
    with pytest.raises(FetchFailed, match=told) as failed:
        asyncio.run(GuardedFetch(Answering(error)).fetch(URL, allow_private=False))
    assert "canary" not in str(failed.value)


def test_an_address_of_the_own_network_is_refused_before_a_byte_leaves() -> None:
    with pytest.raises(FetchFailed, match="private address"):
        asyncio.run(GuardedFetch(Outgoing()).fetch("https://10.0.0.7/ping/canary", allow_private=False))
