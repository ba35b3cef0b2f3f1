"""Of what Slack tells, what concerns us: most of it doesn't, and that is seen without a look at the database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.heard import Deleted, Pinned, Said, heard, name_of

US, CHANNEL = "U0BONGSU", "C0INCIDENTS"
REPLY: dict[str, Any] = {
    "type": "message",
    "channel": CHANNEL,
    "user": "U0ALICE",
    "text": "hi",
    "ts": "1700000000.000002",
    "thread_ts": "1700000000.000001",
    "parent_user_id": US,
}
CHANGED = {
    "type": "message",
    "subtype": "message_changed",
    "channel": CHANNEL,
    "message": {**REPLY, "text": "ho", "edited": {"user": "U0ALICE", "ts": "1700000000.000003"}},
}
DELETED = {
    "type": "message",
    "subtype": "message_deleted",
    "channel": CHANNEL,
    "deleted_ts": REPLY["ts"],
    "previous_message": REPLY,
}
PIN = {
    "type": "reaction_added",
    "user": "U0ALICE",
    "reaction": "pushpin",
    "item_user": "U0BOB",
    "item": {"type": "message", "channel": CHANNEL, "ts": REPLY["ts"]},
    "event_ts": "1700000000.000004",
}


def test_a_reply_below_a_message_of_ours() -> None:
    told = Said(CHANNEL, REPLY["ts"], REPLY["thread_ts"], "U0ALICE", "hi", 0, "", below_us=True)
    assert heard(REPLY, us=US) == told


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share", "me_message"])
def test_what_a_person_says_in_other_forms(subtype: str) -> None:
    said = heard({**REPLY, "subtype": subtype, "files": [{}, {}]}, us=US)
    assert isinstance(said, Said)
    assert said.files == 2


def test_the_root_of_a_broadcast_tells_whose_thread_it_is() -> None:
    bare = {name: value for name, value in REPLY.items() if name != "parent_user_id"}
    ours = heard({**bare, "subtype": "thread_broadcast", "root": {"user": US}}, us=US)
    assert isinstance(ours, Said)
    assert ours.below_us
    assert heard({**bare, "subtype": "thread_broadcast", "root": {"user": "U0BOB"}}, us=US) is None
    untold = heard(bare, us=US)
    assert isinstance(untold, Said)
    assert untold.below_us is None


def test_edits_deletions_and_pins() -> None:
    edited = heard(CHANGED, us=US)
    assert isinstance(edited, Said)
    assert (edited.text, edited.edited_ts) == ("ho", "1700000000.000003")
    assert heard(DELETED, us=US) == Deleted(CHANNEL, REPLY["ts"], REPLY["thread_ts"])
    assert heard({**DELETED, "previous_message": None}, us=US) == Deleted(CHANNEL, REPLY["ts"], None)
    assert heard(PIN, us=US) == Pinned(CHANNEL, REPLY["ts"], "U0ALICE", "1700000000.000004", is_on=True)
    gone = heard({**PIN, "type": "reaction_removed"}, us=US)
    assert isinstance(gone, Pinned)
    assert not gone.is_on


@pytest.mark.parametrize(
    "event",
    [
        {**REPLY, "thread_ts": None},
        {**REPLY, "thread_ts": REPLY["ts"]},
        {**REPLY, "parent_user_id": "U0BOB"},
        {**REPLY, "bot_id": "B0CI"},
        {**REPLY, "user": US},
        {**REPLY, "user": "USLACKBOT"},
        {**REPLY, "user": None},
        {**REPLY, "user": "<!here>"},
        {**REPLY, "subtype": "bot_message"},
        {**REPLY, "subtype": "channel_join"},
        {**REPLY, "ts": "nan"},
        {**REPLY, "channel": "C0/../x"},
        {**CHANGED, "message": {**CHANGED["message"], "edited": None}},  # type: ignore[dict-item]
        {**CHANGED, "message": {**CHANGED["message"], "subtype": "tombstone"}},  # type: ignore[dict-item]
        {**CHANGED, "message": {**CHANGED["message"], "bot_id": "B0BONGSU"}},  # type: ignore[dict-item]
        {**DELETED, "previous_message": {**REPLY, "thread_ts": None}},
        {**DELETED, "previous_message": {**REPLY, "bot_id": "B0CI"}},
        {**DELETED, "deleted_ts": 17},
        {**PIN, "reaction": "eyes"},
        {**PIN, "item_user": US},
        {**PIN, "user": US},
        {**PIN, "item": {"type": "file", "file": "F1"}},
        {"type": "team_join"},
        {},
    ],
)
def test_what_does_not_concern_us(event: dict[str, Any]) -> None:
    assert heard(event, us=US) is None


def test_while_it_is_not_known_who_we_are_all_threads_are_looked_at() -> None:
    said = heard({**REPLY, "parent_user_id": "U0BOB"}, us=None)
    assert isinstance(said, Said)
    assert said.below_us is None
    assert heard({**PIN, "item_user": None}, us=None) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([REPLY, CHANGED, DELETED, PIN]), st.dictionaries(st.sampled_from(sorted({*REPLY, *PIN})), JSON))
def test_a_payload_of_any_shape_is_read_or_left_alone(event: dict[str, Any], broken: dict[str, Any]) -> None:
    assert heard({**event, **broken}, us=US) is None or heard({**event, **broken}, us=US)
    assert isinstance(name_of({**event, **broken}), str)
