"""Digests as tests need them: the week up to 2 January 2026 in Seoul, and what happened in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.browse import Listed, Page
from incidents.digests.model import Edition
from incidents.digests.report import Report, Trend, trend_of
from incidents.model import Resolution, Severity
from incidents.statistics import Past, PastEpisode, Rule, Share, figures
from tests.unit.bot.samples import an_incident

SEOUL = ZoneInfo("Asia/Seoul")
UNTIL = datetime(2026, 1, 2, tzinfo=UTC)
WEEK = Edition(7, "#payments", UNTIL - timedelta(days=7), UNTIL, SEOUL)
DAY = Edition(8, "#payments", UNTIL - timedelta(days=1), UNTIL, SEOUL)
WINDOW = timedelta(minutes=10)
SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.WARNING, Severity.ERROR, Severity.INFO, Severity.UNKNOWN)

OPEN = (
    (Severity.CRITICAL, "Checkout 5xx above 5 %"),
    (Severity.ERROR, "Payment provider answers slowly"),
    (Severity.WARNING, "Disk of db-2 fills up within a day"),
    *((Severity.INFO, f"Certificate {n} ends in three weeks") for n in range(1, 6)),
)


def an_episode(number: int, at: datetime, *, lasts: float = 20) -> PastEpisode:
    """Of an incident of its own, acknowledged after 4 minutes and over after so many; longer than a day: it is open."""
    end = at + timedelta(minutes=lasts)
    over = end if lasts < 1440 else None
    return PastEpisode(
        incident_id=number,
        number=1,
        opened_at=at,
        started_at=at,
        opened_reason="opened",
        inherited=False,
        responded_at=at + timedelta(minutes=2 + number % 5),
        resolved_at=over,
        resolution=None if over is None else Resolution.RECOVERED,
        recovered_at=over,
        rule_uid=f"r{number % 4}",
        rule_name=("Checkout5xx", "DiskFull", "", "QueueTooLong")[number % 4],
        severity=SEVERITIES[number % len(SEVERITIES)],
    )


def episodes(edition: Edition = WEEK, *, every: timedelta = timedelta(hours=3)) -> list[PastEpisode]:
    """In its time and the one before, which was quieter."""
    found, at = [], edition.before
    while at < edition.until:
        found.append(an_episode(len(found) + 1, at, lasts=12 + 7 * (len(found) % 6)))
        at += every if at >= edition.since else 2 * every
    return found


def _listed(number: int) -> Listed:
    severity, title = OPEN[number]
    began = UNTIL - timedelta(hours=2 + 5 * number)
    incident = an_incident(id=number, number=140 + number, severity=severity, title=title, start_time=began)
    return Listed(incident, ("C0PAY", f"1700000000.00000{number}"))


def past(edition: Edition, told: list[PastEpisode]) -> Past:
    return Past(edition.before, edition.until, told, 0, None, [], edition.before)


def a_report(edition: Edition = WEEK, told: list[PastEpisode] | None = None, *, still_open: int = 3) -> Report:
    of = past(edition, episodes(edition) if told is None else told)
    listed = [_listed(n) for n in range(min(still_open, len(OPEN)))]
    return Report(
        edition,
        figures(of.episodes, since=edition.since, until=edition.until, now=of.now, reopen_window=WINDOW),
        figures(of.episodes, since=edition.before, until=edition.since, now=of.now, reopen_window=WINDOW),
        Page(listed, still_open),
        edition.since,
    )


def a_trend(edition: Edition = WEEK, told: list[PastEpisode] | None = None) -> Trend:
    return trend_of(edition, past(edition, episodes(edition) if told is None else told), WINDOW)


RULES = [Rule("r", "<!channel> *x* `y` 결제 \u202e " * 60, 10**12)] * 5
SHARE = Share(10**12, 10**12)
