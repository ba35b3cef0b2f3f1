import pytest

from bot.blocks.thread import thread_entry
from incidents.model import Event, EventKind
from tests.unit.bot.samples import ALICE, BOB, an_event, an_incident
from tests.unit.bot.snapshots import expect_message

K = EventKind
EVENTS = {
    "opened": an_event(K.OPENED, actor="system"),
    "acknowledged": an_event(K.ACKNOWLEDGED),
    "unacknowledged": an_event(K.UNACKNOWLEDGED, was=ALICE),
    "unacknowledged-for-another": an_event(K.UNACKNOWLEDGED, was=BOB),
    "resolved": an_event(K.RESOLVED, resolution="manual", still_firing=0, note=""),
    "resolved-while-firing": an_event(K.RESOLVED, resolution="manual", still_firing=2, note="rolled back\n> <!here>"),
    "recovered": an_event(K.RESOLVED, actor="system", resolution="recovered", still_firing=0, note=""),
    "reopened": an_event(K.REOPENED, reason="by_hand"),
    "reopened-by-an-alert": an_event(K.REOPENED, actor="system", reason="within_reopen_window"),
    "noise": an_event(K.MARKED_NOISE, reason="", still_firing=1, was="active"),
    "noise-with-a-reason": an_event(K.MARKED_NOISE, reason="flaky *probe*", still_firing=0, was="active"),
    "real": an_event(K.MARKED_REAL, reason="marked_real"),
    "assigned": an_event(K.ASSIGNED, to=BOB, was=None),
    "taken": an_event(K.ASSIGNED, to=ALICE, was=None),
    "unassigned": an_event(K.UNASSIGNED, to=None, was=BOB),
    "noted": an_event(K.NOTED, text="the database\n\n\n<@U0ALICE> is `full`"),
    "noted-by-a-key": an_event(K.NOTED, actor="key:ci<!here>", text="deployed"),
    "noted-at-length": an_event(K.NOTED, text="<\n" * 1250),
    "severity": an_event(K.SEVERITY_RAISED, actor="system", **{"from": "warning", "to": "critical"}),
    "series": an_event(K.SERIES_FIRING, actor="system", name="pod-a"),
    "series-resolved": an_event(K.SERIES_RESOLVED, actor="system"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_entry_is_one_sentence_as_it_was_looked_at(name: str) -> None:
    expect_message(f"thread-{name}", thread_entry(EVENTS[name], an_incident()))


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_whose_data_is_empty_is_still_told(kind: EventKind) -> None:
    message = thread_entry(Event(at=EVENTS["noted"].at, actor="system", kind=kind), an_incident())
    assert message.text.startswith("INC-142: ")
    assert message.blocks
