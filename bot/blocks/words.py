"""How states are called. Never by colour alone: the emoji stands beside the word."""

from typing import NamedTuple

from bot.blocks.event_data import text_in
from bot.blocks.text import data, link, person
from bot.language import mark, t, tn
from incidents.model import AlertKind, Event, Incident, Place, Resolution, Severity, Status
from incidents.rules.cluster import is_fallback

LONGEST_TITLE = 150
_LONGEST_PART = 60
_LONGEST_KEY = 80


class _End(NamedTuple):
    """``words`` begin a line, ``inside`` stands within a sentence."""

    emoji: str
    words: str
    inside: str


_SEVERITIES = {
    Severity.CRITICAL: mark("CRITICAL"),
    Severity.ERROR: mark("ERROR"),
    Severity.WARNING: mark("WARNING"),
    Severity.INFO: mark("INFO"),
    Severity.UNKNOWN: mark("SEVERITY UNKNOWN"),
}
_STATES = {Status.ACTIVE: ("🔴", mark("Active")), Status.ACKNOWLEDGED: ("🟠", mark("Acknowledged"))}
_INSIDE = {
    Status.ACTIVE: mark("active"),
    Status.ACKNOWLEDGED: mark("acknowledged"),
    Status.RESOLVED: mark("resolved"),
}
_ENDS = {
    Resolution.RECOVERED: _End("✅", mark("Recovered"), mark("recovered")),
    Resolution.MANUAL: _End("✋", mark("Closed"), mark("closed")),
    Resolution.NOISE: _End("🔇", mark("Noise"), mark("noise")),
    Resolution.MERGED: _End("🔗", mark("Merged into another incident"), mark("merged into another incident")),
    Resolution.STALE: _End("⌛", mark("Stale, end unknown"), mark("stale, end unknown")),
    Resolution.NO_DATA: _End("❔", mark("No data, not proven fixed"), mark("no data, not proven fixed")),
    Resolution.SOURCE_ERROR: _End(
        "❔", mark("The rule fails to evaluate, not proven fixed"), mark("the rule fails to evaluate, not proven fixed")
    ),
    Resolution.SERIES_MISSING: _End(
        "❔", mark("Series missing, not proven fixed"), mark("series missing, not proven fixed")
    ),
    Resolution.PAUSED: _End("❔", mark("Rule paused, not proven fixed"), mark("rule paused, not proven fixed")),
    Resolution.RULE_DELETED: _End("❔", mark("Rule deleted, not proven fixed"), mark("rule deleted, not proven fixed")),
    Resolution.RULE_CHANGED: _End("❔", mark("Rule changed, not proven fixed"), mark("rule changed, not proven fixed")),
    Resolution.TEST: _End("🧪", mark("Test, closed by itself"), mark("test, closed by itself")),
}
UNPROVEN = frozenset(_ENDS) - {Resolution.RECOVERED, Resolution.MANUAL, Resolution.NOISE, Resolution.MERGED}
"""Ends that nobody has seen, told in words of their own."""
_UNEXPLAINED = _End("✅", mark("Resolved"), mark("resolved"))
_SOURCES = {"grafana": "Grafana", "datadog": "Datadog", "newrelic": "New Relic", "alertmanager": "Alertmanager"}


def severity(of: Severity) -> str:
    """``CRITICAL``; what no label explained is ``SEVERITY UNKNOWN``."""
    return t(_SEVERITIES[of])


def gravity(incident: Incident) -> str:
    """Its severity; a test has none."""
    return t("TEST") if incident.kind is AlertKind.TEST else severity(incident.severity)


def emoji(incident: Incident) -> str:
    """🔴 nobody has it, 🟠 somebody has it, 💤 snoozed, 🧪 nobody needs to, else how it ended."""
    if not incident.is_open:
        return ended(incident)[0]
    if incident.kind is AlertKind.TEST:
        return "🧪"
    return "💤" if incident.snoozed_until else _STATES[incident.status][0]


def state(incident: Incident) -> str:
    """``Active``, ``Acknowledged`` or ``Resolved``."""
    return t(_STATES[incident.status][1]) if incident.is_open else t("Resolved")


def status_inside(status: Status) -> str:
    """``active``, as it stands within a sentence."""
    return t(_INSIDE[status])


def condition(incident: Incident) -> str:
    """Its state as the card's headline tells it: ``Snoozed`` and ``Merged``, too."""
    if incident.is_open:
        return t("Snoozed") if incident.snoozed_until else state(incident)
    return t("Merged") if incident.resolution is Resolution.MERGED else state(incident)


def ended(incident: Incident) -> tuple[str, str]:
    """(emoji, words) for how a resolved incident ended."""
    end = _end(incident)
    return end.emoji, t(end.words)


