"""From a request to its answer: the key, the values, the transaction, and what is remembered of it."""

import hashlib
import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiohttp import web
from pydantic import BaseModel

from base.codec import loads
from incidents.access.keeping import DoneRequest
from incidents.access.model import ApiKey, digest_of
from incidents.model import Actor
from incidents.ports import UnitOfWork
from receiver.api.call import Answer, Call
from receiver.api.errors import BadHeader, NoKey, OtherRequest, OutOfScope
from receiver.api.finding import require_version
from receiver.api.limits import Limits, Tries
from receiver.api.metrics import ApiMetrics
from receiver.api.operation import PREFIX, Location, Operation
from receiver.api.organisation import Organisation, Organisations
from receiver.api.problem import REFUSALS, plain_problem, problem_of
from receiver.api.reading import body_values, path_values, query_values
from receiver.api.shapes import Nothing
from receiver.api.versions import wanted_versions
from receiver.doorway import peer_of
from receiver.settings import ReceiverSettings

logger = logging.getLogger(__name__)

ON_BEHALF_OF = "On-Behalf-Of"
"""A Slack user id: the key acts for this person, who must be allowed to do it themselves."""
IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class _Request:
    """What is known of a request once its values were checked. ``sha256`` is of what it asks for."""

    operation: Operation
    call: Call
    idempotency_key: str | None
    sha256: str
    versions: frozenset[int] | None


