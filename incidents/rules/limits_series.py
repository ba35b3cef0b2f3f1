"""An incident has many series: is one more followed?"""

from incidents.model import Incident
from incidents.policy import Limits

BLIND_RESERVE = 20
"""So many more may say that the rule can't see, which matters most where most fires."""


def follows(incident: Incident, *, series: int, is_blindness: bool, limits: Limits) -> bool:
    """Whether a series that is new to it is remembered, beside the ``series`` that are.

    What opens it again always is, or nobody would ever hear that it is over; flapping bounds how often that happens.
    """
    most = limits.series_per_incident + (BLIND_RESERVE if is_blindness else 0)
    return series < most or not incident.is_open
