"""Giving a beginning to alerts whose sender tells none."""

from base.records import replace
from incidents.ingest.desk import Desk
from incidents.model import Alert
from incidents.rules.undated import begun_at


def dated(desk: Desk, alert: Alert) -> Alert:
    """The alert with its beginning, as far as its series is known until now."""
    if alert.told.starts_at is not None:
        return alert
    series = desk.series.get(alert.series_key)
    return replace(alert, starts_at=begun_at(series, is_firing=alert.is_firing, now=desk.now))
