"""What people can do to an incident: the same use cases for a button, a command, the REST API and the CLI.

Each is ``async def verb(incident_id, *, by, uow, …) -> Incident``, runs inside one transaction, may run again after a
deadlock, and raises a ``Refused`` where the incident's state does not allow it. ``seen`` is what the person looked at
(None: they named the incident without looking at a card).
"""

from incidents.actions.acknowledge import acknowledge, confirm, unacknowledge
from incidents.actions.acknowledge_all import acknowledge_all
from incidents.actions.assign import assign
from incidents.actions.declare import Declaration, declare
from incidents.actions.escalate import escalate
from incidents.actions.gone import take_from_gone
from incidents.actions.merge import merge
from incidents.actions.noise import mark_noise, mark_real
from incidents.actions.note import add_note
from incidents.actions.override import find_schedule, give_back, take_over
from incidents.actions.resolve import reopen, resolve
from incidents.actions.severity import set_severity
from incidents.actions.snooze import snooze, wake
from incidents.actions.split import split
from incidents.actions.timeline import add_to_timeline, sum_up
from incidents.actions.title import set_title
from incidents.actions.unmerge import unmerge

__all__ = [
    "Declaration", "acknowledge", "acknowledge_all", "add_note", "add_to_timeline", "assign", "confirm", "declare",
    "escalate", "find_schedule", "give_back", "mark_noise", "mark_real", "merge", "reopen", "resolve", "set_severity",
    "set_title", "snooze", "split", "sum_up", "take_from_gone", "take_over", "unacknowledge", "unmerge", "wake",
]  # fmt: skip
