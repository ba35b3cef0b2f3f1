"""The line by which a card says that its incident is in maintenance."""

from bot.blocks.text import clock, data
from bot.language import t
from incidents.maintenance.model import InMaintenance

_LONGEST_REASON = 150


def maintenance_line(maintenance: InMaintenance | None) -> str | None:
    """``🔧 In maintenance until 11:00: database upgrade``. None: it is in none."""
    if maintenance is None:
        return None
    until, reason = clock(maintenance.until), data(maintenance.reason, _LONGEST_REASON)
    if not reason:
        return t("🔧 In maintenance until {time}: nobody is paged", time=until)
    return t("🔧 In maintenance until {time}: {reason}", time=until, reason=reason)
