"""A second person: the question in the thread in each state, the form that declines, and what is refused."""

from dataclasses import asdict
from typing import Any

import pytest

from bot.answers import outcome, sentence
from bot.blocks.approval import approval_message, asked_in_words, decline_modal
from bot.blocks.approval_clicks import Request, read_request, request_value
from bot.blocks.card import card
from bot.message import Message
from incidents.approvals.errors import (
    AlreadyAsked,
    ApprovalNotFound,
    ApprovalOver,
    AskedYourself,
    NothingAsked,
    NotSecond,
    NotSecondBecause,
    NotTheirs,
)
from incidents.approvals.model import Approval, Outcome, Wanted
from incidents.errors import BongsuError
from incidents.model import EventKind, Resolution
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import (
    ALICE,
    AT_TEN,
    BOB,
    WINDOW,
    a_view,
    acknowledged,
    an_approval,
    an_event,
    an_incident,
    minutes,
    resolved,
)
from tests.unit.bot.snapshots import expect_message, expect_view
from tests.unit.bot.states import HOSTILE

BY_BOB = {"decided_by": BOB, "decided_at": minutes(10)}
APPROVALS = {
    "asked": an_approval(),
    "asked-without-words": an_approval(words=""),
    "asked-by-a-key": an_approval(asked_by="key:ci", asked_via="ci"),
    "asked-for-noise": an_approval(wanted=Wanted.NOISE, words="flaky probe"),
    "approved": an_approval(outcome=Outcome.APPROVED, **BY_BOB),
    "declined": an_approval(outcome=Outcome.DECLINED, reason="not yet <!here>", **BY_BOB),
    "declined-without-words": an_approval(outcome=Outcome.DECLINED, **BY_BOB),
    "withdrawn": an_approval(outcome=Outcome.WITHDRAWN, decided_by=ALICE, decided_at=minutes(10)),
    "lapsed": an_approval(outcome=Outcome.LAPSED, decided_at=minutes(20)),
    "overtaken": an_approval(outcome=Outcome.OVERTAKEN, decided_at=minutes(10)),
}
ASKED = an_event(EventKind.APPROVAL_ASKED, wanted="resolve", note="rolled back", still_firing=2)


def shown(approval: Approval, **incident: Any) -> Message:
    return approval_message(approval, ASKED, acknowledged(**incident))


@pytest.mark.parametrize("name", APPROVALS)
def test_the_question_is_in_each_state_as_it_was_looked_at(name: str) -> None:
    expect_message(f"approval-{name}", shown(APPROVALS[name]))


@pytest.mark.parametrize("name", APPROVALS)
def test_its_buttons_stand_while_it_is_open_and_the_channel_sees_it(name: str) -> None:
    message = shown(APPROVALS[name])
    pressed = [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]
    labels = [element["text"]["text"] for element in pressed]
    assert labels == (["Approve", "Decline", "Withdraw"] if APPROVALS[name].is_open else [])
    assert sum("style" in element for element in pressed) == (1 if labels else 0)
    assert message.broadcast


@pytest.mark.parametrize("outcome", Outcome)
def test_slack_takes_it_at_its_extremes_and_nothing_foreign_calls_anybody(outcome: Outcome) -> None:
    approval = an_approval(
        id=2**63 - 1, incident_number=2**63 - 1, words=HOSTILE, reason=HOSTILE[:500], asked_by=f"key:{HOSTILE}",
        outcome=outcome, decided_by=f"key:{HOSTILE}", decided_at=minutes(10),
    )  # fmt: skip
    message = shown(approval, title=HOSTILE, number=2**63 - 1)
    assert problems_in_message(asdict(message) | {"broadcast": None}) == []
    assert len(message.text) <= 4000
    assert "<!" not in str(message.blocks).replace("<!date", "")
    assert "<@" not in str(message.blocks)


