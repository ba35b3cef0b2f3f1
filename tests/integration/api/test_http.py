"""What HTTP brings: other methods, other sites' pages, and bytes that nobody means well with."""

import gzip
from collections.abc import AsyncIterator
from functools import partial
from io import BytesIO

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from pydantic import Field
from yarl import URL

from incidents.access.model import KeyRole, Scope
from receiver.api.call import Answer, Call
from receiver.api.dispatch import Dispatcher
from receiver.api.limits import Limits, Tries
from receiver.api.metrics import ApiMetrics
from receiver.api.operation import Operation
from receiver.api.problem import MEDIA_TYPE as PROBLEM
from receiver.api.shapes import Asked, Text, Told
from receiver.settings import ReceiverSettings
from tests.building import firing
from tests.integration.api.conftest import TRUSTED_SITE, Api, Houses

INCIDENT = "/incidents/INC-1"
ACKNOWLEDGE = f"{INCIDENT}/acknowledge"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


async def test_head_is_get_without_its_body(api: Api) -> None:
    await api.stage.take(firing())
    told, head = await api.get(INCIDENT), await api.call("HEAD", INCIDENT)
    assert (head.status, head.text) == (200, "")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert head.headers[name] == told.headers[name]
    assert told.headers["Cache-Control"] == "no-store"
    assert (await api.call("HEAD", ACKNOWLEDGE)).status == 405


async def test_only_pages_of_sites_that_are_trusted_may_read(api: Api) -> None:
    asked = {**PREFLIGHT, "Authorization": ""}
    trusted = await api.call("OPTIONS", ACKNOWLEDGE, headers={**asked, "Origin": TRUSTED_SITE})
    assert trusted.status == 204
    assert trusted.headers["Access-Control-Allow-Origin"] == TRUSTED_SITE
    assert "POST" in trusted.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in trusted.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in trusted.headers
    other = await api.call("OPTIONS", ACKNOWLEDGE, headers={**asked, "Origin": "https://evil.example.com"})
    assert (other.status, other.headers["Vary"]) == (204, "Origin")
    assert not [name for name in other.headers if name.startswith("Access-Control")]
    for path, status in {INCIDENT: 404, "/nothing": 404, ACKNOWLEDGE: 405}.items():
        told = await api.get(path, headers={"Origin": TRUSTED_SITE})
        assert (told.status, told.headers["Access-Control-Allow-Origin"]) == (status, TRUSTED_SITE)
        assert "RateLimit-Remaining" in told.headers["Access-Control-Expose-Headers"]
        plain = await api.get(path)
        assert "Access-Control-Allow-Origin" not in plain.headers
        assert plain.headers["Vary"] == "Origin"


async def test_what_may_be_done_at_a_path_is_told(api: Api) -> None:
    told = await api.call("OPTIONS", INCIDENT, headers={"Authorization": ""})
    assert (told.status, told.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, PATCH")
    assert (await api.call("OPTIONS", "/nothing")).status == 404


async def test_how_much_is_left_is_told_with_every_answer(api: Api) -> None:
    key = await api.key(KeyRole.READ)
    first = await api.get("/incidents/INC-9", secret=key)
    second = await api.post("/incidents/INC-9/acknowledge", secret=key)
    assert (first.status, second.status) == (404, 403)
    left = [int(one.headers["RateLimit-Remaining"]) for one in (first, second)]
    assert left[1] in {left[0], left[0] - 1}
    assert "RateLimit-Limit" not in (await api.get(INCIDENT, secret="bongsu_wrong")).headers


async def test_keys_are_slow_to_guess_and_others_at_the_same_address_go_on(api: Api) -> None:
    await api.stage.take(firing())
    assert (await api.get(INCIDENT)).status == 200
    statuses = [(await api.get(INCIDENT, secret=f"bongsu_{number}")).status for number in range(30)]
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
    refused = await api.get(INCIDENT, secret="bongsu_again")
    assert refused.json["type"] == "urn:bongsu:problem:too-many-unknown-keys"
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await api.get(INCIDENT)).status == 200


PATHS = {
    "/incidents/INC-1/": 404,
    "/incidents//INC-1": 404,
    "/incidents/%00": 422,
    "/incidents/%FF%FE": 422,
    "/incidents/%ED%A0%80": 422,
    "/incidents/INC-1%2Facknowledge": 422,
    "/incidents/..%2f..%2fetc": 422,
    f"/incidents/{'9' * 4000}": 422,
    "/incidents/9223372036854775808": 422,
    "/incidents/999999999999999999": 404,
    "/incidents/INC-999999999999999999": 404,
    "/incidents/%EF%BC%91": 422,  # a 1, but not ours
    "/incidents/INC-1?limit=1": 422,
    "/incidents/INC-1?%FF=%FF": 422,
    "/incidents/INC-1?": 200,
}


async def test_paths_that_nobody_means_well_with_are_told_what_is_wrong(api: Api) -> None:
    await api.stage.take(firing())
    for path, status in PATHS.items():
        url = URL(f"{api.url}/api/v1{path}", encoded=True)
        async with api.session.get(url, headers={"Authorization": f"Bearer {api.secret}"}) as told:
            assert told.status == status, (path, await told.text())
            assert told.headers["Content-Type"].startswith("application/problem+json") or status == 200
            assert await told.json(content_type=None)


