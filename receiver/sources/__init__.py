"""One normaliser per monitoring system: bytes and headers in, alerts out. Here is which are known, by their URL."""

from collections.abc import Mapping

from receiver.errors import WrongShape
from receiver.sources import grafana
from receiver.sources.normalised import Normalised, Normaliser

SOURCES: Mapping[str, Normaliser] = {"grafana": grafana.normalise}
"""By the name in ``/webhooks/{source}``."""


def advice(wrong: WrongShape) -> str:
    """The sentence for the sender, with the right address where another source would have understood the body."""
    if wrong.looks_like in SOURCES:
        return f"{wrong}; send it to /webhooks/{wrong.looks_like}"
    return str(wrong)


__all__ = ["SOURCES", "Normalised", "Normaliser", "advice"]
