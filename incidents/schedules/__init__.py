"""Who is on call: rotations in local time, layers over each other, holidays, and overrides that people make. Pure."""

from incidents.schedules.model import Holiday, Layer, Override, Rotation, Schedule, Shift, Unit, Window
from incidents.schedules.roster import next_handover, on_call, shifts

__all__ = [
    "Holiday", "Layer", "Override", "Rotation", "Schedule", "Shift", "Unit", "Window", "next_handover", "on_call",
    "shifts",
]  # fmt: skip
