"""How states are called. Never by colour alone: the emoji stands beside the word."""

from bot.blocks.text import data, link, person
from bot.language import t, tn
from incidents.model import AlertKind, Event, Incident, Place, Resolution, Severity, Status
from incidents.rules.cluster import is_fallback

LONGEST_TITLE = 150
_LONGEST_PART = 60

_STATES = {Status.ACTIVE: ("🔴", "Active"), Status.ACKNOWLEDGED: ("🟠", "Acknowledged")}
_ENDS = {
    Resolution.RECOVERED: ("✅", "Recovered"),
    Resolution.MANUAL: ("✋", "Closed"),
    Resolution.NOISE: ("🔇", "Noise"),
    Resolution.MERGED: ("🔗", "Merged into another incident"),
    Resolution.STALE: ("⌛", "Stale, end unknown"),
    Resolution.NO_DATA: ("❔", "No data, not proven fixed"),
    Resolution.SOURCE_ERROR: ("❔", "The rule fails to evaluate, not proven fixed"),
    Resolution.SERIES_MISSING: ("❔", "Series missing, not proven fixed"),
    Resolution.PAUSED: ("❔", "Rule paused, not proven fixed"),
    Resolution.RULE_DELETED: ("❔", "Rule deleted, not proven fixed"),
    Resolution.RULE_CHANGED: ("❔", "Rule changed, not proven fixed"),
    Resolution.TEST: ("🧪", "Test, closed by itself"),
}
_UNEXPLAINED = ("✅", "Resolved")
_SOURCES = {"grafana": "Grafana", "datadog": "Datadog", "newrelic": "New Relic", "alertmanager": "Alertmanager"}


def severity(of: Severity) -> str:
    """``CRITICAL``; what no label explained is ``SEVERITY UNKNOWN``."""
    return "SEVERITY UNKNOWN" if of is Severity.UNKNOWN else of.value.upper()


def gravity(incident: Incident) -> str:
    """Its severity; a test has none."""
    return "TEST" if incident.kind is AlertKind.TEST else severity(incident.severity)


def emoji(incident: Incident) -> str:
    """🔴 nobody has it, 🟠 somebody has it, 🧪 nobody needs to, else how it ended."""
    if not incident.is_open:
        return ended(incident)[0]
    return "🧪" if incident.kind is AlertKind.TEST else _STATES[incident.status][0]


def state(incident: Incident) -> str:
    """``Active``, ``Acknowledged`` or ``Resolved``."""
    return _STATES[incident.status][1] if incident.is_open else "Resolved"


def ended(incident: Incident) -> tuple[str, str]:
    """(emoji, words) for how a resolved incident ended."""
    return _ENDS[incident.resolution] if incident.resolution else _UNEXPLAINED


def end_in_words(resolution: str) -> str:
    """The words for a resolution as the timeline stores it."""
    try:
        return _ENDS[Resolution(resolution)][1]
    except ValueError:
        return "Resolved"


def not_followed(alerts: int) -> str:
    """``12,000 alerts came of series that are not followed``; empty where none did."""
    return f"{alerts:,} {'alert' if alerts == 1 else 'alerts'} came of series that are not followed" if alerts else ""


def headline(incident: Incident) -> str:
    """``CRITICAL · Active · INC-142``, ``TEST · Active · INC-142``"""
    return f"{gravity(incident)} · {state(incident)} · {incident.name}"


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
    return f"via {named}" + (f", org {organisation}" if organisation not in {"", "1"} else "")


def place_in_words(of: Place) -> str:
    """``checkout in prod-a/pay``; empty where nothing is known."""
    service, where = data(of.service, _LONGEST_PART), "/".join(place(Place(of.cluster, of.namespace)))
    return " in ".join(part for part in (service, where) if part)


def ownership(incident: Incident) -> str:
    """``nobody has it``, ``<@U0ALICE> has it``, and who was asked but has not said yes."""
    if incident.status is Status.ACKNOWLEDGED:
        return f"{person(incident.owner)} has it"
    if incident.assignee:
        return f"assigned to {person(incident.assignee)}, who has not acknowledged it"
    return "nobody has it"


def note_text(event: Event | None) -> str:
    """What a person wrote, as written: a note's text, or the words given on resolving. Empty where there are none."""
    return str(event.data.get("text") or event.data.get("note") or "") if event else ""


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
