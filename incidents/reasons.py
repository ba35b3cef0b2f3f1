"""Why a decision went the way it went: one name, used by log, metric, timeline and the stored alert."""

from enum import StrEnum


class Reason(StrEnum):
    """What became of one alert."""

    OPENED = "opened"
    """It fired and no incident of its key was open or within the reopen window."""
    JOINED = "joined"
    """Its series is new to an incident that is open."""
    FIRED_AGAIN = "fired_again"
    """A series of an open incident fired anew, with a later start."""
    WITHIN_REOPEN_WINDOW = "within_reopen_window"
    """It fired soon after its incident resolved: that one is open again."""
    RESENT = "resent"
    """The sender repeats what is known: stored and counted, nothing else."""
    OUTDATED_FIRING = "outdated_firing"
    """It tells of a start that is older than the one known."""
    STILL_FIRING = "still_firing"
    """Resolved by hand, and the sender repeats the same start: it stays resolved."""
    SERIES_RESOLVED = "series_resolved"
    """One series ended, others still fire."""
    RECOVERED = "recovered"
    """The last firing series ended, and the incident with it."""
    ENDED_AFTER_CLOSING = "ended_after_closing"
    """A series ended whose incident people had resolved before."""
    STALE_RESOLVE = "stale_resolve"
    """It ends an older firing of a series that has fired anew since."""
    UNKNOWN_SERIES = "unknown_series"
    """It ends a series that was never seen firing."""
    OVERTAKEN = "overtaken"
    """Its own end came first: the incident opened and recovered at once."""
