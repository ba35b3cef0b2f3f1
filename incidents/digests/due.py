"""What is due of digests: each edition once, however many processes look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from incidents.digests.model import Digest, Edition
from incidents.ports import UnitOfWork

LATE_BY_AT_MOST = timedelta(hours=6)
"""A digest of the morning is of no use in the evening."""


class Times(Protocol):
    """When a digest is due."""

    def after(self, at: datetime) -> datetime | None: ...
    def before(self, at: datetime) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """``missed`` by when they were due: they are told by nobody any more."""

    published: Sequence[Edition] = ()
    missed: Sequence[tuple[Digest, datetime]] = ()


async def any_due(digests: Mapping[Digest, Times], uow: UnitOfWork) -> bool:
    """Whether ``look_at_digests`` would do anything; takes no lock."""
    seen = await uow.digests.latest([one.name for one in digests])
    return any(_is_due(times, seen.get(one.name), uow.now) for one, times in digests.items())


def _is_due(times: Times, seen: datetime | None, now: datetime) -> bool:
    due_at = None if seen is None else times.after(seen)
    return seen is None or (due_at is not None and due_at <= now)


async def look_at_digests(digests: Mapping[Digest, Times], uow: UnitOfWork) -> Looked:
    """Of several editions that have become due the last one is told, unless that was too long ago.

    A digest that was never seen begins now: what would have been due before it was wanted is not told.
    """
    seen = await uow.digests.latest([one.name for one in digests])
    published, missed = [], []
    for digest, times in digests.items():
        if digest.name not in seen:
            await uow.digests.begin(digest, at=uow.now.replace(second=0, microsecond=0))
            continue
        due_at = _latest(times, seen[digest.name], uow.now)
        if due_at is None:
            continue
        if uow.now - due_at > LATE_BY_AT_MOST:
            if await uow.digests.skip(digest, due_at=due_at):
                missed.append((digest, due_at))
            continue
        edition, is_new = await uow.digests.publish(digest, since=_since(times, due_at), due_at=due_at)
        await uow.outbox.add_report(edition.subject, channel=digest.channel)
        published += [edition] if is_new else []
    return Looked(tuple(published), tuple(missed))


def _latest(times: Times, seen: datetime, now: datetime) -> datetime | None:
    """The last that was due since ``seen``; None: none was."""
    first = times.after(seen)
    if first is None or first > now:
        return None
    last = times.before(now + timedelta(microseconds=1))
    return first if last is None else max(first, last)


def _since(times: Times, due_at: datetime) -> datetime:
    """From the edition before it on: nothing falls between two of them."""
    before = times.before(due_at)
    return due_at - timedelta(days=1) if before is None else before
