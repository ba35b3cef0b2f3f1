"""Whose turn is it in a rotation, and when does it pass to the next?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.schedules.model import Rotation, Unit
from incidents.schedules.wall import DAY, local_day, moment


def whose_turn(rotation: Rotation, at: datetime, zone: ZoneInfo) -> str:
    """``at`` is aware."""
    return rotation.people[_turn(rotation, at, zone) % len(rotation.people)]


def handovers(rotation: Rotation, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """All after ``since`` and before ``until``, in order, aware UTC; none where one person has every turn."""
    if len(set(rotation.people)) == 1:
        return
    turn = _turn(rotation, since, zone) + 1
    while (begins := _begins(rotation, turn, zone)) < until:
        yield begins
        turn += 1


def _turn(rotation: Rotation, at: datetime, zone: ZoneInfo) -> int:
    """The number of the turn, 0 the first of ``start``, below it before. The last that has begun."""
    if rotation.unit is Unit.HOURS:
        return (at - _begins(rotation, 0, zone)) // timedelta(hours=rotation.every)
    # The clock's day tells the turn but for its first hours; one more where clocks went back over midnight.
    turn = (local_day(at, zone) - rotation.start).days // rotation.every
    while _begins(rotation, turn, zone) > at:
        turn -= 1
    while _begins(rotation, turn + 1, zone) <= at:
        turn += 1
    return turn


def _begins(rotation: Rotation, turn: int, zone: ZoneInfo) -> datetime:
    if rotation.unit is Unit.HOURS:
        first = moment(rotation.start, rotation.handover, zone)
        return first + turn * timedelta(hours=rotation.every)
    return moment(rotation.start + turn * rotation.every * DAY, rotation.handover, zone)