def test_the_form_is_as_it_was_looked_at() -> None:
    expect_view("modal-decline", decline_modal(Request(2**63 - 1, 2**31, "0a1b2c3d")))


def test_a_button_says_which_request_and_what_another_version_wrote_is_not_guessed_at() -> None:
    request = Request(3, 142, "0a1b2c3d")
    assert read_request(request_value(request)) == request
    assert read_request('{"approval":3,"number":142}') == Request(3, 142), "as it was before there were marks"
    for value in ("", "{", "[]", "null", "3", '{"approval":3}', '{"approval":"x","number":1}',
                  '{"approval":1e999,"number":1}', '{"approval":0,"number":1}',
                  '{"approval":9223372036854775808,"number":1}'):  # fmt: skip
        assert read_request(value) is None, value


def test_who_wanted_to_close_it_is_told_that_it_waits_and_until_when() -> None:
    assert asked_in_words(an_incident()) is None
    told = asked_in_words(an_incident(approval_until=minutes(20)))
    assert told is not None
    assert told.startswith("A second person must confirm: INC-142 is asked in its thread until <!date^")


def test_the_card_says_who_wants_what_and_how_long_it_waits() -> None:
    told = str(
        card(a_view(acknowledged(approval_until=minutes(20)), approval=an_approval()), reopen_window=WINDOW).blocks
    )
    assert 'Waiting for a second person: <@U0ALICE> wants to resolve it ("rolled back") until <!date^' in told
    by_two = str(card(a_view(resolved(Resolution.MANUAL, approved_by=BOB)), reopen_window=WINDOW).blocks)
    assert "Closed by <@U0ALICE>, approved by <@U0BOB>" in by_two


OVER = {one: an_approval(outcome=one, **BY_BOB) for one in Outcome if one is not Outcome.OPEN}
REFUSED: list[tuple[BongsuError, str, str]] = [
    (AlreadyAsked(an_approval()), "You have asked already: somebody else must approve INC-142", "refused"),
    (AlreadyAsked(an_approval(asked_by=BOB)), "<@U0BOB> wants to resolve INC-142 already", "refused"),
    (
        AlreadyAsked(an_approval(asked_by=BOB, wanted=Wanted.NOISE)),
        "<@U0BOB> wants to mark INC-142 as noise",
        "refused",
    ),
    (ApprovalOver(OVER[Outcome.APPROVED]), "<@U0BOB> was faster and has approved it", "refused"),
    (ApprovalOver(OVER[Outcome.DECLINED]), "<@U0BOB> was faster and has declined it", "refused"),
    (ApprovalOver(OVER[Outcome.WITHDRAWN]), "has withdrawn it", "refused"),
    (ApprovalOver(OVER[Outcome.LAPSED]), "Nobody confirmed in time", "refused"),
    (ApprovalOver(an_approval(), Outcome.LAPSED), "Nobody confirmed in time", "refused"),
    (ApprovalOver(OVER[Outcome.OVERTAKEN]), "something else came first", "refused"),
    (NotSecond("INC-142", NotSecondBecause.SAME_PERSON), "You asked for it yourself: somebody else", "refused"),
    (NotSecond("INC-142", NotSecondBecause.SAME_KEY), "INC-142 was asked by the same API key", "refused"),
    (NotTheirs("INC-142", BOB), "Only <@U0BOB>, who asked, can withdraw it.", "refused"),
    (AskedYourself("INC-142"), "You asked for it yourself: withdraw it instead", "refused"),
    (NothingAsked("INC-142"), "INC-142 is not waiting for a second person.", "refused"),
    (ApprovalNotFound(3), "it was deleted as old data, or the database was restored from a backup.", "not_found"),
]


@pytest.mark.parametrize(("error", "says", "became"), REFUSED)
def test_what_was_not_done_is_told_with_who_and_what_to_do(error: BongsuError, says: str, became: str) -> None:
    assert says in sentence(error, to=ALICE, now=AT_TEN)
    assert outcome(error) == became
