"""Looking after the channels that ``bongsu.yaml`` names: joined where that can be, spoken of where it can't."""

import logging
import time
from collections.abc import Callable, Sequence

from bot.channels import Channels, Seen
from bot.client import SLACK_ERRORS
from bot.groups import Groups
from bot.publisher.notices import tell_of_channel
from incidents.errors import BongsuError
from incidents.policy import Policies, Policy
from incidents.ports import Transactions, UnitOfWork
from incidents.schedules.people import as_detail, named_groups
from incidents.schedules.trouble import TroubleKind
from incidents.schedules.troubles import tell_troubles

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 3600.0
_SOON_SECONDS = 300.0
"""Where something is wrong with one of them: somebody may be mending it."""
_RETRY_SECONDS = 30.0
"""Where Slack or the database did not answer."""


class ChannelWatch:
    """Any number of processes may have one: each knows the ids, and what one has done the others find done.

    ``clock`` is monotonic, in seconds. ``changed`` wakes the publisher.
    """

    def __init__(
        self,
        transactions: Transactions,
        channels: Channels,
        groups: Groups,
        policies: Policies,
        *,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._channels = channels
        self._groups = groups
        self._policies = policies
        self._changed = changed
        self._clock = clock
        self._next = clock()
        self._looked_for: Policy | None = None
        self._said: set[str] = set()

    async def tick(self) -> None:
        """Look, if it is time: at the start, when other channels are configured, and now and then."""
        policy = self._policies.current
        if policy is self._looked_for and self._clock() < self._next:
            return
        self._looked_for, self._next = policy, self._clock() + _RETRY_SECONDS
        try:
            is_well = await self._look(policy)
        except SLACK_ERRORS as error:
            logger.warning("slack does not tell of channels", extra={"action": "channels_wait", "error": str(error)})
        except BongsuError as error:
            logger.warning("channels are not looked at", extra={"action": "channels_wait", "error": str(error)})
        else:
            self._next = self._clock() + (_AGAIN_SECONDS if is_well else _SOON_SECONDS)

    async def _look(self, policy: Policy) -> bool:
        """Whether all is well. Raises what the SDK does, and Unavailable."""
        known = await self._transactions.read(lambda uow: _known_ids(policy.channels, uow))
        seen = await self._channels.look(policy.channels, known=known, join=True)
        await self._transactions.write(lambda uow: note(seen, policy, uow))
        self._changed()
        unknown = await self._groups.unknown(policy.mentions)
        if self._groups.is_told and await self._transactions.write(lambda uow: note_groups(unknown, policy, uow)):
            self._changed()
        self._say([*filter(None, map(in_words, seen)), *map(_unknown_handle, unknown)])
        return not unknown and all(one.code is None and one.join_error is None for one in seen)

    def _say(self, told: Sequence[str]) -> None:
        """Each once, as long as it stays so."""
        for one in told:
            if one not in self._said:
                logger.warning("%s", one, extra={"action": "channel_unready"})
        self._said = set(told)


async def note(seen: Sequence[Seen], policy: Policy, uow: UnitOfWork) -> None:
    """What was seen is known to all processes, and who runs Bongsu is told what is wrong."""
    for one in seen:
        if one.code is not None:
            is_news = await uow.publishing.missed_channel(one.channel, code=one.code)
            if is_news:
                await tell_of_channel(one.channel, uow, admins=policy.channel_for_admins, is_news=True)
        elif one.is_member and one.id is not None:
            await uow.publishing.saw_channel(one.channel, channel_id=one.id)


async def note_groups(unknown: Sequence[str], policy: Policy, uow: UnitOfWork) -> bool:
    """Who runs Bongsu is told which pages call nobody, and when that is mended. Whether there is news."""
    named = named_groups(policy)
    return await tell_troubles(TroubleKind.NO_GROUP, {("", one): as_detail(named[one]) for one in unknown}, uow, policy)


async def _known_ids(channels: Sequence[str], uow: UnitOfWork) -> dict[str, str]:
    known = {channel: await uow.publishing.known_channel_id(channel) for channel in channels if channel[:1] == "#"}
    return {channel: channel_id for channel, channel_id in known.items() if channel_id}


def in_words(seen: Seen) -> str | None:
    """What is wrong with it and what to do; None: nothing is."""
    channel = seen.channel
    if seen.code == "is_archived":
        return f"{channel} is archived: unarchive it, or correct bongsu.yaml"
    if seen.code is not None:
        return (
            f"{channel} does not exist, or is private and Bongsu is no member: write `/invite @Bongsu` in {channel}, "
            "create it, or correct bongsu.yaml"
        )
    if seen.is_hidden:
        return (
            f"{channel} is not public, and without the scope groups:read Bongsu can't see whether it is a member: add "
            "the scope and install the app again"
        )
    if seen.join_error == "missing_scope":
        return (
            f"Bongsu is no member of {channel}: write `/invite @Bongsu` there, or add the scope channels:join and "
            "install the app again"
        )
    if seen.join_error is not None:
        return f"Bongsu can't join {channel} ({seen.join_error}): write `/invite @Bongsu` there"
    if seen.is_renamed:
        return f"{channel} is called #{seen.name} now, and is used by its id: write the new name into bongsu.yaml"
    return None


def _unknown_handle(handle: str) -> str:
    return f"no user group has the handle {handle}: it mentions nobody. Correct bongsu.yaml, or create the group"
