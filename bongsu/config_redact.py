"""The section ``redact`` of ``bongsu.yaml``: what of alerts is never kept."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Self

from pydantic import Field, field_validator, model_validator

from bongsu.config_parts import Part
from bongsu.config_text import Way
from incidents.pattern import BadPattern, Pattern
from incidents.policy import LabelMap
from incidents.redaction import Found, Redaction

MOST_REDACTIONS = 50
_LONGEST_GLOB = 100
_EDGE = r"\b"


class RedactPart(Part):
    label: str | None = Field(default=None, min_length=1, max_length=_LONGEST_GLOB)
    annotation: str | None = Field(default=None, min_length=1, max_length=_LONGEST_GLOB)
    pattern: str | None = None

    @field_validator("pattern")
    @classmethod
    def _is_sound(cls, told: str | None) -> str | None:
        if told is not None and found(told).pattern.matches(""):
            raise ValueError(
                "it describes the empty text, which is everywhere: write what must be there, such as [0-9]+"
            )
        return told

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.label is None and self.annotation is None and self.pattern is None:
            raise ValueError('it says nothing: write label: "*token*", annotation: "…" or pattern: "…"')
        if self.label is not None and self.annotation is not None:
            raise ValueError("label and annotation in one rule: write a rule for each")
        return self

    def redaction(self) -> Redaction:
        return Redaction(self.label, self.annotation, None if self.pattern is None else found(self.pattern))


def found(text: str) -> Found:
    """``\\b`` may stand at its ends. Raises ValueError."""
    starts, ends = text.startswith(_EDGE), text.endswith(_EDGE) and len(text) > len(_EDGE)
    inner = text[len(_EDGE) if starts else 0 : -len(_EDGE) if ends else None]
    if not inner:
        raise ValueError("the expression is empty: write what must not be kept, such as [0-9]{16}")
    try:
        return Found(Pattern(inner), starts, ends)
    except BadPattern as error:
        place = error.at + 1 + (len(_EDGE) if starts else 0)
        raise ValueError(f"/{text}/ can't be used, at character {place}: {error}") from error


def redactions(parts: Sequence[RedactPart]) -> tuple[Redaction, ...]:
    return tuple(part.redaction() for part in parts)


def redact_faults(parts: Sequence[RedactPart], labels: LabelMap) -> list[tuple[Way, str]]:
    """What can't be seen in one rule alone."""
    faults: list[tuple[Way, str]] = []
    if len(parts) > MOST_REDACTIONS:
        faults.append((("redact",), f"there are {len(parts)} rules: {MOST_REDACTIONS} are the most"))
    read = sorted({*labels.cluster, *labels.namespace, *labels.service, *labels.phase, *labels.severity})
    for place, part in enumerate(parts):
        kept = next((name for name in read if part.label is not None and fnmatchcase(name, part.label)), None)
        if kept is not None:
            problem = f"'{kept}' says what an incident is about, and would be read all the same: write a narrower name"
            faults.append((("redact", place, "label"), problem))
    return faults
