"""Does an alert say anything that is not known of its series?"""

from datetime import datetime

from incidents.model import AlertStatus, Incident, Resolution, Series
from incidents.reasons import Reason


def known_firing(series: Series, starts_at: datetime, *, incident_is_open: bool) -> Reason | None:
    """Why a firing alert opens nothing; None where it began later than what is known: then it fires anew.

    Within one firing Grafana keeps ``startsAt``, so the same start is the same firing, however often it is told:
    also when its end is known already (it comes late, from the other half of an HA pair), and also when people have
    closed the incident meanwhile.
    """
    if starts_at < series.starts_at:
        return Reason.OUTDATED_FIRING
    if starts_at > series.starts_at:
        return None
    still_fires = series.status is AlertStatus.FIRING
    return Reason.STILL_FIRING if still_fires and not incident_is_open else Reason.RESENT


def is_homeless(series: Series, incident: Incident) -> bool:
    """Whether a firing that is told again is news after all, for its incident can't tell of it any more.

    Silence had closed it, and here is a sound; or it told of blindness only in passing, and others have closed it.
    """
    return not incident.is_open and (series.is_blind or incident.resolution is Resolution.STALE)


def known_end(series: Series, starts_at: datetime) -> Reason | None:
    """Why a resolved alert ends nothing; None where it ends the firing that is known.

    An end of a later firing than the one that is known to have ended belongs to a firing that was never seen.
    """
    if starts_at < series.starts_at:
        return Reason.STALE_RESOLVE
    if series.status is AlertStatus.FIRING:
        return None
    return Reason.RESENT if starts_at == series.starts_at else Reason.UNKNOWN_SERIES
