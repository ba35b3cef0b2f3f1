"""Does a label name the exporter that measured, rather than the service that was measured?"""

from collections.abc import Iterable

_EXPORTERS = (
    "kube-state-metrics",
    "node-exporter",
    "node_exporter",
    "blackbox-exporter",
    "blackbox_exporter",
    "cadvisor",
)


def names_an_exporter(value: str, also: Iterable[str] = ()) -> bool:
    """True for ``robusta-kube-state-metrics``, ``prometheus-node-exporter`` and the like.

    ``also`` is what a team adds, in lower case: a value that contains one of them names an exporter, too.
    """
    told = value.casefold()
    return any(exporter in told for exporter in _EXPORTERS) or any(exporter in told for exporter in also)
