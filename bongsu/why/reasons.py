"""What became of an alert, in words for whoever wonders why."""

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "opened": "it opened this incident",
    "joined": "it joined the incident, which was open",
    "fired_again": "it fired anew, in an incident that was open",
    "within_reopen_window": "it fired soon after its incident had resolved: that one is open again",
    "unfollowed": "its incident follows as many series as it may (`limits` in bongsu.yaml): stored and counted",
    "resent": "the sender repeated what was known: counted, nothing else",
    "outdated_firing": "it told of a start that is older than the known one: nothing changed",
    "still_firing": "its incident was closed by hand and this is the same firing: it stays closed (`/incident reopen`)",
    "series_resolved": "this series ended, others of the incident still fired",
    "recovered": "the last firing series ended, and the incident with it",
    "ended_unproven": "the last firing series ended, but not every end was a recovery: the card says why",
    "flapping": "the incident flaps, so it waits for quiet before it resolves",
    "blind": "it ended because the rule can't see: its incident stays open",
    "blinded": "its rule can't see: its open incidents are marked, and no other opens",
    "sees_again": "its rule sees again",
    "ended_after_closing": "it ended after its incident had been closed",
    "stale_resolve": "it ended an older firing of a series that has fired anew since: nothing changed",
    "unknown_series": "it ended what was never seen firing: look whether the firing was refused, or sent elsewhere",
    "overtaken": "its end had come first: the incident opened and recovered at once",
    "severity": "its severity rose above the one at which it was acknowledged",
    "series": "three times as many series fired as when it was acknowledged",
    "worsening_unconfirmed": "it had become worse, and nobody said in time that they still had it",
    "critical_still_firing": "it was critical, closed by hand, and still fired half an hour later",
    "quiet": "it had flapped, and was quiet for a quarter of an hour",
    "stale": "nothing was heard of it for too long: it was closed, its end unknown",
    "silent": "nothing was heard of it for too long: somebody was asked",
    "test_over": "it was a test, which closed itself",
    "snooze_over": "the time for which it was snoozed was over",
    "graver_than_snoozed": "it became graver than it was when it was snoozed",
    "snooze_inherited": "its key was snoozed, by an older incident that it took the snooze over from",
}


def in_words(reason: str) -> str:
    """Never empty: a reason without words is told by its name."""
    return _WORDS.get(reason) or reason.replace("_", " ")
