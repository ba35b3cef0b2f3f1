"""Slack user groups that follow schedules: exactly whoever is on call is in them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import code_of
from bot.client import SLACK_ERRORS
from bot.publisher.verdict import Verdict, judge
from incidents.errors import BongsuError
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.now import standings
from incidents.schedules.trouble import TroubleKind
from incidents.schedules.troubles import tell_troubles

logger = logging.getLogger(__name__)

_REST = timedelta(seconds=18)
NO_SUCH_GROUP = "no_such_subteam"
_LACKING = frozenset({"missing_scope", "no_permission"})
"""Of the errors that shut us out of all, those that may concern groups alone."""

Wanted = Mapping[str, tuple[Sequence[str], Sequence[str]]]
"""By group: who belongs in it, and the schedules that say so."""


class GroupKeeper:
    """Any number of processes may have one: they take turns. ``outdated``: what is known of groups has changed.

    ``changed`` is called where who runs Bongsu has something to hear.
    """

    def __init__(
        self,
        transactions: Transactions,
        client: AsyncWebClient,
        policies: Policies,
        *,
        outdated: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._transactions = transactions
        self._client = client
        self._policies = policies
        self._outdated = outdated
        self._changed = changed
        self._is_over = False

    async def tick(self) -> None:
        """Compare and correct. Where Slack or the database does not answer, a later one makes up for it."""
        policy = self._policies.current
        follow = any(one.user_group is not None for one in policy.schedules.values())
        if not follow and self._is_over:
            return
        try:
            wanted = await self._transactions.write(lambda uow: _wanted(policy, uow))
            if wanted is None:
                return
            found = await self._keep(wanted)
            if await self._transactions.write(lambda uow: tell_troubles(TroubleKind.GROUP, found, uow, policy)):
                self._changed()
            self._is_over = not follow
        except SLACK_ERRORS as error:
            logger.warning("user groups wait for slack", extra={"action": "groups_wait", "error": str(error)})
        except BongsuError as error:
            logger.warning("user groups wait", extra={"action": "groups_wait", "error": str(error)})

    async def _keep(self, wanted: Wanted) -> dict[tuple[str, str], str]:
        """What is wrong, by schedule. Raises what the SDK does where Slack can't say anything now."""
        try:
            groups = await self._groups() if wanted else {}
        except SlackApiError as error:
            if _is_passing(error):
                raise
            return {(name, ""): code_of(error) for _, names in wanted.values() for name in names}
        troubles: dict[tuple[str, str], str] = {}
        for group, (people, schedules) in wanted.items():
            code = await self._correct(groups.get(group), people)
            troubles |= {(name, ""): code for name in schedules if code}
        return troubles

    async def _groups(self) -> dict[str, Mapping[str, Any]]:
        """By id, and by ``@handle`` in lower case. Source: https://docs.slack.dev/reference/methods/usergroups.list"""
        told = await self._client.usergroups_list(include_users=True)
        found: Sequence[Mapping[str, Any]] = told["usergroups"]
        return {name: one for one in found for name in (str(one["id"]), f"@{one['handle']}".lower())}

    async def _correct(self, group: Mapping[str, Any] | None, people: Sequence[str]) -> str:
        """Slack's error, "" where all is well. Slack has no empty groups: where nobody is on call it stays as it is.

        Source: https://docs.slack.dev/reference/methods/usergroups.users.update
        """
        if group is None:
            return NO_SUCH_GROUP
        if not people or set(group.get("users") or ()) == set(people):
            return ""
        try:
            await self._client.usergroups_users_update(usergroup=str(group["id"]), users=list(people))
        except SlackApiError as error:
            if _is_passing(error):
                raise
            return code_of(error)
        self._outdated()
        logger.info("a user group follows", extra={"action": "group_kept", "group": group["handle"], "people": people})
        return ""


def _is_passing(error: SlackApiError) -> bool:
    """Whether it says nothing of the group: it is tried again."""
    verdict = judge(error).verdict
    is_shut_out = verdict is Verdict.LOCKED_OUT and code_of(error) not in _LACKING
    return is_shut_out or verdict in {Verdict.SLOW_DOWN, Verdict.NOT_SENT, Verdict.UNKNOWN}


async def _wanted(policy: Policy, uow: UnitOfWork) -> Wanted | None:
    """None: somebody else has the turn. One group may follow several schedules: all of their people are in it."""
    if not await uow.turns.take("user groups", rest=_REST):
        return None
    those = {name: one for name, one in policy.schedules.items() if one.user_group is not None}
    people: dict[str, dict[str, None]] = {}
    names: dict[str, list[str]] = {}
    for standing in await standings(those, uow):
        group = those[standing.schedule].user_group or ""
        names.setdefault(group, []).append(standing.schedule)
        people.setdefault(group, {}).update({standing.person: None} if standing.person else {})
    return {group: (list(people[group]), names[group]) for group in names}
