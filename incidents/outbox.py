"""The ports for what Slack must show: what is asked for, and the publisher's side of it. ``db`` implements them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol

from incidents.channels import Unusable
from incidents.pages import Home, NewPage


class OutboxKind(StrEnum):
    CARD = "card"
    THREAD = "thread"
    REMINDER = "reminder"
    NOTICE = "notice"
    DIGEST = "digest"
    ROLLUP = "rollup"
    PAGE = "page"
    REPORT = "report"


class Priority(IntEnum):
    """Lower goes first."""

    ESCALATION = 0
    CRITICAL_CARD = 1
    CLICK = 2
    UPDATE = 3


@dataclass(frozen=True, slots=True)
class NewCard:
    """An incident's card is wanted in this channel: a name or an id."""

    incident_id: int
    channel: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Mention:
    """A reminder below the card in this channel: it mentions whom the event that opened the incident names."""

    incident_id: int
    event_id: int
    channel: str
    priority: Priority


class Outbox(Protocol):
    async def add_cards(self, cards: Sequence[NewCard]) -> None:
        """Ask for the cards of new incidents."""

    async def add_cards_beside(self, incident_id: int, *, of: int, priority: Priority) -> None:
        """Ask for cards of a new incident in each channel in which the other has one."""

    async def touch_cards(self, incident_ids: Iterable[int], *, priority: Priority) -> None:
        """Each card of these incidents must be shown anew, and each reminder that asked what is settled now."""

    async def add_thread(self, incident_id: int, event_id: int, *, priority: Priority) -> None:
        """Ask for a thread entry that tells this event, under each card of the incident."""

    async def add_reminder(self, incident_id: int, event_id: int, *, priority: Priority, asks: bool = True) -> None:
        """The same for an entry that mentions whom the event's data name: an incident without a card gets one.

        ``asks``: it may have a button, which goes when the question is settled.
        """

    async def touch_reminder(self, incident_id: int, event_id: int) -> None:
        """Show the entry that tells this event anew: what it asked is settled."""

    async def add_mentions(self, mentions: Sequence[Mention]) -> None:
        """Ask for them once their cards are posted. What a roll-up shows gets none: it mentions for all of them."""

    async def homes(self, incident_ids: Collection[int]) -> Mapping[int, Home]:
        """Of each that has a card, or is to have one."""

    async def add_page(self, page: NewPage) -> int:
        """Ask for it unless Slack has it; the id of its row.

        One that was settled before it was sent is asked for anew.
        """

    async def calls_since(self, channel: str, *, since: datetime) -> int:
        """How many messages that mention people were asked for there since then."""

    async def waiting_page(self, channel: str, *, after: datetime) -> int | None:
        """The row of a message of several pages there that is due after that, None: none is."""

    async def add_notice(self, subject: str, *, channel: str) -> None:
        """Ask for a message to who runs Bongsu, or for its present state where it stands there already.

        Many calls make few updates and few writes: one that waits for its turn anyway is left alone.
        """

    async def add_notice_once(self, subject: str, *, channel: str) -> None:
        """The same, where it was not asked for yet; else nothing."""

    async def add_report(self, subject: str, *, channel: str) -> None:
        """Ask for a message of its own in a channel, where it was not asked for yet; else nothing."""

    async def touch_notice(self, subject: str) -> None:
        """What this notice tells has changed; nothing where it was never asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed outbox row.

    ``channel`` is where to post: a name or an id. ``ts`` None: it was never seen in Slack. ``rev`` is the revision to
    show. ``unknown_since`` is set where an earlier post was begun and nobody knows whether Slack took it.
    ``thread_ts`` is the card under which a thread entry or reminder belongs. ``fence`` grows with every claim.
    ``refused_sha256`` is of the blocks that Slack would not take. ``shown_elsewhere``: a roll-up or digest shows this
    revision. ``away``: it was claimed after a call had failed. ``wanted_at``: None where Slack had it before.
    ``meant_for`` is the channel, or person, for which it was asked, wherever it goes. ``traceparent`` is of the newest
    change that it is to show, None where that was not traced.
    """

    id: int
    incident_id: int
    kind: OutboxKind
    subject: str
    channel: str
    rev: int
    ts: str | None
    fence: int
    attempts: int
    unknown_since: datetime | None
    thread_ts: str | None
    refused_sha256: str | None = None
    shown_elsewhere: bool = False
    away: bool = False
    wanted_at: datetime | None = None
    meant_for: str = ""
    traceparent: str | None = None

    @property
    def event_id(self) -> int:
        """The event that a thread entry or a reminder tells."""
        return int(self.subject.removeprefix("event:"))


