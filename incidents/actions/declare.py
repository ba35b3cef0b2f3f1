"""A person says that there is an incident which no alert has told of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from incidents import lifecycle
from incidents.actions.note import LONGEST_NOTE
from incidents.change import Change
from incidents.errors import InvalidInput
from incidents.escalation.planning import replan
from incidents.keys import declared_key
from incidents.model import DECLARED, Actor, Incident, Place, Severity
from incidents.outbox import NewCard, Priority
from incidents.policy import Policy
from incidents.ports import NewIncident, UnitOfWork
from incidents.record import moved, touched_episodes

LONGEST_TITLE = 150
LONGEST_SERVICE = 100
"""Characters."""
_EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Declaration:
    """``token`` is of the form or the request that asks for it: what arrives twice declares once.

    ``channel`` is a Slack channel's id, None: where the routes send it. ``link`` is the address of the message that it
    was declared from, None: of none.
    """

    token: str
    title: str
    severity: Severity
    service: str = ""
    channel: str | None = None
    note: str = ""
    link: str | None = None


async def declare(wanted: Declaration, *, by: Actor, uow: UnitOfWork, policy: Policy) -> Incident:
    """The new incident: active, nobody's, without series, and closed by hand only. Raises InvalidInput.

    Where its token was used before, the incident of that time, though it may be over.
    """
    wanted = _checked(wanted)
    key = declared_key(wanted.token)
    if known := await uow.incidents.lock_for(keys=[key], ids=(), resolved_since=uow.now - _EVER):
        return known[0]
    incident, is_new = (await uow.incidents.open([_new(wanted, key, uow)]))[key]
    if not is_new:
        return incident
    changes = _changes(incident, wanted, by, uow)
    await _write_down(changes, by, uow)
    await uow.outbox.add_cards([NewCard(incident.id, await _channel(wanted, policy, uow), _priority(wanted))])
    for event in await uow.timeline.add(incident.id, [change.event for change in changes]):
        if event.id is not None:
            await uow.outbox.add_thread(incident.id, event.id, priority=Priority.CLICK)
    after = replace(changes[-1].after, number=await uow.incidents.next_numbers(1))
    await uow.incidents.save_locked([after])
    await replan([moved(changes, after)], uow)
    return after


def _checked(wanted: Declaration) -> Declaration:
    """Without the white space at its edges. Raises InvalidInput, whose field is the Declaration's."""
    title, service, note = checked_title(wanted.title), " ".join(wanted.service.split()), wanted.note.strip()
    _refuse_longer("service", service, LONGEST_SERVICE)
    _refuse_longer("note", note, LONGEST_NOTE)
    return replace(wanted, title=title, service=service, note=note)


def checked_title(told: str) -> str:
    """In one line. Raises InvalidInput where that is nothing, or too long."""
    title = " ".join(told.split())
    if not title:
        raise InvalidInput("title", "it is empty: write in a few words what is wrong")
    _refuse_longer("title", title, LONGEST_TITLE)
    return title


def _refuse_longer(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise InvalidInput(field, "it has {count} characters, {most} fit: shorten it", count=len(text), most=most)


def _new(wanted: Declaration, key: str, uow: UnitOfWork) -> NewIncident:
    return NewIncident(
        incident_key=key,
        title=wanted.title,
        severity=wanted.severity,
        source=DECLARED,
        rule_uid="",
        alert_name="",
        place=Place(service=wanted.service),
        start_time=uow.now,
    )


def _changes(incident: Incident, wanted: Declaration, by: Actor, uow: UnitOfWork) -> list[Change]:
    """It is declared, and its first note is written."""
    first = lifecycle.declared(incident, by=by, now=uow.now, data={"link": wanted.link} if wanted.link else {})
    if not wanted.note:
        return [first]
    return [first, lifecycle.note(first.after, text=wanted.note, by=by, now=uow.now)]


async def _write_down(changes: Sequence[Change], by: Actor, uow: UnitOfWork) -> None:
    await uow.episodes.save(touched_episodes(changes, None, by=by, now=uow.now))


async def _channel(wanted: Declaration, policy: Policy, uow: UnitOfWork) -> str:
    """By the name that the routes have for it, where it is the same: so it counts to that channel's storms and pace."""
    routed = policy.channel_for(Place(service=wanted.service), wanted.severity)
    if wanted.channel is None or wanted.channel == await uow.publishing.known_channel_id(routed):
        return routed
    return wanted.channel


def _priority(wanted: Declaration) -> Priority:
    return Priority.CRITICAL_CARD if wanted.severity is Severity.CRITICAL else Priority.CLICK
