"""Answers one API call, without HTTP: who asks, may they, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import RateLimited, SlackError
from sandbox.webapi.arguments import Arguments
from sandbox.webapi.methods import METHODS, Method
from sandbox.webapi.reach import require_scope
from sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reply:
    """`body`: what becomes JSON, or text as it is (then `content_type` says which)."""

    body: dict[str, Any] | str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def answer(method: str, given: Mapping[str, Any], token: str, slack: Workspace) -> Reply:
    headers = {"X-OAuth-Scopes": ",".join(slack.settings.scopes)}
    try:
        known = _known(method)
        _authorize(known, token, slack)
        slack.token = token
        return Reply({"ok": True, **known.handler(Arguments(given), slack)}, headers=headers)
    except RateLimited as error:
        return rate_limited(error.retry_after)
    except SlackError as error:
        return Reply(error.answer(), headers=headers)


def _known(method: str) -> Method:
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    return METHODS[method]


def rate_limited(retry_after: int) -> Reply:
    """Source: https://docs.slack.dev/apis/web-api/rate-limits"""
    return Reply(RateLimited(retry_after).answer(), 429, {"Retry-After": str(retry_after)})


def _authorize(method: Method, token: str, slack: Workspace) -> None:
    if method.caller == "anyone":
        return
    if not token:
        raise SlackError("not_authed")
    if not slack.token_works or not _is_right(method, token, slack):
        raise SlackError("invalid_auth")
    require_scope(slack, *method.scopes)


def _is_right(method: Method, token: str, slack: Workspace) -> bool:
    if method.caller == "app":
        wanted, looks_right = slack.settings.app_token, token.startswith("xapp-")
    else:
        wanted, looks_right = slack.settings.bot_token, token.startswith(("xoxb-", "xoxp-"))
        if token in slack.teams:
            return True
    return looks_right if wanted is None else token == wanted
