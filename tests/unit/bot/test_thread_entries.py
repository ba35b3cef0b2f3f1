import pytest

from bot.blocks.thread import thread_entry
from incidents.model import Event, EventKind
from tests.unit.bot.samples import (
    ALICE,
    BOB,
    GRAVER,
    LONG_OWNED,
    MORE_SERIES,
    ONLY_HERE,
    PAGED,
    SEVERITY_ROSE,
    an_event,
    an_incident,
    minutes,
)
from tests.unit.bot.snapshots import expect_message

K = EventKind
THERE = "https://example.slack.com/archives/C0GENERAL/p1700000000000001"
EVENTS = {
    "opened": an_event(K.OPENED, actor="system"),
    "acknowledged": an_event(K.ACKNOWLEDGED),
    "acknowledged-by-a-key": an_event(K.ACKNOWLEDGED, actor="key:ci"),
    "acknowledged-via-a-key": an_event(K.ACKNOWLEDGED, via="ci <!here>"),
    "unacknowledged": an_event(K.UNACKNOWLEDGED, was=ALICE),
    "unacknowledged-for-another": an_event(K.UNACKNOWLEDGED, was=BOB),
    "resolved": an_event(K.RESOLVED, resolution="manual", still_firing=0, note=""),
    "resolved-while-firing": an_event(K.RESOLVED, resolution="manual", still_firing=2, note="rolled back\n> <!here>"),
    "resolved-via-a-key": an_event(K.RESOLVED, resolution="manual", still_firing=2, note="rolled back", via="ci"),
    "recovered": an_event(K.RESOLVED, actor="system", resolution="recovered", still_firing=0, note=""),
    "reopened": an_event(K.REOPENED, reason="by_hand"),
    "reopened-by-an-alert": an_event(K.REOPENED, actor="system", reason="within_reopen_window"),
    "noise": an_event(K.MARKED_NOISE, reason="", still_firing=1, was="active"),
    "noise-with-a-reason": an_event(K.MARKED_NOISE, reason="flaky *probe*", still_firing=0, was="active"),
    "real": an_event(K.MARKED_REAL, reason="marked_real"),
    "assigned": an_event(K.ASSIGNED, to=BOB, was=None),
    "taken": an_event(K.ASSIGNED, to=ALICE, was=None),
    "unassigned": an_event(K.UNASSIGNED, to=None, was=BOB),
    "unassigned-left": an_event(K.UNASSIGNED, actor="system", to=None, was=BOB, reason="left", owner=None),
    "unassigned-left-to-another": an_event(K.UNASSIGNED, actor="system", to=None, was=BOB, reason="left", owner=ALICE),
    "noted": an_event(K.NOTED, text="the database\n\n\n<@U0ALICE> is `full`"),
    "noted-by-a-key": an_event(K.NOTED, actor="key:ci<!here>", text="deployed"),
    "noted-at-length": an_event(K.NOTED, text="<\n" * 1250),
    "severity": an_event(K.SEVERITY_RAISED, actor="system", **{"from": "warning", "to": "critical"}),
    "series": an_event(K.SERIES_FIRING, actor="system", name="pod-a"),
    "series-resolved": an_event(K.SERIES_RESOLVED, actor="system"),
    "reopened-by-the-clock": an_event(
        K.REOPENED, actor="system", reason="critical_still_firing", mention=ALICE, firing=2
    ),
    "unacknowledged-by-the-clock": an_event(
        K.UNACKNOWLEDGED, actor="system", was=ALICE, reason="worsening_unconfirmed", mention=ALICE
    ),
    "unacknowledged-for-long": an_event(
        K.UNACKNOWLEDGED, actor="system", was=ALICE, reason="for_long_unconfirmed", mention=ALICE
    ),
    "escalated": an_event(K.ESCALATED, actor="system", **PAGED),
    "escalated-here": an_event(K.ESCALATED, actor="system", **ONLY_HERE),
    "escalated-by-hand": an_event(K.ESCALATED, **PAGED),
    "escalated-hostile": an_event(
        K.ESCALATED,
        actor="system",
        **PAGED | {"mention": ["@<!here>"], "channels": ["<!channel>"], "webhooks": ["*x*"]},
    ),
    "owner-asked": an_event(K.OWNER_ASKED, actor="system", **LONG_OWNED),
    "owner-asked-since-whenever": an_event(K.OWNER_ASKED, actor="system", **LONG_OWNED | {"since": None}),
    "still-open": an_event(K.STILL_OPEN, actor="system", owner=ALICE, mention=ALICE),
    "maintenance-began": an_event(
        K.MAINTENANCE_BEGAN, actor="system", name="payments", window=3, reason="database upgrade"
    ),
    "maintenance-ended": an_event(K.MAINTENANCE_ENDED, actor="system", name="<!here> *payments*", window=3),
    "flapping": an_event(K.FLAPPING, actor="system", episodes=3),
    "still-firing": an_event(K.STILL_FIRING, actor="system", firing=2, mention=ALICE),
    "worsened": an_event(K.WORSENED, actor="system", **SEVERITY_ROSE),
    "worsened-by-series": an_event(K.WORSENED, actor="system", **MORE_SERIES),
    "confirmed": an_event(K.CONFIRMED),
    "blinded": an_event(K.BLINDED, actor="system", reason="no_data"),
    "blinded-by-an-error": an_event(K.BLINDED, actor="system", reason="source_error"),
    "sees-again": an_event(K.SEES_AGAIN, actor="system"),
    "asked": an_event(K.ASKED, actor="system", since=minutes(-490).isoformat(), mention=ALICE),
    "stale": an_event(K.RESOLVED, actor="system", resolution="stale", still_firing=1, note=""),
    "severity-set": an_event(K.SEVERITY_SET, note="only the *test* shop", **{"from": "error", "to": "info"}),
    "severity-set-without-a-word": an_event(K.SEVERITY_SET, note="", **{"from": "error", "to": "info"}),
    "renamed": an_event(K.TITLE_SET, to="Checkout <!here> is *slow*", **{"from": "Checkout 5xx"}),
    "snoozed": an_event(K.SNOOZED, until=minutes(120).isoformat()),
    "snoozed-as-an-older-one": an_event(
        K.SNOOZED, actor="system", until=minutes(120).isoformat(), reason="snooze_inherited", snoozed_by=BOB, was_on=140
    ),
    "woke": an_event(K.WOKE, snoozed_by=BOB),
    "woke-at-its-end": an_event(K.WOKE, actor="system", snoozed_by=BOB, reason="snooze_over", mention=BOB),
    "woke-graver": an_event(K.WOKE, actor="system", **GRAVER),
    "timeline-entry": an_event(K.TIMELINE_ENTRY, text="deployed <v2>"),
    "timeline-entry-of-another-time": an_event(K.TIMELINE_ENTRY, text="deployed", happened_at=minutes(-30).isoformat()),
    "summed-up": an_event(K.NOTED, text="rolled back", is_closing=True),
    "timeline-full": an_event(K.TIMELINE_FULL, actor="system", events=2000),
    "recovered-unfollowed": an_event(
        K.RESOLVED, actor="system", resolution="recovered", still_firing=0, note="", unfollowed=12_000
    ),
    "note-edited": an_event(K.NOTE_EDITED, of=4, now="never shown"),
    "note-deleted": an_event(K.NOTE_DELETED, actor="system", of=4, author=BOB),
    "unpinned": an_event(K.NOTE_DELETED, of=4, author=BOB, reason="unpinned"),
    "timeline-message": an_event(K.TIMELINE_ENTRY, author=BOB, text="it is\nthe cache <!here>", link=THERE),
    "timeline-message-of-an-app": an_event(
        K.TIMELINE_ENTRY, author="app:CI <!here>", text="x" * 2500, link=THERE, clipped=True, files=3
    ),
    "timeline-message-again": an_event(K.TIMELINE_ENTRY, author=BOB, again=True, of=4),
    "timeline-message-gone": an_event(K.TIMELINE_ENTRY, author=BOB, gone=True, link=THERE),
    "noted-and-gone": an_event(K.NOTED, gone=True),
    "merged": an_event(
        K.MERGED, into="INC-140", into_id=7, into_url="https://sandbox.slack.com/archives/C1/p1", series=3
    ),
    "absorbed": an_event(K.ABSORBED, merged="INC-12", merged_id=7, owner=None, series=1),
    "absorbed-from-bob": an_event(K.ABSORBED, merged="INC-12", merged_id=7, owner=BOB, series=3),
    "unmerged": an_event(K.UNMERGED, out_of="INC-140", out_of_id=7, resolution=None),
    "gave-back": an_event(K.UNMERGED, gave_back="INC-12", gave_back_id=7, gave_back_url="javascript:alert(1)"),
    "split": an_event(K.SPLIT, into="INC-150", into_id=9, series=2, names=["pod-a", "<!here>"]),
    "opened-by-a-split": an_event(K.OPENED, reason="split", split_from="INC-140", split_from_id=7, series=2),
    "of-a-newer-version": an_event(K.UNKNOWN, level=3, text="<!here>"),
    "test-over": an_event(K.RESOLVED, actor="system", resolution="test", still_firing=1, note=""),
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_entry_is_one_sentence_as_it_was_looked_at(name: str) -> None:
    expect_message(f"thread-{name}", thread_entry(EVENTS[name], an_incident()))


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_whose_data_is_empty_is_still_told(kind: EventKind) -> None:
    message = thread_entry(Event(at=EVENTS["noted"].at, actor="system", kind=kind), an_incident())
    assert message.text.startswith("INC-142: ")
    assert message.blocks
