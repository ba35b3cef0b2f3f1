"""Requests to Grafana's HTTP API, and what to say of each that fails."""

import time
from collections.abc import Callable
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from bongsu.client.errors import NotDone, NotReached
from bongsu.grafana.access import Access
from bongsu.grafana.deadline import LARGEST, Answer, TooLarge, ask
from bongsu.grafana.refusals import refused, unreachable, unreadable
from bongsu.why.plain import line

PAUSES = (0.5, 1.5)
"""Seconds between tries to read. What writes is tried once: whether it was done, the next run sees."""
_MAY_PASS = {429, 502, 503, 504}
_EDITABLE = {"X-Disable-Provenance": "true"}
"""Else people could change in Grafana's pages nothing of what was written.
https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/"""

Json = dict[str, Any]


class _Bearer(AuthBase):
    """By ``auth``, not as a header: else requests takes a password of ~/.netrc in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Grafana:
    """One command's hold of one Grafana, and of the organisation that its credential belongs to."""

    def __init__(self, access: Access, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.url = access.url
        self._access = access
        self._sleep = sleep
        self._auth = _auth(access)

    def get(self, path: str) -> Json | None:
        """None: there is no such thing. Raises NotDone, UsedWrongly, NotReached."""
        told = self.read(path)
        if told is not None and not isinstance(told, dict):
            raise unreadable(self.url, f"{path} is no object")
        return told

    def read(self, path: str) -> Any:
        """As ``get``, of what may be a list."""
        for pause in (*PAUSES, None):
            try:
                answer = self._once("GET", path)
            except requests.ConnectionError as error:
                if pause is None or isinstance(error, requests.exceptions.SSLError | requests.Timeout):
                    raise self._not_reached(error, writes=False) from error
            except requests.RequestException as error:
                raise self._not_reached(error, writes=False) from error
            else:
                if pause is None or answer.status not in _MAY_PASS:
                    return None if answer.status == requests.codes.not_found else self._read(answer)
            self._sleep(pause or 0.0)
        raise AssertionError("the last try returns or raises")

    def post(self, path: str, body: Any) -> Json:
        """Raises NotDone, UsedWrongly, NotReached."""
        return self._write("POST", path, body)

    def put(self, path: str, body: Any) -> Json:
        """Raises NotDone, UsedWrongly, NotReached."""
        return self._write("PUT", path, body)

    def trouble_with(self, uid: str) -> str:
        """Why Grafana can't use that data source, by its own test; empty: it can.

        It waits for long where nothing answers it, which is no fault of Grafana's.
        """
        try:
            told = self.get(f"/api/datasources/uid/{uid}/health")
        except NotDone as error:
            return str(error)
        except NotReached:
            return "its test has no end in time: does anything answer Grafana there?"
        if told is None or str(told.get("status", "")).upper() == "OK":
            return ""
        return line(str(told.get("message", "")), 200) or "it does not say why"

    def _write(self, method: str, path: str, body: Any) -> Json:
        try:
            answer = self._once(method, path, json=body, headers=_EDITABLE)
        except requests.RequestException as error:
            raise self._not_reached(error, writes=True) from error
        told = self._read(answer)
        return told if isinstance(told, dict) else {}

    def _once(self, method: str, path: str, *, headers: Json | None = None, **given: Any) -> Answer:
        try:
            return ask(
                method,
                f"{self.url}{path}",
                seconds=self._access.seconds,
                headers={"Accept": "application/json", **(headers or {})},
                auth=self._auth,
                **given,
            )
        except TooLarge as error:
            raise NotDone(
                f"{self.url}{path} answers with more than {LARGEST:,} bytes, which is not read: is that Grafana?"
            ) from error

    def _read(self, answer: Answer) -> Any:
        """What is answered with 2xx. Raises ClientError."""
        if answer.location:
            where = line(answer.location, 200)
            raise NotReached(
                f"{self.url} redirects to {where}: write Grafana's own address (with https, and the path below which "
                "it is served), or one that asks for no login of its own"
            )
        try:
            told = answer.json()
        except ValueError as error:
            if answer.ok and not answer.body:
                return {}
            if answer.status >= requests.codes.server_error:
                raise refused(self.url, answer.status, {"message": _kind(answer)}) from error
            raise unreadable(self.url, f"{answer.status}, {_kind(answer)}") from error
        if answer.ok:
            return told
        raise refused(self.url, answer.status, told if isinstance(told, dict) else {})

    def _not_reached(self, error: requests.RequestException, *, writes: bool) -> NotReached:
        return unreachable(self.url, error, seconds=self._access.seconds, writes=writes)


def _auth(access: Access) -> AuthBase:
    if access.login is not None:
        return HTTPBasicAuth(*(part.encode() for part in access.login))
    return _Bearer(access.token or "")


def _kind(answer: Answer) -> str:
    return "a page (HTML)" if "html" in answer.content_type.lower() else "no JSON"
