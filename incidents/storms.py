"""Storms: many new incidents of one channel, shown in one roll-up instead of cards. ``db`` implements the port."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from incidents.birth import birth_mark
from incidents.browse import Listed
from incidents.errors import BongsuError
from incidents.model import Incident, Severity, Status


class StormNotFound(BongsuError):
    """No storm has that id."""

    def __init__(self, storm_id: int) -> None:
        super().__init__(f"there is no storm {storm_id}")
        self.storm_id = storm_id


@dataclass(frozen=True, slots=True)
class Rush:
    """How many new incidents came to a channel within ``RATE_OVER``, and when the first and the last of them did.

    ``storm_id`` is the storm that is under way there, None: none is.
    """

    channel: str
    count: int
    first: datetime
    last: datetime
    storm_id: int | None = None


RATE_OVER = timedelta(minutes=1)
"""A rate is so many new incidents in this time."""


@dataclass(frozen=True, slots=True)
class Storm:
    """One storm of one channel. ``hot_at``: when the rate was last above the limit.

    ``rollup_id`` is the outbox row whose message is the roll-up. ``ended_at`` None: it is under way. ``settled_at``
    None: it must be looked at again without anybody asking. ``coming`` is how many cards were on their way when it was
    looked at last, at ``looked_at``. ``looks`` tells what the roll-up was last asked to show,
    None: nothing yet. ``rev`` is its latest revision: a change that is made now is shown by the next one.
    """

    id: int
    channel: str
    rollup_id: int
    began_at: datetime
    last_new_at: datetime
    hot_at: datetime
    looked_at: datetime
    ended_at: datetime | None = None
    settled_at: datetime | None = None
    coming: int = 0
    looks: str | None = None
    rev: int = 1

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def birth(self) -> str:
        """By which it is told from another one with its id, in a database that was restored."""
        return birth_mark(self.began_at, self.channel)


def subject_of(storm_id: int) -> str:
    """``storm:7``: the roll-up's name in the outbox."""
    return f"storm:{storm_id}"


def storm_named(subject: str) -> int:
    """The id of the storm whose roll-up has this ``subject``. Raises ValueError for any other text."""
    return int(subject.removeprefix("storm:"))


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look finds: channels above the rate in which a storm is under way or can begin; and storms to tend."""

    rushes: Sequence[Rush]
    storm_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Member:
    """An incident that is shown in a roll-up in place of a card.

    ``since_rev`` is the first revision that shows it as it is, apart from what a click need not mind: in this
    ``episode`` and of this ``severity``.
    """

    incident_id: int
    incident_key: str
    since_rev: int
    episode: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class StormView:
    """What the roll-up shows, read in one snapshot. ``rev`` is a revision of which it shows at least everything.

    ``services`` are the largest, with how many incidents each; ``more_services`` are not named. ``here`` counts, by
    status, those that have no card; ``coming`` are cards on their way; ``digested`` are shown by the digest of an
    outage; all others of ``total`` have theirs. ``worst`` are open ones that have no card, gravest first, then longest.
    """

    storm: Storm
    rev: int
    total: int
    services: Sequence[tuple[str, int]]
    more_services: int
    here: Mapping[Status, int]
    coming: int
    worst: Sequence[Incident]
    digested: int = 0

    @property
    def carded(self) -> int:
        return self.total - sum(self.here.values()) - self.coming - self.digested

    @property
    def looks(self) -> str:
        """The same for what looks the same: many changes of alerts change nothing that a roll-up shows."""
        storm = self.storm
        worst = [(i.id, i.status, i.severity, i.kind, i.title, i.owner, i.start_time) for i in self.worst]
        here = sorted(self.here.items())
        told = (
            storm.last_new_at - storm.began_at,
            storm.is_over,
            self.total,
            self.services,
            self.more_services,
            here,
            self.coming,
            self.digested,
        )
        return hashlib.sha256(repr((told, worst)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class StormPage:
    """Some of a storm's incidents, open ones first, the gravest of these first. ``total``: of all pages."""

    total: int
    listed: Sequence[Listed]


@dataclass(frozen=True, slots=True)
class Above:
    """Above how many new incidents a minute a storm begins, None: never. ``channels`` have their own."""

    everywhere: int | None
    channels: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def least(self) -> int | None:
        return min((one for one in (self.everywhere, *self.channels.values()) if one is not None), default=None)

    def allows(self, channel: str, count: int) -> bool:
        """Whether so many begin a storm there."""
        above = self.channels.get(channel, self.everywhere)
        return above is not None and count > above


class Storms(Protocol):
    """All of it belongs to the unit of work's tenant and transaction."""

    async def watch(self, *, above: Above, rest: timedelta) -> Sight:
        """Cheap, takes no lock. Storms looked at within ``rest`` are left alone."""

    async def begin(self, channel: str, *, first: datetime, last: datetime) -> tuple[Storm, bool]:
        """The storm under way in this channel, locked, with its roll-up asked for; and whether it began here."""

    async def under_way(self, channel: str) -> Storm | None:
        """The storm under way in this channel, locked."""

    async def lock(self, storm_id: int, *, rest: timedelta) -> Storm | None:
        """None where another process has it, or has looked at it within ``rest``."""

    async def take_in(self, storm: Storm) -> tuple[int, datetime | None]:
        """Count the channel's new incidents to this storm: how many, and when the last of them came (None: none)."""

    async def park(self, storm: Storm) -> int:
        """Show in the roll-up whose cards nobody has begun to post and need not be posted at once; how many."""

    async def absorb(self, storm: Storm) -> int:
        """What changed about parked incidents by itself is shown by the roll-up; how many had changed."""

    async def release_touched(self, storm: Storm) -> int:
        """Cards for those that somebody has touched or is asked about; how many."""

    async def release_grave(self, storm: Storm) -> int:
        """Cards for those that are critical by now; how many."""

    async def remember(self, storm: Storm) -> int:
        """Those that opened anew or became graver since they were shown are as if they came now; how many."""

    async def opened(self, storm: Storm) -> Sequence[int]:
        """The parked cards of open incidents, worst first, then longest."""

    async def release(self, cards: Sequence[int]) -> None:
        """These parked cards are to be posted, in this order."""

    async def hand_over(self, cards: Sequence[int], *, to: Storm) -> None:
        """Show these in the roll-up of another storm, to which they count from now on."""

    async def coming(self, storm: Storm) -> int:
        """How many cards of its incidents are on their way."""

    async def save(self, storm: Storm) -> None:
        """Write down what is known of it now."""

    async def show(self, storm_id: int, *, urgent: bool = False) -> None:
        """The roll-up must be shown anew: at its pace, or at once where somebody waits for it."""

    async def get(self, storm_id: int) -> Storm:
        """Takes no lock. Raises StormNotFound."""

    async def view(self, storm_id: int, *, worst: int, services: int) -> StormView:
        """Raises StormNotFound."""

    async def page(self, storm_id: int, *, offset: int, limit: int) -> StormPage:
        """Raises StormNotFound."""

    async def members(self, storm_id: int) -> Sequence[Member]:
        """Those that its roll-up shows in place of a card, by incident key. Empty where there is no such storm."""

    async def count_under_way(self) -> int: ...
