"""Where is an alert from? The first label that is present and believable wins, part by part."""

from collections.abc import Mapping

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.exporter import names_an_exporter
from incidents.rules.phase import is_phase


def place(labels: Mapping[str, str], label_map: LabelMap) -> Place:
    """The parts of the incident key that say where; "" for each that no label tells."""
    return Place(
        cluster=_first(labels, label_map.cluster),
        namespace=_first(labels, label_map.namespace),
        service=_service(labels, label_map),
        phase=_phase(labels, label_map),
    )


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if name in labels and (told := labels[name].strip()):
            return told
    return ""


def _service(labels: Mapping[str, str], label_map: LabelMap) -> str:
    for name in label_map.service:
        if name in labels and (told := labels[name].strip()) and not names_an_exporter(told, label_map.exporters):
            return told
    return ""


def _phase(labels: Mapping[str, str], label_map: LabelMap) -> str:
    for name in label_map.phase:
        if name in labels and is_phase(told := labels[name].strip(), label_map.phases):
            return told
    return ""
