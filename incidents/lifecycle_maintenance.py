"""What maintenance makes of the incidents that it covers. Pure, as all of the state machine."""

from datetime import datetime

from base.records import replace
from incidents.change import Change, changed
from incidents.maintenance.model import Window
from incidents.model import Actor, EventKind, Incident


def begin_maintenance(incident: Incident, window: Window, *, by: Actor, now: datetime) -> Change:
    """Nobody is paged for it until the window ends. It may come from another window that ends sooner."""
    after = replace(incident, maintenance_id=window.id)
    told = {"name": window.name, "window": window.id, "reason": window.reason}
    return changed(incident, after, EventKind.MAINTENANCE_BEGAN, by, now, told)


def end_maintenance(incident: Incident, *, name: str, by: Actor, now: datetime) -> Change:
    """People are paged for it again. ``name``: of the window that it stood in."""
    told = {"name": name, "window": incident.maintenance_id}
    return changed(incident, replace(incident, maintenance_id=None), EventKind.MAINTENANCE_ENDED, by, now, told)
