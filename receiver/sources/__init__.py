"""One normaliser per monitoring system: bytes and headers in, alerts out. Here is which are known, by their URL."""

from collections.abc import Mapping

from receiver.errors import NotSupportedYet, UnknownSource, WrongShape
from receiver.sources import foreign, grafana
from receiver.sources.normalised import Normalised, Normaliser

SOURCES: Mapping[str, Normaliser] = {"grafana": grafana.normalise}
"""By the name in ``/webhooks/{source}``."""


def advice(wrong: WrongShape) -> str:
    """The sentence for the sender, with the right address where another source would have understood the body."""
    if wrong.looks_like is None:
        return str(wrong)
    url = f"/webhooks/{wrong.looks_like}"
    if wrong.looks_like in SOURCES:
        return f"{wrong}; send it to {url}"
    return f"{wrong}; its place is {url}, which this version of Bongsu does not support yet"


def no_such_source(name: str) -> UnknownSource:
    """Why nothing is taken at ``/webhooks/{name}``."""
    return NotSupportedYet(name, SOURCES) if name in foreign.NAMES else UnknownSource(name, SOURCES)


__all__ = ["SOURCES", "Normalised", "Normaliser", "advice", "no_such_source"]
