"""What ``bongsu doctor`` asks Slack: does the token work, may we do what we need, does the channel exist?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import Channels, Seen, code_of
from bot.client import SLACK_ERRORS
from bot.groups import Groups

NEEDED_SCOPES = {
    "chat:write": "posts and updates cards",
    "chat:write.public": "posts to public channels that it was not invited to",
    "commands": "answers /incident",
    "channels:history": "finds a message again whose reply was lost, instead of posting it twice",
    "groups:history": "does the same in private channels",
    "channels:read": "finds a channel by its name",
    "users:read": "knows people's language and time zone, and whether they are still there",
    "usergroups:read": "knows who is in the user groups that have roles",
    "reactions:read": "puts a message on the timeline that somebody marks with 📌",
}
"""Each bot scope with what it is for. https://docs.slack.dev/reference/scopes"""

USEFUL_SCOPES = {
    "channels:join": "joins the public channels of bongsu.yaml by itself",
    "groups:read": "sees which private channels it was invited to",
    "files:write": "puts a picture below each digest",
    "usergroups:read": "mentions groups that bongsu.yaml names by their handles",
    "usergroups:write": "keeps the user groups in step that schedules of bongsu.yaml name",
}
"""Without them all works but this."""

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


async def check_slack(
    client: AsyncWebClient,
    *,
    channel: str,
    admin_channel: str | None = None,
    routed: Sequence[str] = (),
    mentioned: Sequence[str] = (),
) -> list[Finding]:
    """Channels are names or ids; ``channel`` is the default one, ``routed`` those of routes.

    ``mentioned`` is whom routes mention. Never raises for what Slack answers or doesn't.
    """
    try:
        told = await client.auth_test()
    except SLACK_ERRORS as error:
        return [_no_identity(error)]
    settings = dict.fromkeys(routed, "routes") | ({admin_channel: "slack.admin_channel"} if admin_channel else {})
    channels = {channel: "slack.default_channel", **{one: where for one, where in settings.items() if one != channel}}
    return [
        Finding(Level.OK, f"Slack knows us as {told.get('user')} in {told.get('team')}"),
        *_scopes(told.headers),
        *await _handles(client, mentioned),
        *await _channels(client, channels),
    ]


def _no_identity(error: Exception) -> Finding:
    if isinstance(error, SlackApiError):
        what = f"Slack refuses the bot token: {code_of(error)}"
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
    wanted = [
        Finding(Level.WARNING, f"scope {one} is missing: with it Bongsu {USEFUL_SCOPES[one]}", _REINSTALL)
        for one in USEFUL_SCOPES
        if one not in granted
    ]
    if not missing and not wanted:
        return [Finding(Level.OK, "the token has every scope that is needed")]
    return [
        *(
            Finding(Level.ERROR, f"scope {one} is missing: by it Bongsu {NEEDED_SCOPES[one]}", _REINSTALL)
            for one in missing
        ),
        *wanted,
    ]


async def _handles(client: AsyncWebClient, mentioned: Sequence[str]) -> list[Finding]:
    how = "create the group in Slack, or correct bongsu.yaml; reading groups takes the scope usergroups:read"
    return [
        Finding(Level.WARNING, f"no user group has the handle {one}: it mentions nobody", how)
        for one in await Groups(client).unknown(mentioned)
    ]


async def _channels(client: AsyncWebClient, settings: Mapping[str, str]) -> list[Finding]:
    """``settings``: by channel, where in ``bongsu.yaml`` it stands."""
    try:
        found = await Channels(client).look(settings, known={}, join=False)
    except SlackApiError as error:
        return [_channel_refused(one, code_of(error), setting) for one, setting in settings.items()]
    except SLACK_ERRORS as error:
        return [Finding(Level.WARNING, f"channels could not be looked up: {error}", "run doctor again")]
    return [await _channel(client, seen, settings[seen.channel]) for seen in found]


async def _channel(client: AsyncWebClient, seen: Seen, setting: str) -> Finding:
    """Reading one message tells whether it lets us in; that takes an id. ``setting`` is where it stands."""
    channel = seen.channel
    if seen.is_hidden:
        what = f"channel {channel} is not public, and Bongsu can't see whether it is a member"
        return Finding(Level.WARNING, what, f"the scope groups:read is missing: {_REINSTALL}")
    if seen.code == "is_archived":
        return Finding(Level.ERROR, f"channel {channel} is archived", f"unarchive it, or correct {setting}")
    if seen.id is None:
        what = f"there is no channel {channel}, or it is private and Bongsu is no member"
        how = f"write /invite @Bongsu in {channel}, create it, or correct {setting} in bongsu.yaml"
        return Finding(Level.ERROR, what, how)
    if seen.is_renamed:
        what = f"channel {channel} is called #{seen.name} now"
        return Finding(Level.WARNING, what, f"write the new name into {setting} in bongsu.yaml")
    return await _readable(client, channel, seen.id, setting)


async def _readable(client: AsyncWebClient, channel: str, channel_id: str, setting: str) -> Finding:
    try:
        await client.conversations_history(channel=channel_id, limit=1)
    except SlackApiError as error:
        return _channel_refused(channel, code_of(error), setting)
    except SLACK_ERRORS as error:
        return Finding(Level.WARNING, f"channel {channel} could not be looked at: {error}", "run doctor again")
    return Finding(Level.OK, f"channel {channel} exists and can be read")


def _channel_refused(channel: str, code: str, setting: str) -> Finding:
    match code:
        case "not_in_channel":
            what = f"Bongsu is no member of channel {channel}: it can post, but not find a message again"
            how = f"`bongsu serve` joins a public channel by itself; else write /invite @Bongsu in {channel}"
            return Finding(Level.WARNING, what, how)
        case "channel_not_found":
            what = f"channel {channel} does not exist, or is private and Bongsu is no member"
            return Finding(Level.ERROR, what, f"correct {setting} in bongsu.yaml, or invite @Bongsu there")
        case "missing_scope":
            return Finding(Level.ERROR, f"channel {channel} can't be read: a scope is missing", _REINSTALL)
        case _:
            return Finding(Level.WARNING, f"channel {channel} could not be looked at: {code}", "run doctor again")


async def check_groups(client: AsyncWebClient, groups: Collection[str]) -> list[Finding]:
    """Whether Slack has each of these user groups, by ``@handle`` or id: one that it has not gives nobody a role."""
    mend = "correct roles in bongsu.yaml, or make the group in Slack: until then it gives nobody a role"
    return await find_groups(client, groups, well="Slack has every user group that has a role", mend=mend)


async def find_groups(client: AsyncWebClient, groups: Collection[str], *, well: str, mend: str) -> list[Finding]:
    """``well`` is said where Slack has them all, ``mend`` of each that it has not, by ``@handle`` or id."""
    if not groups:
        return []
    try:
        told = await client.usergroups_list()
    except SLACK_ERRORS as error:
        code = code_of(error) if isinstance(error, SlackApiError) else str(error) or type(error).__name__
        how = "see that the app has the scope usergroups:read, then run doctor again"
        return [Finding(Level.WARNING, f"user groups could not be looked up: {code}", how)]
    found = {name for group in told["usergroups"] for name in (str(group["id"]), f"@{group['handle']}".lower())}
    missing = [one for one in groups if one not in found and one.lower() not in found]
    told_missing = [
        Finding(Level.WARNING, f"Slack has no user group {one}, or it is turned off", mend) for one in missing
    ]
    return told_missing or [Finding(Level.OK, well)]