@dataclass(frozen=True, slots=True)
class Claims:
    """Rows that were claimed together. ``again``: where there are none, nothing due has its turn before that.

    ``more``: others may have their turn now, too. Else all that is due was looked at.
    """

    jobs: Sequence[Job]
    again: timedelta
    more: bool = False


class Publishing(Protocol):
    """The publisher's side of the outbox. All of it belongs to the unit of work's tenant and transaction."""

    async def is_due(self) -> bool:
        """Whether any row waits for a publisher now; cheap, takes no lock."""

    async def claim(self, *, holder: str) -> Job | None:
        """Lease the first row whose turn it is and that pacing lets through; None if there is none."""

    async def claim_some(self, *, holder: str, most: int) -> Claims:
        """The same for up to ``most`` rows, in one go."""

    async def closed_for(self, job: Job) -> timedelta:
        """For how long nobody may make this kind of call, because Slack said so; zero: one may."""

    async def may_read(self) -> timedelta:
        """Zero: one message may be looked for now. Else how long to wait until that may be asked again."""

    async def close_reads(self, *, wait: timedelta) -> None:
        """Slack said "not before ``wait``" to looking for a message."""

    async def hold(self, job: Job) -> bool:
        """Lease it anew, from now on and for twice as long. False: another publisher has taken it over."""

    async def shown_by_another(self, job: Job) -> tuple[str, datetime] | None:
        """Where another has taken it over: its message's ts, "" while there is none, and since when it is wanted."""

    async def sent(self, job: Job, *, channel_id: str, ts: str, rev: int) -> bool:
        """Slack shows this revision. False: the fence was lost, and nothing was written."""

    async def later(self, job: Job, *, wait: timedelta, error: str, outcome_unknown: bool) -> None:
        """Give the row back, to be tried again after ``wait``. Nothing where the fence was lost."""

    async def post_anew(self, job: Job, *, channel: str | None = None) -> None:
        """Slack has lost the message, or has no place for it: post it anew, in ``channel`` instead if that is open."""

    async def unusable(self, job: Job, *, code: str) -> tuple[str, bool]:
        """Slack has no place in the channel of this job: the channel as it is configured, and whether that is news."""

    async def nowhere(self, job: Job, *, wait: timedelta, error: str) -> None:
        """Nor in the one that it was to go to instead: after ``wait`` one row tries both again, for all."""

    async def plain(self, job: Job, *, refused_sha256: str) -> None:
        """Slack refuses these blocks: the row is free again, and while it renders as the same they stay away."""

    async def touch_card(self, job: Job) -> None:
        """The card under which this belongs is to be looked after: it may be gone."""

    async def touch(self, job: Job) -> str | None:
        """Ask for one more revision, whoever has the row now; the ts that the row knows."""

    async def close_way(self, job: Job, *, wait: timedelta) -> None:
        """Slack said "not before ``wait``" to this kind of call: nobody calls earlier."""

    async def known_channel_id(self, channel: str) -> str | None:
        """The id that Slack told for a channel by this name, None if nothing was posted there yet."""

    async def saw_channel(self, channel: str, *, channel_id: str) -> None:
        """Slack has this channel for us: what was said of it otherwise is over, and a name is known by its id."""

    async def missed_channel(self, channel: str, *, code: str) -> bool:
        """Slack has no such channel for us. True: that is news."""

    async def unusable_channels(self) -> Unusable:
        """In which the last message found no place."""

    async def depth(self) -> tuple[int, timedelta]:
        """How many rows wait, and since when the oldest does."""
