"""Looking whether heartbeats are heard of: any number of processes may, and each silence is told once."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from incidents import lifecycle
from incidents.errors import IncidentNotFound
from incidents.heartbeats.model import Heartbeat, Pulse
from incidents.heartbeats.telling import end_told, silence_told
from incidents.ingest import ingest
from incidents.model import SYSTEM, Delivery
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.record import record
from incidents.rules.heartbeat_silence import Turn, our_own_silence, turn

_MARKED_EVERY = timedelta(seconds=10)
"""So often it is written down that somebody listens."""


@dataclass(frozen=True, slots=True)
class Survey:
    """``is_due``: ``look_at_heartbeats`` has to be called. ``silent`` counts those whose silence was told."""

    is_due: bool
    silent: int


async def survey(uow: UnitOfWork, policy: Policy) -> Survey:
    """How things stand; cheap, takes no lock."""
    listened = await uow.heartbeats.listened_at()
    pulses = {pulse.name: pulse for pulse in await uow.heartbeats.all()}
    silent = sum(pulses[name].silent_since is not None for name in policy.heartbeats if name in pulses)
    is_due = any(name not in pulses or turn(pulses[name], now=uow.now) is not None for name in policy.heartbeats)
    return Survey(is_due or listened is None or uow.now - listened >= _MARKED_EVERY, silent)


async def look_at_heartbeats(uow: UnitOfWork, policy: Policy, *, is_new: bool) -> int:
    """Tell what has become silent, and what was heard of again; of how many.

    ``is_new``: this process has not looked by this policy yet: heartbeats that it doesn't name are expected no more.
    Others leave them alone, for who runs beside us may have read a newer file.
    """
    away = our_own_silence(await uow.heartbeats.listen(), now=uow.now)
    before = await uow.heartbeats.lock()
    after = [_put_off(pulse, away) for pulse in before]
    if is_new:
        after = await _kept(after, uow, policy)
    missing = policy.heartbeats.keys() - {pulse.name for pulse in before}
    await uow.heartbeats.add({name: policy.heartbeats[name].within for name in missing})
    told = {one.pulse.name: one for one in _turns(after, policy, uow)}
    after = [told[pulse.name].after(uow) if pulse.name in told else pulse for pulse in after]
    incidents = await _tell(list(told.values()), uow, policy)
    after = [replace(pulse, incident_id=incidents.get(pulse.name, pulse.incident_id)) for pulse in after]
    await uow.heartbeats.save([pulse for pulse in after if pulse not in before])
    return len(told)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is to be told. ``pulse`` as it is while that is told: its silence stands in it."""

    heartbeat: Heartbeat
    pulse: Pulse
    turn: Turn

    def delivery(self, uow: UnitOfWork, policy: Policy) -> Delivery:
        tell = end_told if self.turn is Turn.ENDED else silence_told
        return tell(self.heartbeat, self.pulse, policy.labels, now=uow.now)

    def after(self, uow: UnitOfWork) -> Pulse:
        if self.turn is Turn.ENDED:
            return replace(self.pulse, silent_since=None, told_at=None)
        return replace(self.pulse, told_at=uow.now)


def _put_off(pulse: Pulse, away: timedelta) -> Pulse:
    """What could not be heard while nobody listened is waited for as long as before."""
    return pulse if pulse.silent_since is not None else replace(pulse, expected_by=pulse.expected_by + away)


async def _kept(pulses: Sequence[Pulse], uow: UnitOfWork, policy: Policy) -> list[Pulse]:
    """Those that the policy names, as it has them. The incident of one that is gone stays for people to close."""
    gone = [pulse for pulse in pulses if pulse.name not in policy.heartbeats]
    await uow.heartbeats.remove([pulse.name for pulse in gone])
    for pulse in gone:
        if pulse.silent_since is not None and pulse.incident_id is not None:
            await _say_that_it_is_gone(pulse.name, pulse.incident_id, uow)
    kept = [(pulse, policy.heartbeats[pulse.name].within) for pulse in pulses if pulse.name in policy.heartbeats]
    return [_within(pulse, within) for pulse, within in kept]


async def _say_that_it_is_gone(name: str, incident_id: int, uow: UnitOfWork) -> None:
    """On the timeline: nothing will end it. The incident may be deleted since."""
    with contextlib.suppress(IncidentNotFound):
        incident = await uow.incidents.lock(incident_id)
        if incident.is_open:
            told = f"The heartbeat {name} was taken out of bongsu.yaml: no beat will end this, close it by hand"
            entry = lifecycle.add_to_timeline(incident, text=told, happened_at=None, by=SYSTEM, now=uow.now)
            await record(entry, by=SYSTEM, uow=uow)


def _within(pulse: Pulse, within: timedelta) -> Pulse:
    """What is silent is silent whatever it may be from now on: its next beat ends that."""
    if pulse.silent_since is not None:
        return pulse
    return replace(pulse, within=within, expected_by=pulse.expected_by + within - pulse.within)


def _turns(pulses: Sequence[Pulse], policy: Policy, uow: UnitOfWork) -> list[_Told]:
    found = []
    for pulse in pulses:
        heartbeat, now = policy.heartbeats.get(pulse.name), turn(pulse, now=uow.now)
        if heartbeat is None or now is None:
            continue
        silent = replace(pulse, silent_since=pulse.expected_by) if now is Turn.BEGAN else pulse
        found.append(_Told(heartbeat, silent, now))
    return found


async def _tell(told: Sequence[_Told], uow: UnitOfWork, policy: Policy) -> dict[str, int | None]:
    """By heartbeat the incident in which it was told, None: it has come to its end."""
    if not told:
        return {}
    ingested = await ingest([one.delivery(uow, policy) for one in told], uow=uow, policy=policy)
    found: dict[str, int | None] = {}
    for one, done in zip(told, ingested, strict=True):
        incidents = await uow.deliveries.incidents_of(done.delivery_id) if one.turn is not Turn.ENDED else []
        found[one.pulse.name] = next((incident.id for incident in incidents), None)
    return found
