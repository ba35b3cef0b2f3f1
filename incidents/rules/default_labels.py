"""What counts where an alert's own labels don't say where it is from, or how grave it is?"""

from collections.abc import Mapping

from incidents.model import Place


def default_labels(of_url: Mapping[str, str], of_file: Mapping[str, str]) -> Mapping[str, str]:
    """By part of the place, or ``severity``. What the sender's URL says beats what ``bongsu.yaml`` says."""
    return {**of_file, **of_url}


def filled_in(told: Place, defaults: Mapping[str, str]) -> Place:
    """The alert's own labels beat both. A default is taken as it is: whoever wrote it meant it."""
    if not defaults:
        return told
    return Place(
        cluster=told.cluster or defaults.get("cluster", ""),
        namespace=told.namespace or defaults.get("namespace", ""),
        service=told.service or defaults.get("service", ""),
        phase=told.phase or defaults.get("phase", ""),
    )
