"""Durations as people write them in ``bongsu.yaml`` and in requests: ``30s``, ``90m``, ``4h``, ``2d``, ``1h30m``."""

import re
from datetime import timedelta

LONGEST = timedelta(days=36_500)

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}

_DURATION = re.compile("".join(rf"(?:([0-9]{{1,7}})\s*{unit}\s*)?" for unit in "wdhms"))


def parse_duration(told: object) -> timedelta:
    """Zero or longer. Raises ValueError with a sentence for whoever wrote it; YAML's bare 90 is refused."""
    match = _DURATION.fullmatch(told.strip()) if isinstance(told, str) else None
    if match is None or not any(match.groups()):
        raise ValueError(f"'{told}' is no duration: write a number with its unit, such as 30s, 90m, 4h or 2d")
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    duration = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > LONGEST:
        raise ValueError(f"'{told}' is too long: {LONGEST.days}d are the most")
    return duration


def written(duration: timedelta) -> str:
    """As ``parse_duration`` reads it, in whole seconds: ``1h30m``, ``0s``."""
    seconds, told = duration // timedelta(seconds=1), ""
    for unit, length in _UNITS.items():
        count, seconds = divmod(seconds, length)
        told += f"{count}{unit}" if count else ""
    return told or "0s"
