"""What makes it this incident: the parts of its key, and which label each of them came from."""

from bot.blocks import words
from bot.blocks.text import data
from bot.language import mark, t
from incidents.inspection import Trace
from incidents.model import AlertKind, Place
from incidents.policy import LabelMap, Policy
from incidents.rules.place_origin import Origin, Part, origins

_LONGEST = 100
_MOST_LABELS = 3
_PARTS = {
    "cluster": mark("Cluster"),
    "namespace": mark("Namespace"),
    "service": mark("Service"),
    "phase": mark("Phase"),
}


def key_lines(trace: Trace, policy: Policy) -> list[str]:
    """Lines of harmless mrkdwn."""
    incident = trace.incident
    if incident.is_overflow:
        return [t("It holds what would have opened too many incidents of its own (`limits` in bongsu.yaml).")]
    if trace.oldest is None and incident.alert_count == 0:
        return [t("Somebody made it by hand, so no rule and place lead alerts to it.")]
    known = [_part(part, incident.source) for part in _origins(trace, policy)]
    return [_grouping(incident.kind), *_rule(trace), *known, *_missing(incident.place, incident.kind, policy.labels)]


def _grouping(kind: AlertKind) -> str:
    match kind:
        case AlertKind.ERROR:
            return t("All rules that fail for the same data source and cluster are one incident:")
        case AlertKind.NO_DATA:
            return t("A rule without data has an incident of its own for each place:")
        case AlertKind.TEST:
            return t("A test has an incident of its own:")
        case _:
            return t("Alerts of the same rule and place are one incident, however many series fire:")


def _rule(trace: Trace) -> list[str]:
    incident = trace.incident
    rule, name = data(incident.rule_uid, _LONGEST), data(incident.alert_name, _LONGEST)
    if not rule:
        return []
    if rule == name:
        return [t("• Rule `{rule}`: the sender tells no other id than its name", rule=rule)]
    return [t("• Rule `{rule}` ({name}), as the sender tells it", rule=rule, name=name)]


def _origins(trace: Trace, policy: Policy) -> list[Part]:
    """Of the oldest alert that is kept: the one that opened it knew what its key was made of."""
    incident, alert = trace.incident, trace.oldest
    return origins(
        incident.place,
        alert.labels if alert else {},
        policy.labels,
        of_url=alert.default_labels if alert else {},
        of_file=policy.labels.defaults.get(incident.source, {}),
    )


def _part(part: Part, source: str) -> str:
    told = {"part": t(_PARTS[part.name]), "value": data(part.value, _LONGEST)}
    match part.origin:
        case Origin.LABEL:
            return t("• {part} `{value}`, from the label `{label}`", label=data(part.label, _LONGEST), **told)
        case Origin.URL:
            return t("• {part} `{value}`, from the address that {source} sends to", source=words.source(source), **told)
        case Origin.FILE:
            return t("• {part} `{value}`, from `bongsu.yaml` (`sources`)", **told)
        case Origin.SENDER:
            return t("• {part} `{value}`: no label names one, so the sender stands in for it", **told)
        case _:
            return t("• {part} `{value}`: today's settings would not tell it, they have changed since", **told)


def _missing(place: Place, kind: AlertKind, labels: LabelMap) -> list[str]:
    """The parts that nothing told, with the labels that could have."""
    if kind is not AlertKind.DATA:
        return []
    return [
        t(
            "• {part}: none of the labels that could tell it is there ({labels})",
            part=t(label),
            labels=_some(labels, name),
        )
        for name, label in _PARTS.items()
        if not getattr(place, name)
    ]


def _some(labels: LabelMap, part: str) -> str:
    names: tuple[str, ...] = getattr(labels, part)
    more = ", …" if len(names) > _MOST_LABELS else ""
    return ", ".join(f"`{data(name, _LONGEST)}`" for name in names[:_MOST_LABELS]) + more
