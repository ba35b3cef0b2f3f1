"""The arguments of an API call, which come as JSON, form or query."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.errors import SlackError


class Arguments:
    """Forms and queries carry only strings: the readers here take both those and JSON's own types."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given

    def has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None or isinstance(value, dict | list | bool) else str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"[ERROR] missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.given.get(name)
        return default if value in (None, "") else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            raise invalid_arguments(f"[ERROR] {name} must be an integer") from None

    def words(self, name: str, default: str = "") -> list[str]:
        """A list, or words between commas."""
        value = self.given.get(name)
        if isinstance(value, list):
            return [str(word) for word in value]
        return [word.strip() for word in (str(value) if value else default).split(",") if word.strip()]

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.given.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid_arguments(f"[ERROR] {name} must be JSON") from None
        if not isinstance(value, dict):
            raise invalid_arguments(f"[ERROR] missing required field: {name}")
        return value


def invalid_arguments(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": list(messages)})


async def read_arguments(request: web.Request) -> tuple[dict[str, Any], str]:
    """(arguments, token). As Slack does, a token inside a JSON body does not count.

    Source: https://docs.slack.dev/apis/web-api#basics
    """
    given: dict[str, Any] = dict(request.query)
    token = str(given.pop("token", ""))
    if request.content_type == "application/json":
        given |= await _json_body(request)
        given.pop("token", None)
    else:
        given |= dict(await request.post())
        token = str(given.pop("token", token))
    bearer = request.headers.get("Authorization", "")
    return given, bearer.removeprefix("Bearer ").strip() if bearer.startswith("Bearer ") else token


async def _json_body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
