"""Does a firing alert tell what its rule sees, or that it can't see?"""

from incidents.model import AlertKind, Resolution, SourceAlert

_OF_KIND = {AlertKind.NO_DATA: Resolution.NO_DATA, AlertKind.ERROR: Resolution.SOURCE_ERROR}
_UNSEEN = frozenset(_OF_KIND.values())


def blindness(told: SourceAlert) -> Resolution | None:
    """Why a firing alert says that its rule can't see; None where it tells what the rule measures.

    A rule may be set to fire without data: then its own alerts say so by their state's reason.
    """
    if told.kind is AlertKind.DATA:
        return told.state_reason if told.state_reason in _UNSEEN else None
    return _OF_KIND.get(told.kind)
