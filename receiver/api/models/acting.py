"""What is sent to change an incident."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from incidents.actions.declare import LONGEST_SERVICE, LONGEST_TITLE
from incidents.actions.note import LONGEST_NOTE
from incidents.actions.timeline import LONGEST_SUMMARY
from incidents.model import Severity
from receiver.api.models.incident import IncidentRef
from receiver.api.shapes import Asked, Text, left_out
from receiver.api.times import Duration, Moment, require_one

LONGEST_REASON = 500
"""Characters; so many as the form in Slack takes."""
_MOST_SERIES = 1000

PersonId = Annotated[
    str,
    StringConstraints(pattern=r"^[UW][A-Z0-9]{1,30}$"),
    Field(description="A Slack user id", examples=["U024BE7LH"]),
]
ChannelId = Annotated[
    str,
    StringConstraints(pattern=r"^[CG][A-Z0-9]{1,30}$"),
    Field(description="The id of a Slack channel", examples=["C024BE91L"]),
]
SeriesRef = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Resolving(Asked):
    note: Text = Field(default="", max_length=LONGEST_NOTE, description="How it ended", examples=["rolled back"])


class NoiseReason(Asked):
    reason: Text = Field(default="", max_length=LONGEST_REASON, examples=["the probe is flaky"])


class Assignment(Asked):
    to: PersonId | None = Field(description="Who gets it; null: nobody")


class Snooze(Asked):
    """Either ``until`` or ``for``."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["until"]}, {"required": ["for"]}]})

    until: Moment = Field(default_factory=left_out, examples=["2026-12-01T09:00:00Z"])
    span: Duration = Field(default_factory=left_out, alias="for", examples=["2h"])

    @model_validator(mode="after")
    def _one(self) -> Self:
        require_one(self, {"until": "until", "span": "for"})
        return self

    def ends(self, now: datetime) -> datetime:
        return self.until if "until" in self.model_fields_set else now + self.span

    @property
    def field(self) -> str:
        return "body.until" if "until" in self.model_fields_set else "body.for"


class Note(Asked):
    text: Text = Field(min_length=1, max_length=LONGEST_NOTE, examples=["the pool was too small"])


class Entry(Asked):
    """Something that happened, as the timeline tells it."""

    text: Text = Field(min_length=1, max_length=LONGEST_NOTE, examples=["version 1.42 went live"])
    happened_at: Moment | None = Field(default=None, description="When; null: now")


class Summary(Asked):
    text: Text = Field(min_length=1, max_length=LONGEST_SUMMARY, examples=["a bad deployment, rolled back"])


class Merging(Asked):
    into: IncidentRef


class Splitting(Asked):
    series: list[SeriesRef] = Field(
        min_length=1,
        max_length=_MOST_SERIES,
        description="The keys or fingerprints of the series that get an incident of their own",
    )


class Declaring(Asked):
    title: Text = Field(min_length=1, max_length=LONGEST_TITLE, description="What is wrong, in a few words")
    severity: Severity
    service: Text = Field(default="", max_length=LONGEST_SERVICE)
    channel: ChannelId | None = Field(default=None, description="Where its card goes; null: where the routes say")
    note: Text = Field(default="", max_length=LONGEST_NOTE, description="Its first note")


class IncidentChanges(Asked):
    """Only what is named is changed, all of it or nothing."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    title: Text = Field(default_factory=left_out, min_length=1, max_length=LONGEST_TITLE)
    severity: Severity = Field(default_factory=left_out)
    assignee: PersonId | None = Field(default_factory=left_out, description="null: nobody")
    snoozed_until: Moment | None = Field(default_factory=left_out, description="null: it is woken")
    is_noise: bool = Field(default_factory=left_out, description="false: it is real after all")
    noise_reason: Text = Field(
        default_factory=left_out, max_length=LONGEST_REASON, description="Only with is_noise: true"
    )

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"there is nothing to change: name at least one of {', '.join(type(self).model_fields)}")
        if self.names("noise_reason") and not self.is_noise:
            raise ValueError("noise_reason belongs to is_noise: true")
        return self

    def names(self, field: str) -> bool:
        """Whether it is to be changed."""
        return field in self.model_fields_set
