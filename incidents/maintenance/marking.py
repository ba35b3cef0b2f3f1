"""An incident is marked with the window that it stands in: by intake as it opens, by the clock as a window begins."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incidents.change import Change
from incidents.lifecycle_maintenance import begin_maintenance, end_maintenance
from incidents.maintenance.covers import covering
from incidents.maintenance.model import Window
from incidents.model import SYSTEM, Incident


def marking(incident: Incident, windows: Iterable[Window], *, at: datetime) -> Change | None:
    """What makes its mark true; None: it is. ``windows`` are all that stand."""
    told = list(windows)
    window = covering(incident, told, at=at)
    if window is not None:
        return None if window.id == incident.maintenance_id else begin_maintenance(incident, window, by=SYSTEM, now=at)
    if incident.maintenance_id is None:
        return None
    return end_maintenance(incident, name=name_of(incident.maintenance_id, told), by=SYSTEM, now=at)


def name_of(window_id: int, windows: Sequence[Window]) -> str:
    """``#12`` where it stands no more."""
    return next((one.name for one in windows if one.id == window_id), f"#{window_id}")
