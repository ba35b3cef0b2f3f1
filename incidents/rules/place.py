"""Where is an alert from? The first label that is present and believable wins, part by part."""

from collections.abc import Mapping
from typing import NamedTuple

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.exporter import names_an_exporter
from incidents.rules.phase import is_phase


class TellingLabels(NamedTuple):
    """The name of the label that tells each part; None: no label does."""

    cluster: str | None
    namespace: str | None
    service: str | None
    phase: str | None


def place(labels: Mapping[str, str], label_map: LabelMap) -> Place:
    """The parts of the incident key that say where; "" for each that no label tells."""
    return Place(*("" if name is None else labels[name].strip() for name in telling_labels(labels, label_map)))


def telling_labels(labels: Mapping[str, str], label_map: LabelMap) -> TellingLabels:
    """Which label tells which part."""
    return TellingLabels(
        cluster=_first(labels, label_map.cluster),
        namespace=_first(labels, label_map.namespace),
        service=_service(labels, label_map),
        phase=_phase(labels, label_map),
    )


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in labels and labels[name].strip():
            return name
    return None


def _service(labels: Mapping[str, str], label_map: LabelMap) -> str | None:
    for name in label_map.service:
        if name in labels and (told := labels[name].strip()) and not names_an_exporter(told, label_map.exporters):
            return name
    return None


def _phase(labels: Mapping[str, str], label_map: LabelMap) -> str | None:
    for name in label_map.phase:
        if name in labels and is_phase(labels[name].strip(), label_map.phases):
            return name
    return None