async def test_headers_that_are_none_are_refused(api: Api) -> None:
    await api.stage.take(firing())
    for name in ("On-Behalf-Of", "Idempotency-Key", "If-Match"):
        for value in ("", "ü", "a b", "x" * 300):
            told = await api.post(ACKNOWLEDGE, headers={name: value})
            assert (told.status, name in told.json["detail"]) == (400, True), (name, value)


async def test_weak_and_several_versions_are_understood(api: Api) -> None:
    """A proxy that compresses answers makes tags weak."""
    await api.stage.take(firing())
    version = (await api.get(INCIDENT)).json["version"]
    told = await api.post(ACKNOWLEDGE, headers={"If-Match": f'"99", W/"{version}"'})
    assert told.status == 200


class Asks(Asked):
    text: Text = Field(max_length=1000)
    count: int = Field(default=1, ge=1, le=100)


class Tells(Told):
    text: str


async def _tell(call: Call) -> Answer:
    return Answer(Tells(text=call.body(Asks).text))


ECHO = Operation(
    method="POST", path="/echo", name="echo", summary="For this test", tag="test", scope=Scope.READ, answer=Tells,
    body=Asks, alone=_tell,
)  # fmt: skip
JSON = {"Content-Type": "application/json"}
GOOD = b'{"text": "ok"}'


def packed(body: bytes) -> bytes:
    return gzip.compress(body)


BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "plain": (GOOD, {}, 200),
    "another JSON": (GOOD, {"Content-Type": "application/vnd.bongsu+json; charset=UTF-8"}, 200),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, {}, 200),
    "packed": (packed(GOOD), {"Content-Encoding": "gzip"}, 200),
    "ten megabytes": (b'{"text": "' + b"x" * 10_000_000 + b'"}', {}, 413),
    "ten megabytes when unpacked": (packed(b" " * 10_000_000 + GOOD), {"Content-Encoding": "gzip"}, 413),
    "broken gzip": (packed(GOOD)[:-9], {"Content-Encoding": "gzip"}, 400),
    "no gzip": (GOOD, {"Content-Encoding": "gzip"}, 400),
    "brotli": (GOOD, {"Content-Encoding": "br"}, 415),
    "text": (GOOD, {"Content-Type": "text/plain"}, 415),
    "no type": (GOOD, {"Content-Type": ""}, 415),
    "a form": (b"text=ok", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "another charset": (GOOD.decode().encode("utf-16"), {"Content-Type": "application/json; charset=utf-16"}, 415),
    "bytes that are no UTF-8": (b'{"text": "\xff"}', {}, 400),
    "nothing": (b"", {}, 400),
    "a list": (b"[]", {}, 400),
    "half of it": (b'{"text": "ok"', {}, 400),
    "NaN": (b'{"text": "ok", "count": NaN}', {}, 400),
    "infinity": (b'{"text": "ok", "count": 1e999}', {}, 400),
    "too deep": (b'{"text": "ok", "more": ' + b"[" * 40 + b"]" * 40 + b"}", {}, 400),
    "too deep for anybody": (b"[" * 500_000, {}, 400),
    "the last of the same keys": (b'{"text": "not ok", "text": "ok"}', {}, 200),
    "more than 64 bits": (b'{"text": "ok", "count": 36893488147419103232}', {}, 422),
    "many digits": (b'{"text": "ok", "count": ' + b"9" * 5000 + b"}", {}, 400),
    "a number as text": (b'{"text": "ok", "count": "1"}', {}, 422),
    "a fraction": (b'{"text": "ok", "count": 1.5}', {}, 422),
    "a lone surrogate": (b'{"text": "\\ud800"}', {}, 400),
    "NUL": (b'{"text": "\\u0000"}', {}, 422),
    "an unknown field": (b'{"text": "ok", "texts": 1}', {}, 422),
    "nothing of it": (b"{}", {}, 422),
}


@pytest.fixture
async def echo(api: Api) -> AsyncIterator[str]:
    """The address of an operation with a body, beside the API."""
    settings, app = ReceiverSettings(), web.Application()
    dispatcher = Dispatcher(Houses(api), settings, Limits(settings), Tries(), ApiMetrics(CollectorRegistry()))
    app.router.add_post("/echo", partial(dispatcher.handle, ECHO))
    runner = web.AppRunner(app, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/echo"
    await runner.cleanup()


async def test_bodies_that_nobody_means_well_with_are_told_what_is_wrong(api: Api, echo: str) -> None:
    key = {"Authorization": f"Bearer {api.secret}"}
    for name, (body, headers, status) in BODIES.items():
        async with api.session.post(echo, data=BytesIO(body), headers={**key, **JSON, **headers}) as told:
            said = await told.json(content_type=None)
            assert told.status == status, (name, said)
            assert said == {"text": "ok"} or (told.content_type, said["status"]) == (PROBLEM, status), name
            assert (told.headers.get("Connection") == "close") == (status == 413), name
