"""Grafana's legacy dashboard alerting, before Grafana 9, at the same address as its unified alerting.

Shape: https://github.com/grafana/grafana/blob/v8.5.27/pkg/services/alerting/notifiers/webhook.go. What it decides:

- A rule is in one state at a time, and a body tells it: one alert, of the rule. ``evalMatches`` says which series were
  over the threshold at that moment, an ``ok`` lists none: so they identify nothing and only illustrate.
- The rule, and its own tags, make the fingerprint. ``no_data`` has a fingerprint of its own, because a rule that can't
  see is another thing than one that alarms, and neither may hide the other. What is neither any more has ended as both:
  ``ok`` and ``paused`` make two alerts. The end of something that never was is stored and changes nothing.
- When it began is never told, so ``starts_at`` is None.
- ``title`` comes from a template; an image is neither fetched nor shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from incidents.model import AlertKind, AlertStatus, Links, Resolution, SourceAlert
from receiver.errors import WrongShape
from receiver.sources import fingerprint, kind
from receiver.sources.links import web_url
from receiver.sources.normalised import Normalised
from receiver.sources.number import finite
from receiver.sources.sender import address, sender
from receiver.sources.shape import in_words
from receiver.sources.summary import summary
from receiver.sources.text import as_text, clean, one_line, shortened, text_map

PREFIX = "legacy:"
"""Before the number of a rule: unified alerting's rules have uids, which may be numbers, too."""

_RULE_KEYS = frozenset({"ruleId", "ruleName", "ruleUrl", "rule_url"})
_LONGEST_RULE = 400
_TEST_NAME = "Test notification"
_TEST_MESSAGE = "Someone is testing the alert notification within"
_DASHBOARDS = ("/d/", "/d-solo/", "/dashboard/", "/dashboard-solo/")

_STATES = {
    "alerting": (AlertStatus.FIRING, None),
    "no_data": (AlertStatus.FIRING, None),
    "ok": (AlertStatus.RESOLVED, None),
    "paused": (AlertStatus.RESOLVED, Resolution.PAUSED),
}


def is_legacy(body: Mapping[str, Any]) -> bool:
    """Whether it has the shape: unified alerting's always has ``alerts``."""
    if "alerts" in body:
        return False
    return "evalMatches" in body or ("state" in body and not _RULE_KEYS.isdisjoint(body))


def normalise(body: Mapping[str, Any]) -> Normalised:
    """Raises WrongShape, which names the field. All of the body is the alert's; nothing is left for the envelope."""
    state = _state(body.get("state"))
    told = _alert(body, state)
    blind = replace(told, kind=AlertKind.NO_DATA, fingerprint=_of_blindness(body, told.rule_uid))
    alerts = {"alerting": (told,), "no_data": (blind,)}.get(state, (told, blind))
    return Normalised(envelope={}, alerts=alerts, sender=_sender(body))


def _of_blindness(body: Mapping[str, Any], uid: str) -> str:
    """No rule is called like this: a uid is on one line."""
    return fingerprint.derived(_tags(body), f"{uid}\nno_data")


def _state(value: Any) -> str:
    if isinstance(value, str) and value in _STATES:
        return value
    problem = "it is missing" if value is None else f"this is {in_words(value)}"
    raise WrongShape("state", f'"alerting", "ok", "no_data" or "paused" is needed, {problem}')


def _alert(body: Mapping[str, Any], state: str) -> SourceAlert:
    uid = _rule_uid(body)
    name = one_line(_text(body.get("ruleName"))) or uid
    about = _kind(body, state)
    status, reason = _STATES[state]
    annotations = {"message": clean(message)} if (message := _text(body.get("message"))) else {}
    tags = _tags(body)
    return SourceAlert(
        status=status,
        fingerprint=fingerprint.derived(tags, uid),
        rule_uid=uid,
        alert_name=name,
        starts_at=None,
        ends_at=None,
        labels={**_agreed(body), **tags},
        annotations=annotations,
        metric_values=_values(body),
        summary=summary(annotations, kind.in_words(about, name, annotations)),
        links=Links(source=web_url(_rule_url(body))),
        raw=body,
        kind=about,
        state_reason=reason,
    )


def _kind(body: Mapping[str, Any], state: str) -> AlertKind:
    if state == "no_data":
        return AlertKind.NO_DATA
    return AlertKind.TEST if _is_test(body) else AlertKind.DATA


def _is_test(body: Mapping[str, Any]) -> bool:
    """The rule of the test button has the number 0, or in later versions any, and always the same words."""
    said = _text(body.get("message")).casefold().startswith(_TEST_MESSAGE.casefold())
    return body.get("ruleName") == _TEST_NAME and (said or body.get("ruleId") in (0, None))


def _rule_uid(body: Mapping[str, Any]) -> str:
    number = body.get("ruleId")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int | str)):
        raise WrongShape("ruleId", f"a whole number is needed, this is {in_words(number)}")
    told = one_line(as_text(number)) if number else ""
    if not told or told == "0":
        told = one_line(_rule_url(body)) or one_line(_text(body.get("ruleName")))
    if not told:
        raise WrongShape("ruleId", "it is missing, and so are ruleUrl and ruleName: nothing says which rule it is")
    return PREFIX + shortened(told, _LONGEST_RULE)


def _rule_url(body: Mapping[str, Any]) -> str:
    """The oldest versions write it with an underscore."""
    return _text(body.get("ruleUrl")) or _text(body.get("rule_url"))


def _tags(body: Mapping[str, Any]) -> dict[str, str]:
    """The rule's own: an object, or null or "" where it has none."""
    told = body.get("tags")
    if told is None or told == "":
        return {}
    if not isinstance(told, dict):
        raise WrongShape("tags", f"an object is needed, this is {in_words(told)}")
    return text_map(told)


def _matches(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    told = body.get("evalMatches")
    yield from (one for one in told if isinstance(one, dict)) if isinstance(told, list) else ()


def _agreed(body: Mapping[str, Any]) -> dict[str, str]:
    """The tags that all matches have, with the same value."""
    told = [text_map(tags) if isinstance(tags := one.get("tags"), dict) else {} for one in _matches(body)]
    first = told[0] if told else {}
    return {name: value for name, value in first.items() if all(tags.get(name) == value for tags in told)}


def _values(body: Mapping[str, Any]) -> dict[str, float | None]:
    """By metric; of a metric that several matches have, the one that is largest in magnitude."""
    values: dict[str, float | None] = {}
    for one in _matches(body):
        name, number = clean(_text(one.get("metric"))), finite(one.get("value"))
        before = values.get(name)
        if before is None or (number is not None and abs(number) > abs(before)):
            values[name] = number
    return values


def _sender(body: Mapping[str, Any]) -> str:
    """Rules are numbered from 1 in each Grafana. Versions before 7 tell the organisation only in the rule's link."""
    url = _rule_url(body)
    organisation = body.get("orgId")
    return sender(_organisation(url) if organisation is None else organisation, _root(url))


def _root(url: str) -> str:
    """Where that Grafana is: before what leads to one of its dashboards."""
    where = address(url)
    cuts = [at for part in _DASHBOARDS if (at := f"{where}/".find(part)) >= 0]
    return where[: min(cuts)] if cuts else where


def _organisation(url: str) -> int | None:
    try:
        told = parse_qs(urlsplit(url).query).get("orgId", [""])[0]
    except ValueError:  # http://[bad
        return None
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
