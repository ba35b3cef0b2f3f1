"""What must be known of a person before an answer: asked for briefly, since they wait."""

import asyncio
from datetime import UTC, tzinfo

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import code_of
from bot.client import SLACK_ERRORS, Identity
from bot.language import t
from bot.people import Directory, Person
from incidents.errors import InvalidInput, NotAssignable

_SECONDS = 0.8
_SLACKBOT = "USLACKBOT"
"""Slack's own, which its ``users.info`` calls no bot."""


async def zone_of(directory: Directory, user_id: str) -> tzinfo:
    """Where they are; UTC where Slack doesn't tell, or not in time."""
    person = await _person(directory, user_id)
    return (person and person.timezone) or UTC


async def refuse_unassignable(directory: Directory, identity: Identity, user_id: str | None) -> None:
    """Raises NotAssignable for who has left, and for bots, us among them. Who can't be asked about may have it."""
    if user_id is None:
        return
    if user_id in {identity.user_id, _SLACKBOT}:
        raise NotAssignable(user_id, is_bot=True)
    person = await _person(directory, user_id)
    if person is not None and (person.is_bot or person.is_gone):
        raise NotAssignable(user_id, is_bot=person.is_bot)


async def refuse_unusable_channel(client: AsyncWebClient, channel_id: str | None, *, field: str) -> None:
    """Raises InvalidInput for one in which Slack would take no message of ours. What Slack can't tell is tried later.

    Source: https://docs.slack.dev/reference/methods/conversations.info
    """
    if channel_id is None:
        return
    try:
        async with asyncio.timeout(_SECONDS):
            told = await client.conversations_info(channel=channel_id)
    except SlackApiError as error:
        if code_of(error) == "channel_not_found":
            problem = t("Bongsu is no member of that private channel: write `/invite @Bongsu` there, or choose another")
            raise InvalidInput(field, problem) from error
        return
    except (TimeoutError, *SLACK_ERRORS):
        return
    if told["channel"].get("is_archived"):
        raise InvalidInput(field, t("it is archived: choose another"))


async def _person(directory: Directory, user_id: str) -> Person | None:
    try:
        async with asyncio.timeout(_SECONDS):
            return await directory.person(user_id)
    except TimeoutError:
        return directory.known(user_id)