def ended_inside(incident: Incident) -> str:
    """The words, as they stand within a sentence: ``recovered``."""
    return t(_end(incident).inside)


def _end(incident: Incident) -> _End:
    return _ENDS[incident.resolution] if incident.resolution else _UNEXPLAINED


def end_in_words(resolution: str) -> str:
    """The words for a resolution as the timeline stores it."""
    try:
        return t(_ENDS[Resolution(resolution)].words)
    except ValueError:
        return t("Resolved")


def not_followed(alerts: int) -> str:
    """``12,000 alerts came of series that are not followed``; empty where none did."""
    if not alerts:
        return ""
    return tn(
        "{count} alert came of series that are not followed",
        "{count} alerts came of series that are not followed",
        alerts,
    )


def headline(incident: Incident) -> str:
    """``CRITICAL · Active · INC-142``, ``TEST · Active · INC-142``"""
    return f"{gravity(incident)} · {condition(incident)} · {incident.name}"


def title(incident: Incident, limit: int = LONGEST_TITLE) -> str:
    """Harmless mrkdwn, never empty."""
    return data(incident.title, limit) or data(incident.alert_name, limit) or incident.name


def source(name: str) -> str:
    """The monitoring system as people call it: ``Grafana``. Harmless mrkdwn."""
    return _SOURCES.get(name) or data(name, _LONGEST_PART)


def place(of: Place) -> list[str]:
    """``["checkout", "prod-a/pay", "production"]``: harmless mrkdwn, what is missing is left out."""
    where = "/".join(data(part, _LONGEST_PART) for part in (cluster(of), of.namespace) if part.strip())
    named = (data(of.service, _LONGEST_PART), where, data(of.phase, _LONGEST_PART))
    return [part for part in named if part]


def cluster(of: Place) -> str:
    """As the labels name it; ``""`` where none does and the sender stands in for it (``1@grafana.example.com``)."""
    return "" if is_fallback(of.cluster) else of.cluster


def via(of: Place) -> str | None:
    """``via example.com``: which sender, where only that tells one cluster from another. None where a label does.

    ``1@grafana.example.com`` is its organisation and host; of two organisations the second is named, too.
    """
    if not is_fallback(of.cluster):
        return None
    organisation, _, host = of.cluster.partition("@")
    named = data(host.removeprefix("grafana.") or host, _LONGEST_PART)
    if organisation in {"", "1"}:
        return t("via {sender}", sender=named)
    return t("via {sender}, org {organisation}", sender=named, organisation=organisation)


def place_in_words(of: Place) -> str:
    """``checkout in prod-a/pay``; empty where nothing is known."""
    service, where = data(of.service, _LONGEST_PART), "/".join(place(Place(of.cluster, of.namespace)))
    return t("{service} in {place}", service=service, place=where) if service and where else service or where


def ownership(incident: Incident) -> str:
    """``nobody has it``, ``<@U0ALICE> has it``, and who was asked but has not said yes."""
    if incident.status is Status.ACKNOWLEDGED:
        return t("{person} has it", person=person(incident.owner))
    if incident.assignee:
        return t("assigned to {person}, who has not acknowledged it", person=person(incident.assignee))
    return t("nobody has it")


def note_text(event: Event | None) -> str:
    """What a person wrote, as written: a note's text, or the words given on resolving. Empty where there are none."""
    return str(event.data.get("text") or event.data.get("note") or "") if event else ""


def via_key(event: Event) -> str:
    """``via key ci``, where an API key acts for a person. Harmless mrkdwn; empty where they act themselves."""
    key = text_in(event, "via")
    return t("via key {name}", name=data(key, _LONGEST_KEY)) if key else ""


def aside(event: Event | None) -> str:
    """What belongs to a person's words and can't be read there: `` (2 files, edited)``. Harmless mrkdwn, or empty."""
    if event is None:
        return ""
    files, url = event.data.get("files"), str(event.data.get("link") or "")
    return asides(
        files=files if isinstance(files, int) and files > 0 else 0,
        clipped=bool(event.data.get("clipped")),
        edited=bool(event.data.get("edited")),
        url=url,
    )


def asides(*, files: int, clipped: bool, edited: bool = False, url: str = "") -> str:
    told = [
        _linked(url, tn("{count} file", "{count} files", files)) if files else "",
        _linked(url, t("the rest is in Slack")) if clipped else "",
        t("edited") if edited else "",
    ]
    parts = ", ".join(part for part in told if part)
    return f" ({parts})" if parts else ""


def _linked(url: str, label: str) -> str:
    return link(url, label) or label
