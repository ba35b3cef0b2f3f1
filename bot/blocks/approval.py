"""A second person is asked: the message in the thread, the line on the card, the form that declines."""

from bot.blocks import words
from bot.blocks.approval_clicks import ApprovalAction, Request, request_value
from bot.blocks.clicks import CallbackId
from bot.blocks.event_data import count_in
from bot.blocks.kit import actions, button, modal, section, text_input
from bot.blocks.text import clock, data, person, when
from bot.language import mark, t, tn
from bot.message import Block, Message
from incidents.approvals.deciding import LONGEST_REASON
from incidents.approvals.model import Approval, Outcome, Wanted
from incidents.model import Event, Incident, IncidentView

DECLINE_FIELD = "reason"
_LONGEST_WORDS = 1000
_LONGEST_ON_CARD = 200
_WANTS = {
    Wanted.RESOLVE: mark("{person} wants to resolve it"),
    Wanted.NOISE: mark("{person} wants to mark it as noise"),
}
_WANTED = {
    Wanted.RESOLVE: mark("{person} wanted to resolve it"),
    Wanted.NOISE: mark("{person} wanted to mark it as noise"),
}


def approval_message(approval: Approval, event: Event, incident: Incident) -> Message:
    """The question with its buttons while it is open, and what became of it after that. The whole channel sees it."""
    is_open = approval.is_open
    said = _with_words(t((_WANTS if is_open else _WANTED)[approval.wanted], person=person(approval.asked_by)), approval)
    firing = count_in(event, "still_firing") if is_open else 0
    still = tn("⚠ {count} still firing", "⚠ {count} still firing", firing) if firing else ""
    then = _asks(approval) if is_open else _became(approval)
    about = f"*{incident.name}* · {words.title(incident)}"
    told = (f"{words.gravity(incident)} {incident.name}: {said}.", f"{still}." if still else "", then)
    text = " ".join(part for part in told if part)
    blocks = [section("approval", about, f"{said}.", still, then), *(_buttons(approval) if is_open else [])]
    return Message(text, blocks, broadcast=True)


def _with_words(said: str, approval: Approval, limit: int = _LONGEST_WORDS) -> str:
    """``<@U0ALICE> wants to resolve it: "rolled back"``"""
    told = data(approval.words, limit)
    return f'{said}: "{told}"' if told else said


def _asks(approval: Approval) -> str:
    return t("A second person must confirm by {time}, else it stays as it is.", time=clock(approval.until))


def _became(approval: Approval) -> str:
    by = person(approval.decided_by)
    at = when(approval.decided_at) if approval.decided_at is not None else ""
    match approval.outcome:
        case Outcome.APPROVED:
            return t("✅ Approved by {person} {time}.", person=by, time=at)
        case Outcome.DECLINED:
            told = t("✋ Declined by {person} {time}: it stays as it is.", person=by, time=at)
            reason = data(approval.reason, LONGEST_REASON)
            return f'{told} "{reason}"' if reason else told
        case Outcome.WITHDRAWN:
            return t("{person} withdrew it {time}.", person=by, time=at)
        case Outcome.LAPSED:
            return t("⌛ Nobody confirmed by {time}: it stays as it is.", time=clock(approval.until))
        case _:
            return t("Something else came first {time}: a second person is not needed any more.", time=at)


def _buttons(approval: Approval) -> list[Block]:
    def made(label: str, action: ApprovalAction, *, primary: bool = False) -> Block:
        value = request_value(Request(approval.id, approval.incident_number, approval.birth))
        return button(label, action_id=action, value=value, about=approval.name, primary=primary)

    return [
        actions(
            "approval-actions",
            made(t("Approve"), ApprovalAction.APPROVE, primary=True),
            made(t("Decline"), ApprovalAction.DECLINE),
            made(t("Withdraw"), ApprovalAction.WITHDRAW),
        )
    ]


def approval_line(view: IncidentView) -> str | None:
    """``⏳ Waiting for a second person: <@U0ALICE> wants to resolve it … until <time>``; None: for nobody."""
    incident, approval = view.incident, view.approval
    if incident.approval_until is None:
        return None
    until = clock(incident.approval_until)
    if approval is None:
        return t("⏳ Waiting for a second person until {time}", time=until)
    wants = t(_WANTS[approval.wanted], person=person(approval.asked_by))
    told = data(approval.words, _LONGEST_ON_CARD)
    return t(
        "⏳ Waiting for a second person: {request} until {time}",
        request=f'{wants} ("{told}")' if told else wants,
        time=until,
    )


def asked_in_words(incident: Incident) -> str | None:
    """For who wanted to close what waits for a second person now. None: it waits for nobody, so it is done."""
    if incident.approval_until is None:
        return None
    return t(
        "A second person must confirm: {name} is asked in its thread until {time}.",
        name=incident.name,
        time=clock(incident.approval_until),
    )


def closed_by_two(by: str, second: str | None) -> str:
    """``<@U0ALICE>``, and ``, approved by <@U0BOB>`` where a second person was needed."""
    if second is None:
        return person(by)
    return t("{person}, approved by {other}", person=person(by), other=person(second))


def decline_modal(request: Request) -> Block:
    field = text_input(
        DECLINE_FIELD,
        label=t("Why not?"),
        hint=t("Everybody sees it in the incident's thread and on its timeline."),
        limit=LONGEST_REASON,
        optional=True,
    )
    return modal(
        callback_id=CallbackId.DECLINE,
        title=t("Decline: {name}", name=request.name),
        submit=t("Decline"),
        private_metadata=request_value(request),
        blocks=[field],
    )
