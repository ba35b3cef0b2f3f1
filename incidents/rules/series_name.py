"""What does a person call one series of an incident?"""

from collections.abc import Mapping

from incidents.model import Place

_OF_THE_RULE = frozenset({"alertname", "rulename", "grafana_folder", "severity", "datasource_uid", "ref_id", "team"})


def series_name(labels: Mapping[str, str], names: tuple[str, ...], where: Place, fingerprint: str) -> str:
    """The first of these labels that is present; else the first label that neither the rule nor the place tells."""
    told = next((labels[name] for name in names if labels.get(name)), None)
    if told is not None:
        return told
    known = {where.cluster, where.namespace, where.service, where.phase}
    rest = (v for k, v in sorted(labels.items()) if k not in _OF_THE_RULE and v and v not in known)
    return next(rest, where.service or fingerprint[:12])
