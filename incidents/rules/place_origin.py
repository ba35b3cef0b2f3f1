"""Where did each part of an incident's place come from?"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.cluster import is_fallback
from incidents.rules.place import telling_labels

_CUT = "…"


class Origin(StrEnum):
    """Who told a part of the place."""

    LABEL = "label"
    URL = "url"
    """The address that the sender sends to carries it."""
    FILE = "file"
    """``bongsu.yaml`` says it of all alerts of the source."""
    SENDER = "sender"
    """Nobody names the cluster, so its sender stands in for it."""
    EARLIER = "earlier"
    """By today's settings nothing would tell it: they, or the labels, have changed since."""


class Part(NamedTuple):
    """``name`` is ``cluster``, ``namespace``, ``service`` or ``phase``. ``label`` is ``""`` unless a label told it."""

    name: str
    value: str
    origin: Origin
    label: str = ""


def origins(
    place: Place,
    labels: Mapping[str, str],
    label_map: LabelMap,
    *,
    of_url: Mapping[str, str],
    of_file: Mapping[str, str],
) -> list[Part]:
    """The parts of ``place`` that are known, in their order. ``labels`` are those of an alert that arrived in it."""
    telling = telling_labels(labels, label_map)._asdict()
    parts = zip(Place.__slots__, (place.cluster, place.namespace, place.service, place.phase), strict=True)
    return [_part(name, value, telling[name], labels, of_url, of_file) for name, value in parts if value]


def _part(
    name: str,
    value: str,
    label: str | None,
    labels: Mapping[str, str],
    of_url: Mapping[str, str],
    of_file: Mapping[str, str],
) -> Part:
    if label is not None and _is(value, labels[label].strip()):
        return Part(name, value, Origin.LABEL, label)
    if label is None and _is(value, of_url.get(name, "")):
        return Part(name, value, Origin.URL)
    if label is None and _is(value, of_file.get(name, "")):
        return Part(name, value, Origin.FILE)
    if name == "cluster" and is_fallback(value):
        return Part(name, value, Origin.SENDER)
    return Part(name, value, Origin.EARLIER)


def _is(stored: str, told: str) -> bool:
    """What is too long for its column was stored cut."""
    return stored == told or (stored.endswith(_CUT) and told.startswith(stored.removesuffix(_CUT)))
