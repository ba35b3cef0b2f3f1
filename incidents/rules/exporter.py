"""Does a label name the exporter that measured, rather than the service that was measured?"""

_EXPORTERS = (
    "kube-state-metrics",
    "node-exporter",
    "node_exporter",
    "blackbox-exporter",
    "blackbox_exporter",
    "cadvisor",
)


def names_an_exporter(value: str) -> bool:
    """True for ``robusta-kube-state-metrics``, ``prometheus-node-exporter`` and the like."""
    told = value.casefold()
    return any(exporter in told for exporter in _EXPORTERS)
