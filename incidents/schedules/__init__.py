"""Who is on call: rotations in local time, layers over each other, holidays, calendars, and what people take. Pure."""

from incidents.schedules.model import Calendar, Holiday, Layer, Override, Rotation, Schedule, Shift, Unit, Window
from incidents.schedules.roster import next_handover, on_call, shifts

__all__ = [
    "Calendar", "Holiday", "Layer", "Override", "Rotation", "Schedule", "Shift", "Unit", "Window", "next_handover",
    "on_call", "shifts",
]  # fmt: skip
