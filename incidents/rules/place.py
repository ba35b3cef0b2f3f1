"""Where is an alert from? The first label that is present and believable wins, part by part."""

from collections.abc import Callable, Mapping

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.exporter import names_an_exporter
from incidents.rules.phase import is_phase


def place(labels: Mapping[str, str], label_map: LabelMap) -> Place:
    """The parts of the incident key that say where; "" for each that no label tells."""
    return Place(
        cluster=_first(labels, label_map.cluster),
        namespace=_first(labels, label_map.namespace),
        service=_first(labels, label_map.service, unless=names_an_exporter),
        phase=_first(labels, label_map.phase, unless=lambda told: not is_phase(told)),
    )


def _never(_told: str) -> bool:
    return False


def _first(labels: Mapping[str, str], names: tuple[str, ...], unless: Callable[[str], bool] = _never) -> str:
    told = (labels.get(name, "").strip() for name in names)
    return next((value for value in told if value and not unless(value)), "")
