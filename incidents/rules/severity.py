"""How grave is an alert? Names as counted in public rules; what none of them explains is ``unknown``."""

from collections.abc import Mapping

from incidents.model import Severity

_NAMES = {
    Severity.CRITICAL: ("critical", "crit", "page", "p1", "p0", "sev1", "sev0", "fatal", "emergency", "disaster", "1"),
    Severity.ERROR: ("error", "err", "major", "high", "p2", "sev2", "2"),
    Severity.WARNING: ("warning", "warn", "minor", "medium", "moderate", "ticket", "p3", "sev3", "3"),
    Severity.INFO: ("info", "informational", "notice", "low", "none", "p4", "p5", "sev4", "sev5", "4", "5"),
}  # fmt: skip
_BY_NAME = {name: severity for severity, names in _NAMES.items() for name in names}


def names_severity(text: str) -> bool:
    """Whether it is a severity's name, ``unknown`` included, or stands for one."""
    name = text.strip().casefold()
    return name in _BY_NAME or name == Severity.UNKNOWN


def severity(labels: Mapping[str, str], names: tuple[str, ...]) -> tuple[Severity, str]:
    """The severity and the text that told it: the first of these labels that is present, "" if there is none."""
    for name in names:
        if name in labels and (raw := labels[name].strip()):
            return _BY_NAME.get(raw.casefold(), Severity.UNKNOWN), raw
    return Severity.UNKNOWN, ""
