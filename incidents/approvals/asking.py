"""Somebody wants to close what nobody may close alone: it is asked, and nothing closes yet."""

from collections.abc import Iterable

from incidents import lifecycle_approvals
from incidents.approvals.errors import AlreadyAsked
from incidents.approvals.model import ApprovalRule, NewApproval, Wanted
from incidents.model import Actor, AlertKind, Incident
from incidents.outbox import Priority
from incidents.policy import LABEL, Traits
from incidents.ports import UnitOfWork
from incidents.record import reminding, write_down
from incidents.rules.needs_approval import rule_for


async def second_needed(incident: Incident, wanted: Wanted, uow: UnitOfWork) -> ApprovalRule | None:
    """The rule that asks for it, by what the incident is like now. None: it is done at once. A test never needs one."""
    rules = uow.policy.approvals
    if not rules or incident.kind is AlertKind.TEST:
        return None
    return rule_for(wanted, await _traits(incident, rules, uow), rules)


async def _traits(incident: Incident, rules: Iterable[ApprovalRule], uow: UnitOfWork) -> Traits:
    """Labels are those of the last alert, which are looked up where a rule asks for any."""
    now, fields = incident, (field for rule in rules for field in (*rule.match, *rule.patterns))
    labels = await uow.alerts.labels_of(now.id) if any(field.startswith(LABEL) for field in fields) else {}
    return Traits(now.place, now.severity, now.source, now.alert_name, now.rule_uid, labels)


async def ask(
    incident: Incident, wanted: Wanted, rule: ApprovalRule, *, words: str, by: Actor, uow: UnitOfWork
) -> Incident:
    """The incident, which is locked, as it waits: ``approval_until`` says until when. Raises AlreadyAsked, Conflict."""
    standing = await uow.approvals.open_of(incident.id)
    if standing is not None:
        raise AlreadyAsked(standing)
    until = uow.now + rule.timeout
    change = lifecycle_approvals.ask_approval(incident, wanted=wanted, words=words, until=until, by=by, now=uow.now)
    [event] = await write_down([change], change.after, by=by, uow=uow)
    if event.id is None:
        raise LookupError("an event that was stored has an id")
    await uow.approvals.add(
        NewApproval(incident.id, incident.number, incident.episode, wanted, words, by, until, event.id)
    )
    await uow.outbox.touch_cards([incident.id], priority=Priority.CLICK)
    await uow.outbox.add_reminder(incident.id, event.id, priority=reminding(incident), asks=False)
    return change.after