class Dispatcher:
    """One for each process."""

    def __init__(
        self,
        organisations: Organisations,
        settings: ReceiverSettings,
        limits: Limits,
        tries: Tries,
        metrics: ApiMetrics,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._organisations = organisations
        self._settings = settings
        self._limits = limits
        self._tries = tries
        self._metrics = metrics
        self._clock = clock

    async def handle(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        """Every answer of the API."""
        began = time.monotonic()
        headers: dict[str, str] = {}
        try:
            key = await self._key(request)
            headers = self._limits.take(key)
            response = await self._answer(operation, key, request)
            _tell_change(operation, key, request, response)
        except REFUSALS as error:
            response = problem_of(error)
            headers |= getattr(error, "headers", {})
            _tell_away(operation, response, error)
        except Exception as error:  # the outermost place: whatever it was, its sender is answered and we know
            if isinstance(error, ConnectionError) and request.transport is None:
                raise
            logger.exception("%s failed", operation.name, extra={"action": "api_failed", "operation": operation.name})
            response = plain_problem(500, "internal", "something went wrong here; it has been logged")
        response.headers.update(headers)
        self._metrics.answered(operation.name, response.status, seconds=time.monotonic() - began)
        return response

    async def _key(self, request: web.Request) -> ApiKey:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NoKey("there is no API key")
        digest, address = digest_of(secret.strip()), _address(request)
        self._tries.begin(digest, address)
        key = await self._organisations.key(digest)
        why = _why_not(key, self._clock())
        if key is None or why is not None:
            self._tries.refused(digest, why or "")
            raise NoKey(why or "")
        self._tries.opened(digest, address)
        return key

    async def _answer(self, operation: Operation, key: ApiKey, request: web.Request) -> web.Response:
        if not key.allows(operation.scope):
            raise OutOfScope(key.role, operation.scope)
        organisation = self._organisations.of(key.tenant_id)
        told: dict[str, BaseModel] = {}
        body = b""
        if operation.path_model is not None:
            told["path"] = path_values(request, operation.path_model)
        told["query"] = query_values(request, operation.query or Nothing)
        if operation.body is not None:
            told["body"], body = await body_values(
                request, operation.body, optional=operation.body_optional, settings=self._settings
            )
        origin = f"api {_address(request)}".strip()
        by = await self._actor(operation, key, organisation, request, origin)
        idempotency_key = _idempotency_key(request) if operation.is_idempotent else None
        sha256 = _sha256(operation, request, by, body)
        token = _token(key, idempotency_key, sha256)
        call = Call(key, by, organisation, operation.name, origin, told, token, self._settings.max_body_bytes)
        versions = wanted_versions(request) if operation.has_version and operation.writes else None
        asked = _Request(operation, call, idempotency_key, sha256, versions)
        if operation.before is not None:
            await operation.before(call)
        if operation.alone is not None:
            return _written(operation, await operation.alone(call))
        return await self._in_transaction(asked)

    async def _actor(
        self, operation: Operation, key: ApiKey, organisation: Organisation, request: web.Request, origin: str
    ) -> Actor:
        person = _header(request, ON_BEHALF_OF)
        if person is None:
            return Actor.key(key.name, origin=origin)
        if not _PERSON.fullmatch(person):
            raise BadHeader(ON_BEHALF_OF, "it is not the id of a Slack user, such as U0ALICE")
        await organisation.people.check(person, operation.role)
        return Actor("slack", person, via=key.name, origin=origin)

    async def _in_transaction(self, asked: _Request) -> web.Response:
        transactions = asked.call.organisation.transactions
        if not asked.operation.writes:
            return await transactions.read(partial(_run, asked))
        response = await transactions.write(partial(_run, asked))
        if asked.operation.after is not None:
            await asked.operation.after(asked.call, self._organisations)
        asked.call.organisation.changed()
        return response


async def _run(asked: _Request, uow: UnitOfWork) -> web.Response:
    """In one transaction, with what is remembered of it."""
    key, operation, call = asked.idempotency_key, asked.operation, asked.call
    if key is not None:
        done = await uow.done_requests.begin(call.key.id, key, asked.sha256)
        if done is not None:
            return await _again(done, asked, uow)
    if operation.work is None:
        raise TypeError(f"{operation.name} has nothing to do")
    if asked.versions is not None:
        await require_version(call, asked.versions, uow)
    answer = await operation.work(call, uow)
    response = _written(operation, answer)
    if operation.location is not None:  # what is not text has none
        response.headers.update(await _where(operation.location, response.status, response.text, uow))
    if key is not None:
        body = response.text or "" if answer.remembered is None else answer.remembered.model_dump_json()
        etag = response.headers.get("ETag")
        await uow.done_requests.end(call.key.id, key, DoneRequest(asked.sha256, response.status, body, etag))
    return response


def _why_not(key: ApiKey | None, now: datetime) -> str | None:
    """Why this key opens nothing; None: it does."""
    if key is None:
        return "this API key is unknown"
    if key.is_valid(now):
        return None
    return "this API key was revoked" if key.revoked_at is not None else "this API key has expired"


def _tell_change(operation: Operation, key: ApiKey, request: web.Request, response: web.StreamResponse) -> None:
    if operation.writes and REPLAYED not in response.headers:
        facts = {"action": "api_change", "operation": operation.name, "key": key.name, "tenant": key.tenant_id}
        person = {"on_behalf_of": request.headers[ON_BEHALF_OF]} if ON_BEHALF_OF in request.headers else {}
        logger.info("%s by key %s", operation.name, key.name, extra=facts | person | {"peer": _address(request)})


def _tell_away(operation: Operation, response: web.StreamResponse, error: Exception) -> None:
    if response.status >= 500:
        facts = {"action": "api_unavailable", "operation": operation.name, "error": str(error)}
        logger.warning("%s: %s", operation.name, type(error).__name__, extra=facts)


async def _again(done: DoneRequest, asked: _Request, uow: UnitOfWork) -> web.Response:
    """What was answered the first time. Raises OtherRequest."""
    if done.request_sha256 != asked.sha256:
        raise OtherRequest
    headers = {REPLAYED: "true", **({"ETag": done.etag} if done.etag else {})}
    if asked.operation.location is not None:
        headers |= await _where(asked.operation.location, done.status, done.body, uow)
    return web.Response(text=done.body, status=done.status, headers=headers, content_type=asked.operation.media_type)


async def _where(location: Location, status: int, body: str | None, uow: UnitOfWork) -> dict[str, str]:
    """``Location``, by the answer itself: so it is not remembered, and the same each time."""
    if not body or status not in {201, 202}:
        return {}
    path = await location(loads(body.encode()), uow)
    return {} if path is None else {"Location": PREFIX + path}


def _written(operation: Operation, answer: Answer) -> web.Response:
    headers = dict(answer.headers)
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    status = answer.status or operation.status
    if answer.text is not None:
        return web.Response(text=answer.text, status=status, headers=headers, content_type=operation.media_type)
    if answer.data is not None:
        return web.Response(body=answer.data, status=status, headers=headers, content_type=operation.media_type)
    if answer.model is None:
        return web.Response(status=204, headers=headers)
    text = answer.model.model_dump_json()
    return web.Response(text=text, status=status, headers=headers, content_type=operation.media_type)


def _header(request: web.Request, name: str) -> str | None:
    """None: it was not sent. Raises BadHeader where it was sent twice, and might mean either."""
    told = request.headers.getall(name, [])
    if len(told) > 1:
        raise BadHeader(name, f"it was sent {len(told)} times")
    return told[0] if told else None


def _idempotency_key(request: web.Request) -> str | None:
    told = _header(request, IDEMPOTENCY_KEY)
    if told is not None and not _KEY.fullmatch(told):
        raise BadHeader(IDEMPOTENCY_KEY, "write 1 to 255 visible ASCII characters")
    return told


def _sha256(operation: Operation, request: web.Request, by: Actor, body: bytes) -> str:
    asked = hashlib.sha256(f"{operation.name}\n{request.raw_path}\n{by}\n".encode("utf-8", "surrogatepass"))
    asked.update(body)
    return asked.hexdigest()


def _token(key: ApiKey, idempotency_key: str | None, sha256: str) -> str:
    """Of what it asks for, too: once the Idempotency-Key is forgotten, it may be used for something else."""
    if idempotency_key is None:
        return uuid.uuid4().hex
    return hashlib.sha256(f"{key.id}\n{idempotency_key}\n{sha256}".encode()).hexdigest()


def _address(request: web.Request) -> str:
    transport = request.transport
    return "" if transport is None else peer_of(transport.get_extra_info("peername"))
