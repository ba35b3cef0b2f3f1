"""Taking out of alerts what must not be kept, before anything of them is stored.

What an incident is found by is read before: so fingerprints, incident keys and places are what they would be without.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, quote_plus

from base.codec import CodecError, dumps, loads
from base.records import replace
from incidents.model import Alert, Delivery, Links, RejectedDelivery, SourceAlert
from incidents.pattern import Pattern

REDACTED = "[redacted]"
LONGEST_FIND = 512
"""Characters: a longer part of a text is found as far as that."""
MOST_LOOKS = 200_000
"""Characters that are looked at for one text. A text that asks for more is redacted as a whole."""
WITHHELD = "(its body was not kept: nothing could be redacted in it)"
"""Stands at the end of why it was refused."""
_SHORTEST_SECRET = 4
"""Shorter values would be found in other words."""
_LABELS = frozenset({"labels", "commonLabels", "groupLabels", "tags"})
_ANNOTATIONS = frozenset({"annotations", "commonAnnotations"})
_IDENTITY = frozenset({"fingerprint", "ruleUID"})
"""By these a series is known again."""
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked for in texts. ``starts`` and ``ends``: only at the edge of a word."""

    pattern: Pattern
    starts: bool = False
    ends: bool = False

    def spans(self, text: str) -> list[tuple[int, int]] | None:
        """Where it is, leftmost first, the longest of each place. None: it would take too long to find out."""
        spans, place, looks = list[tuple[int, int]](), 0, 0
        while place < len(text):
            end = None
            if not self.starts or _is_edge(text, place):
                end, looked = self.pattern.reach(text, place, most=LONGEST_FIND)
                looks += looked
                if looks > MOST_LOOKS:
                    return None
            if end is not None and end > place and (not self.ends or _is_edge(text, end)):
                spans.append((place, end))
                place = end
            else:
                place += 1
        return spans


def _is_edge(text: str, place: int) -> bool:
    before = place > 0 and _WORD.match(text[place - 1]) is not None
    after = place < len(text) and _WORD.match(text[place]) is not None
    return before is not after


@dataclass(frozen=True, slots=True)
class Redaction:
    """One rule. ``label`` and ``annotation`` are globs of names, at most one of them; None: texts everywhere.

    ``found`` None: the whole value.
    """

    label: str | None = None
    annotation: str | None = None
    found: Found | None = None

    @property
    def is_everywhere(self) -> bool:
        return self.label is None and self.annotation is None


@dataclass(frozen=True, slots=True)
class _Terms:
    """The rules, and values that were redacted by their name, wherever else they stand."""

    rules: Sequence[Redaction]
    secrets: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, REDACTED)
        for rule in self.rules:
            if rule.is_everywhere and rule.found is not None:
                text = _without(text, rule.found)
        return text

    def named(self, texts: Mapping[str, Any], kind: str) -> dict[str, Any]:
        """Labels or annotations, by the rules of their names and by those of all texts."""
        return {name: self._value(name, value, kind) for name, value in texts.items()}

    def _value(self, name: str, value: Any, kind: str) -> Any:
        if not isinstance(value, str):
            return self.anything(value)
        for rule in self.rules:
            glob = getattr(rule, kind)
            if glob is not None and fnmatchcase(name, glob):
                value = REDACTED if rule.found is None else _without(value, rule.found)
        return self.text(value)

    def anything(self, value: Any) -> Any:
        """JSON as it came: labels and annotations are known by what they stand under."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {name: self._member(name, one) for name, one in value.items()}
            case list():
                return [self.anything(one) for one in value]
        return value

    def _member(self, name: str, value: Any) -> Any:
        if name in _IDENTITY and isinstance(value, str):
            return value
        if isinstance(value, Mapping) and name in _LABELS:
            return self.named(value, "label")
        if isinstance(value, Mapping) and name in _ANNOTATIONS:
            return self.named(value, "annotation")
        return self.anything(value)


def redacted(alerts: Sequence[Alert], rules: Sequence[Redaction]) -> list[Alert]:
    """After the rules have read where each is from, and before anything of it is stored."""
    return [replace(alert, told=_alert(alert.told, rules)) for alert in alerts]


def redacted_delivery(delivery: Delivery, rules: Sequence[Redaction]) -> Delivery:
    """Its envelope. Its alerts have their own way."""
    secrets = [one for told in delivery.alerts for one in _secrets(told.labels, told.annotations, rules)]
    terms = _Terms(rules, frozenset([*secrets, *_secrets_in(delivery.envelope, rules)]))
    return replace(delivery, envelope=terms.anything(dict(delivery.envelope)))


def redacted_refusal(rejected: RejectedDelivery, rules: Sequence[Redaction]) -> RejectedDelivery:
    """What is no JSON, or is packed, can't be looked through: nothing of it is kept."""
    try:
        told = loads(rejected.raw_body)
    except CodecError:
        return replace(rejected, error=f"{_Terms(rules).text(rejected.error)} {WITHHELD}", raw_body=b"")
    terms = _Terms(rules, frozenset(_secrets_in(told, rules)))
    body = dumps(terms.anything(told)).encode()
    headers = {
        name: str(len(body)) if name.lower() == "content-length" else value for name, value in rejected.headers.items()
    }
    return replace(rejected, error=terms.text(rejected.error), raw_body=body, headers=headers)


def _alert(told: SourceAlert, rules: Sequence[Redaction]) -> SourceAlert:
    terms = _Terms(rules, frozenset(_secrets(told.labels, told.annotations, rules)))
    links = {name: getattr(told.links, name) for name in Links.__match_args__}
    return replace(
        told,
        labels=terms.named(told.labels, "label"),
        annotations=terms.named(told.annotations, "annotation"),
        summary=terms.text(told.summary),
        links=Links(**{name: None if link is None else terms.text(link) for name, link in links.items()}),
        raw=terms.anything(dict(told.raw)),
    )


def _secrets(labels: Mapping[str, Any], annotations: Mapping[str, Any], rules: Sequence[Redaction]) -> Iterator[str]:
    """Values that are redacted by their name: as they are, and as they stand in URLs and JSON."""
    for rule in rules:
        if rule.found is not None:
            continue
        for glob, texts in ((rule.label, labels), (rule.annotation, annotations)):
            if glob is None:
                continue
            for name, value in texts.items():
                if isinstance(value, str) and len(value) >= _SHORTEST_SECRET and fnmatchcase(name, glob):
                    yield from {value, quote(value, safe=""), quote_plus(value), dumps(value)[1:-1]}


def _secrets_in(told: Any, rules: Sequence[Redaction]) -> Iterator[str]:
    """The same of JSON as it came."""
    match told:
        case Mapping():
            labels = [one for name, one in told.items() if name in _LABELS and isinstance(one, Mapping)]
            annotations = [one for name, one in told.items() if name in _ANNOTATIONS and isinstance(one, Mapping)]
            for one in labels:
                yield from _secrets(one, {}, rules)
            for one in annotations:
                yield from _secrets({}, one, rules)
            for value in told.values():
                yield from _secrets_in(value, rules)
        case list():
            for value in told:
                yield from _secrets_in(value, rules)


def _without(text: str, found: Found) -> str:
    spans = found.spans(text)
    if spans is None:
        return REDACTED
    if not spans:
        return text
    parts, place = list[str](), 0
    for start, end in spans:
        parts += [text[place:start], REDACTED]
        place = end
    return "".join([*parts, text[place:]])
