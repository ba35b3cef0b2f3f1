"""What ``bongsu doctor`` asks Slack: does the token work, may we do what we need, does the channel exist?"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import find_channel
from bot.client import SLACK_ERRORS

NEEDED_SCOPES = {
    "chat:write": "posts and updates cards",
    "chat:write.public": "posts to public channels that it was not invited to",
    "commands": "answers /incident",
    "channels:history": "finds a message again whose reply was lost, instead of posting it twice",
    "groups:history": "does the same in private channels",
    "channels:read": "finds a channel by its name",
    "users:read": "knows people's language and time zone, and whether they are still there",
    "usergroups:read": "knows who is in the user groups that have roles",
}
"""Each bot scope with what it is for. https://docs.slack.dev/reference/scopes"""

_REINSTALL = "add it under OAuth & Permissions of the Slack app, then install the app to the workspace again"


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """``how`` says how to mend it; empty where nothing is wrong."""

    level: Level
    what: str
    how: str = ""


async def check_slack(client: AsyncWebClient, *, channel: str, admin_channel: str | None = None) -> list[Finding]:
    """Channels are names or ids; ``channel`` is the default one. Never raises for what Slack answers or doesn't."""
    try:
        told = await client.auth_test()
    except SLACK_ERRORS as error:
        return [_no_identity(error)]
    findings = [Finding(Level.OK, f"Slack knows us as {told.get('user')} in {told.get('team')}")]
    findings += [*_scopes(told.headers), await _channel(client, channel, "slack.default_channel")]
    if admin_channel not in {None, channel}:
        findings.append(await _channel(client, str(admin_channel), "slack.admin_channel"))
    return findings


def _no_identity(error: Exception) -> Finding:
    if isinstance(error, SlackApiError):
        what = f"Slack refuses the bot token: {_code(error)}"
        return Finding(Level.ERROR, what, "put the app's Bot User OAuth Token (xoxb-…) into SLACK_BOT_TOKEN")
    what = f"Slack can't be reached: {str(error) or type(error).__name__}"
    return Finding(Level.ERROR, what, "see that this machine reaches https://slack.com, or set HTTPS_PROXY")


def _scopes(headers: Any) -> list[Finding]:
    """Slack names a token's scopes in a header of each answer."""
    lowered = {str(name).lower(): str(value) for name, value in headers.items()}
    if "x-oauth-scopes" not in lowered:
        return [
            Finding(Level.WARNING, "Slack did not say which scopes the token has", "compare them with the manifest")
        ]
    granted = {scope.strip() for scope in lowered["x-oauth-scopes"].split(",")}
    missing = [scope for scope in NEEDED_SCOPES if scope not in granted]
    if not missing:
        return [Finding(Level.OK, "the token has every scope that is needed")]
    return [
        Finding(Level.ERROR, f"scope {one} is missing: by it Bongsu {NEEDED_SCOPES[one]}", _REINSTALL)
        for one in missing
    ]


async def _channel(client: AsyncWebClient, channel: str, setting: str) -> Finding:
    """Reading one message tells whether it exists and lets us in; that takes an id. ``setting`` is where it stands."""
    try:
        found = await find_channel(client, channel)
    except SlackApiError as error:
        return _channel_refused(channel, _code(error), setting)
    except SLACK_ERRORS as error:
        return Finding(Level.WARNING, f"channel {channel} could not be looked up: {error}", "run doctor again")
    if found is None:
        what = f"there is no public channel {channel}"
        how = f"create it, correct {setting} in bongsu.yaml, or write a private channel's id there"
        return Finding(Level.ERROR, what, how)
    return await _readable(client, channel, found, setting)


async def _readable(client: AsyncWebClient, channel: str, channel_id: str, setting: str) -> Finding:
    try:
        await client.conversations_history(channel=channel_id, limit=1)
    except SlackApiError as error:
        return _channel_refused(channel, _code(error), setting)
    except SLACK_ERRORS as error:
        return Finding(Level.WARNING, f"channel {channel} could not be looked at: {error}", "run doctor again")
    return Finding(Level.OK, f"channel {channel} exists and can be read")


def _channel_refused(channel: str, code: str, setting: str) -> Finding:
    match code:
        case "not_in_channel":
            what = f"Bongsu is no member of channel {channel}: it can post, but not find a message again"
            return Finding(Level.WARNING, what, "write /invite @Bongsu in that channel")
        case "channel_not_found":
            what = f"channel {channel} does not exist, or is private and Bongsu is no member"
            return Finding(Level.ERROR, what, f"correct {setting} in bongsu.yaml, or invite @Bongsu there")
        case "missing_scope":
            return Finding(Level.ERROR, f"channel {channel} can't be read: a scope is missing", _REINSTALL)
        case _:
            return Finding(Level.WARNING, f"channel {channel} could not be looked at: {code}", "run doctor again")


async def check_groups(client: AsyncWebClient, groups: Collection[str]) -> list[Finding]:
    """Whether Slack has each of these user groups, by ``@handle`` or id: one that it has not gives nobody a role."""
    if not groups:
        return []
    try:
        told = await client.usergroups_list()
    except SLACK_ERRORS as error:
        code = _code(error) if isinstance(error, SlackApiError) else str(error) or type(error).__name__
        how = "see that the app has the scope usergroups:read, then run doctor again"
        return [Finding(Level.WARNING, f"user groups could not be looked up: {code}", how)]
    found = {name for group in told["usergroups"] for name in (str(group["id"]), f"@{group['handle']}")}
    missing = [group for group in groups if group not in found]
    if not missing:
        return [Finding(Level.OK, "Slack has every user group that has a role")]
    how = "correct roles in bongsu.yaml, or make the group in Slack: until then it gives nobody a role"
    return [Finding(Level.WARNING, f"Slack has no user group {group}, or it is turned off", how) for group in missing]


def _code(error: SlackApiError) -> str:
    """Slack's own code; where Slack answered with no JSON, the first line of what the SDK says."""
    told = getattr(error.response, "data", error.response)
    return str(told.get("error")) if isinstance(told, dict) else str(error).splitlines()[0]
