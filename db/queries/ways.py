"""The ways to Slack and until when each is busy: rows of ``leases``, so that all processes keep one pace.

A way is a lease named ``pace:…``; what Slack has closed for a while has a second one, ``pace:closed:…``. The holder of
a channel's way is what is known of that channel: its id, and where Slack refuses it, why: ``!is_archived@C0123``.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, Update, bindparam

from db.gate import Gate, prepared, prepared_update
from db.queries import lease_rows
from db.tables import leases
from db.types import UtcDateTime
from incidents.errors import Conflict
from incidents.outbox import Priority
from incidents.rules.pace import Pace

UPDATES = "update"
READS = "read"
TRIALS = "trial"
AWAY = "pace:away"
"""Not a way: while its holder says why, Slack has answered nobody since it ``expires_at``."""
_POSTS = "post:"
_PACE = "pace:"
_CLOSED = "pace:closed:"
_REFUSED = "!"
_AT = "@"
_WANTED = timedelta(days=1)
NO_CHANNEL = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
"""Of Slack's errors, those that come of the channel itself."""


def posts_to(channel: str) -> str:
    return f"{_POSTS}{channel}"


class Ways:
    """To be looked at once in a transaction; each is taken by compare-and-set on its fence."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._fences: dict[str, int] = {}
        self._until: dict[str, datetime] = {}
        self._holders: dict[str, str] = {}
        self._gone: set[str] = set()

    async def look(self) -> None:
        """Read how they are now."""
        for row in await self._gate.prepared_rows(_ways()):
            name = row["name"]
            self._fences[name], self._until[name], self._holders[name] = row["fence"], row["expires_at"], row["holder"]

    @property
    def away_since(self) -> datetime | None:
        """Since when every call has failed; None: the last one did not."""
        return self._until[AWAY] if self._holders.get(AWAY) else None

    def channel(self, channel: str) -> str:
        """The name under which the way to this channel is known: an id may stand for one that was told by name."""
        known = (
            name for name, holder in self._holders.items() if holder == channel and name.startswith(_PACE + _POSTS)
        )
        return next(known, _PACE + posts_to(channel)).removeprefix(_PACE + _POSTS)

    def names(self, channel: str) -> list[str]:
        """All that is said for the channel of this name: the name itself and its id."""
        return [channel, *([known] if (known := self.id_of(channel)) else [])]

    def id_of(self, channel: str) -> str | None:
        """The id that Slack told for a channel of this name; None: none yet."""
        return _id(self._holders.get(_PACE + posts_to(channel), "")) or None

    def refusals(self) -> dict[str, str]:
        """By channel that can't be used: Slack's error. One that nothing was sent to for a day is no longer wanted."""
        lately = self._gate.now - _WANTED
        return {
            name.removeprefix(_PACE + _POSTS): _code(holder)
            for name, holder in self._holders.items()
            if holder.startswith(_REFUSED) and self._until[name] > lately
        }

    def closed(self, way: str) -> timedelta:
        """For how long Slack has closed it; zero: it has not."""
        return max(self._until.get(_CLOSED + way, self._gate.now) - self._gate.now, timedelta(0))

    def allows(self, way: str, pace: Pace, priority: Priority) -> bool:
        if self.closed(way):
            return False
        return pace.allows(self._until.get(_PACE + way), now=self._gate.now, priority=priority)

    def opens(self, way: str, pace: Pace, priority: Priority) -> timedelta:
        """After how long it may be gone by a message of this priority."""
        busy = self._until.get(_PACE + way, self._gate.now) - self._gate.now
        paced = busy - pace.burst.get(priority, timedelta(0))
        return max(paced, self.closed(way), timedelta(0))

    def busy_channels(self, pace: Pace) -> list[str]:
        """Those that no post may go to now."""
        ways = {name.removeprefix(_CLOSED).removeprefix(_PACE) for name in self._until}
        posts = [way for way in ways if way.startswith(_POSTS)]
        return [way.removeprefix(_POSTS) for way in posts if not self.allows(way, pace, Priority.UPDATE)]

    async def take(self, way: str, pace: Pace) -> None:
        """One call goes this way now. Raises Conflict where another process was faster."""
        self.go(way, pace)
        await self.keep()

    def go(self, way: str, pace: Pace) -> None:
        """One call goes this way now, once that is kept."""
        name = _PACE + way
        self._until[name] = pace.after_one(self._until.get(name), now=self._gate.now)
        self._gone.add(name)

    async def keep(self) -> None:
        """Take all that calls go, in the order of their names. Raises Conflict where another process was faster."""
        gone, self._gone = sorted(self._gone), set()
        for name in gone:
            if name not in self._fences:
                await self._create(name)
        await self._gate.together(*map(self._keep, gone))

    async def _keep(self, name: str) -> None:
        told = {"this": name, "known": self._fences[name], "until": self._until[name]}
        if (await self._gate.prepared_change(_taken(), **told)).matched != 1:
            raise Conflict(f"{name} was taken by another process")
        self._fences[name] += 1

    def fork(self) -> "Ways":
        """What goes these ways is seen there alone: to find out what might."""
        fork = Ways(self._gate)
        fork._fences, fork._until, fork._holders = self._fences, dict(self._until), self._holders
        return fork

    async def close(self, way: str, until: datetime) -> None:
        """Nothing goes this way before then, whatever its burst."""
        name = _CLOSED + way
        await self._create(name)
        statement = self._row(name).where(leases.c.expires_at < until)
        await self._gate.execute(statement.values(expires_at=until, fence=leases.c.fence + 1))

    async def works(self, channel: str, channel_id: str) -> bool:
        """A message was taken in this channel. True: that is news."""
        told = {"this": _PACE + posts_to(channel), "told": channel_id}
        return (await self._gate.prepared_change(_known(), **told)).matched == 1

    async def refused(self, channel: str, code: str) -> bool:
        """No message is taken in this channel. True: that is news."""
        name = _PACE + posts_to(channel)
        await self._create(name)
        told = f"{_REFUSED}{code[:40]}{_AT}{self.id_of(channel) or ''}"
        return await self._gate.changed(self._row(name).where(leases.c.holder != told).values(holder=told)) == 1

    async def seen(self, channel: str, channel_id: str) -> bool:
        """Slack has this channel. True: it was said that there is none, which is over.

        Whether messages are taken there is for messages to find out.
        """
        holder = self._holders.get(_PACE + posts_to(channel), "")
        if holder.startswith(_REFUSED) and _code(holder) not in NO_CHANNEL:
            return False
        await self._create(_PACE + posts_to(channel))
        return await self.works(channel, channel_id) and holder.startswith(_REFUSED)

    async def missed(self, channel: str, code: str) -> bool:
        """There is no such channel for us: it is said for as long as somebody looks. True: that is news."""
        is_news = await self.refused(channel, code)
        row = self._row(_PACE + posts_to(channel)).where(leases.c.expires_at < self._gate.now)
        await self._gate.execute(row.values(expires_at=self._gate.now))
        return is_news

    def _row(self, name: str) -> Update:
        return self._gate.update(leases).where(leases.c.name == name)

    async def _create(self, name: str) -> None:
        await lease_rows.create(self._gate, name)
        self._fences.setdefault(name, 0)


@cache
def _ways() -> Select[Any]:
    columns = (leases.c.name, leases.c.fence, leases.c.expires_at, leases.c.holder)
    return prepared(leases, *columns).where(leases.c.name.like(f"{_PACE}%"))


@cache
def _taken() -> Update:
    this = prepared_update(leases).where(leases.c.name == bindparam("this"), leases.c.fence == bindparam("known"))
    return this.values(expires_at=bindparam("until", type_=UtcDateTime()), fence=leases.c.fence + 1)


@cache
def _known() -> Update:
    told: BindParameter[str] = bindparam("told")
    return (
        prepared_update(leases).where(leases.c.name == bindparam("this"), leases.c.holder != told).values(holder=told)
    )


def _code(holder: str) -> str:
    return holder.removeprefix(_REFUSED).partition(_AT)[0]


def _id(holder: str) -> str:
    return holder.partition(_AT)[2] if holder.startswith(_REFUSED) else holder
