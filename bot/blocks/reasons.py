"""What became of an alert, in words for whoever wonders why."""

from collections.abc import Mapping

from bot.blocks.text import data
from bot.language import mark, t

_WORDS: Mapping[str, str] = {
    "opened": mark("it opened this incident"),
    "joined": mark("it joined the incident, which was open"),
    "fired_again": mark("it fired anew, in an incident that was open"),
    "within_reopen_window": mark("it fired soon after its incident had resolved: that one is open again"),
    "unfollowed": mark("its incident follows as many series as it may (`limits` in bongsu.yaml): stored and counted"),
    "resent": mark("the sender repeated what was known: counted, nothing else"),
    "outdated_firing": mark("it told of a start that is older than the known one: nothing changed"),
    "still_firing": mark(
        "its incident was closed by hand and this is the same firing: it stays closed (`/incident reopen`)"
    ),
    "series_resolved": mark("this series ended, others of the incident still fired"),
    "recovered": mark("the last firing series ended, and the incident with it"),
    "ended_unproven": mark("the last firing series ended, but not every end was a recovery: the card says why"),
    "flapping": mark("the incident flaps, so it waits for quiet before it resolves"),
    "blind": mark("it ended because the rule can't see: its incident stays open"),
    "blinded": mark("its rule can't see: its open incidents are marked, and no other opens"),
    "sees_again": mark("its rule sees again"),
    "ended_after_closing": mark("it ended after its incident had been closed"),
    "stale_resolve": mark("it ended an older firing of a series that has fired anew since: nothing changed"),
    "unknown_series": mark(
        "it ended what was never seen firing: look whether the firing was refused, or sent elsewhere"
    ),
    "overtaken": mark("its end had come first: the incident opened and recovered at once"),
    "sign_of_life": mark("it always fires: a heartbeat was heard (`heartbeats` in bongsu.yaml), and nothing opens"),
    "imported": mark("it was taken over from another tool, as that had stored it"),
    "severity": mark("its severity rose above the one at which it was acknowledged"),
    "series": mark("three times as many series fired as when it was acknowledged"),
    "acknowledged_for_long": mark("its owner has had it for long"),
    "for_long_unconfirmed": mark("its owner had had it for long, and nobody said in time that they still had it"),
    "worsening_unconfirmed": mark("it had become worse, and nobody said in time that they still had it"),
    "critical_still_firing": mark("it was critical, closed by hand, and still fired half an hour later"),
    "quiet": mark("it had flapped, and was quiet for a quarter of an hour"),
    "stale": mark("nothing was heard of it for too long: it was closed, its end unknown"),
    "silent": mark("nothing was heard of it for too long: somebody was asked"),
    "test_over": mark("it was a test, which closed itself"),
    "snooze_over": mark("the time for which it was snoozed was over"),
    "graver_than_snoozed": mark("it became graver than it was when it was snoozed"),
    "snooze_inherited": mark("its key was snoozed, by an older incident that it took the snooze over from"),
    "left": mark("who had it has left Slack, so it was taken from them"),
}


def in_words(reason: str) -> str:
    """Harmless mrkdwn, never empty: a reason without words is told by its name."""
    words = _WORDS.get(reason)
    return t(words) if words else data(reason.replace("_", " "))
