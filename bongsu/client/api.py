"""Requests to the API, and what to say of each that fails."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import requests
from requests.auth import AuthBase

from bongsu.client.errors import ClientError, NotDone, NotReached, UsedWrongly
from bongsu.client.settings import BELOW, KEY, URL, ApiSettings
from bongsu.why.plain import line

TRIES = 4
_PAUSES = (0.5, 1.0, 2.0)
_LONGEST_PAUSE = 5.0
"""Seconds, also where the server asks for more."""
_SECONDS = (5.0, 30.0)
"""To connect, and for each part of the answer."""
_PAGE = 200
_MAY_PASS = {429, 503}
_PROBLEM = "urn:bongsu:problem:"
_NOT_THERE = {f"{_PROBLEM}no-such-path", f"{_PROBLEM}no-such-method"}

Json = dict[str, Any]


class _Bearer(AuthBase):
    """By ``auth``, not as a header: else requests takes a password of ~/.netrc in its place."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Api:
    """One command's hold of the API. ``on_behalf_of`` is a Slack user id; None: the key acts for itself.

    What may pass is tried ``TRIES`` times. A change has the same Idempotency-Key each time, so it is made once.
    """

    def __init__(
        self, settings: ApiSettings, *, on_behalf_of: str | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = settings
        self._headers = {"Accept": "application/json", **({"On-Behalf-Of": on_behalf_of} if on_behalf_of else {})}
        self._sleep = sleep

    def get(self, path: str, **query: Any) -> Json:
        """Raises ClientError."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Raises ClientError."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": uuid4().hex})

    def pages(self, path: str, *, limit: int, **query: Any) -> Iterator[Json]:
        """The items of a list, so many at most. Raises ClientError."""
        cursor: str | None = None
        while limit > 0:
            page = self.get(path, **query, limit=min(limit, _PAGE), cursor=cursor)
            if not isinstance(page.get("items"), list):
                raise self._is_not_bongsu("what it answers is no list")
            yield from page["items"][:limit]
            limit, cursor = limit - len(page["items"]), page.get("next_cursor")
            if not (cursor and page["items"]):
                return

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any) -> Json:
        for pause in (*_PAUSES, None):
            wait = 0.0
            try:
                answer = self._once(method, path, {**self._headers, **(headers or {})}, given)
            except requests.RequestException as error:
                if pause is None or not _may_pass(error):
                    raise self._not_reached(error) from error
            else:
                if pause is None or answer.status_code not in _MAY_PASS:
                    return self._read(answer)
                wait = _asked_pause(answer)
            self._sleep(max(pause, wait))
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, path: str, headers: Mapping[str, str], given: Mapping[str, Any]) -> requests.Response:
        return requests.request(
            method,
            f"{self._settings.url}{BELOW}{path}",
            headers=dict(headers),
            auth=_Bearer(self._settings.key),
            timeout=_SECONDS,
            allow_redirects=False,
            **given,
        )

    def _read(self, answer: requests.Response) -> Json:
        if answer.is_redirect:
            where = line(answer.headers.get("Location", ""), 200)
            raise NotReached(f"{self._settings.url} redirects to {where}: write where Bongsu itself is into {URL}")
        try:
            told = answer.json()
        except requests.JSONDecodeError as error:
            raise self._is_not_bongsu(f"it answers {answer.status_code}, and no JSON") from error
        if not isinstance(told, dict):
            raise self._is_not_bongsu(f"it answers {answer.status_code}, and no object")
        if answer.ok:
            return told
        if not str(told.get("type", "")).startswith(_PROBLEM):
            raise self._is_not_bongsu(f"it answers {answer.status_code}: {_detail(told)}")
        raise _refused(answer.status_code, told)

    def _not_reached(self, error: requests.RequestException) -> NotReached:
        """Never with the request's headers."""
        url = self._settings.url
        if isinstance(error, requests.exceptions.SSLError):
            return NotReached(f"{url}: TLS failed ({_root(error)}): see to its certificate, or set REQUESTS_CA_BUNDLE")
        if isinstance(error, requests.Timeout):
            return NotReached(f"{url} does not answer in time: whether it was done is not known")
        if isinstance(error, requests.ConnectionError):
            return NotReached(f"{url} can't be reached ({_root(error)}): does `bongsu serve` run there? ({URL})")
        return NotReached(f"{url}: {type(error).__name__}: is {URL} right?")

    def _is_not_bongsu(self, why: str) -> NotReached:
        return NotReached(f"{self._settings.url} is not the API of Bongsu ({why}): is {URL} right?")


def _may_pass(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)


def _asked_pause(answer: requests.Response) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_PAUSE) if told.isascii() and told.isdecimal() else 0.0


def _refused(status: int, told: Json) -> ClientError:
    detail = _detail(told)
    if told["type"] in _NOT_THERE:
        return NotDone(f"Bongsu does not know that there ({detail}): it is older than this command")
    match status:
        case 401:
            reason = detail.partition(": send ")[0]
            return UsedWrongly(f"{KEY} is not accepted ({reason}): `bongsu apikey create --role write` makes a key")
        case 403 | 404 | 409:
            return NotDone(detail)
        case 412:
            return NotDone(f"it has changed meanwhile: {detail}")
        case 400 | 422:
            return UsedWrongly(_fields(told) or detail)
        case 429:
            return NotReached(f"too much was asked of the API: {detail}")
        case 503:
            return NotReached(f"Bongsu can't do it now: {detail}; try again in a moment")
        case 500:
            return NotReached("something went wrong in Bongsu: its log has the rest")
    return NotDone(f"Bongsu answers {status}: {detail}")


def _detail(told: Json) -> str:
    return line(str(told.get("detail") or told.get("error") or told.get("title") or ""), 300)


def _fields(told: Json) -> str:
    """``until: write a time``"""
    errors = told.get("errors")
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    named = [(str(one.get("field", "")).partition(".")[2], str(one.get("message", ""))) for one in found]
    return "; ".join(f"{line(name, 64)}: {line(message, 200)}" for name, message in named)


def _root(error: BaseException) -> str:
    """What lies at the bottom of it, such as ``Connection refused``."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _root(reason)
    return line(str(error).rpartition(": ")[2] or type(error).__name__, 100)
