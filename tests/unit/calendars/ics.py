"""iCalendars for tests."""

HEAD = "VERSION:2.0\nPRODID:-//tests//EN"


def ics(*events: str, beside: str = "") -> bytes:
    """Each event as its lines, without BEGIN and END."""
    told = [f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT" for number, event in enumerate(events)]
    lines = "\n".join(["BEGIN:VCALENDAR", HEAD, *filter(None, [beside]), *told, "END:VCALENDAR", ""])
    return lines.replace("\n", "\r\n").encode()


def event(start: str, end: str, *more: str, summary: str = "Alice", zone: str = "") -> str:
    """Times as iCalendar writes them: ``20260105T090000``, or ``20260105`` for whole days."""
    of = ";VALUE=DATE" if len(start) == 8 else f";TZID={zone}" if zone else ""
    return "\n".join([f"DTSTART{of}:{start}", f"DTEND{of}:{end}", f"SUMMARY:{summary}", *more])
