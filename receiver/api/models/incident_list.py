"""Which incidents a client lists, and an incident with where it is shown."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from incidents.listing import IncidentsWanted, Sort
from incidents.model import Incident, Severity, Status
from incidents.search.words import MOST_WANTED, wanted_words
from receiver.api.models.incident import IncidentShape
from receiver.api.models.parameters import LATER, MOST_VALUES, Flag, Moment, Name, behind
from receiver.api.shapes import Paging, Text, Told

NOBODY = "none"
_ASSIGNEE = r"^(none|[UW][A-Z0-9]{1,30}|key:[^\x00-\x1f\x7f]{1,64})$"


def _has_words(text: str) -> str:
    """Raises ValueError."""
    words = wanted_words(text)
    if not words:
        raise ValueError("it has no word: write letters or digits")
    if len(words) > MOST_WANTED:
        raise ValueError(f"it has more than {MOST_WANTED} words")
    return text


class IncidentsQuery(Paging):
    """Filters narrow each other down; of several values of one filter any will do."""

    status: list[Status] | None = Field(default=None, max_length=MOST_VALUES)
    severity: list[Severity] | None = Field(default=None, max_length=MOST_VALUES)
    cluster: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    namespace: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    service: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    phase: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="Exactly as written")
    source: list[Name] | None = Field(default=None, max_length=MOST_VALUES, description="The monitoring system")
    noise: Flag | None = Field(default=None, description="Whether people marked it as noise")
    assignee: Annotated[str, StringConstraints(pattern=_ASSIGNEE)] | None = Field(
        default=None,
        description="Whom it is assigned to: the id of a Slack user, `key:` and the name of an API key, or `none`",
        examples=["U0ALICE", "key:ci", "none"],
    )
    text: Annotated[Text, AfterValidator(_has_words)] | None = Field(
        default=None,
        max_length=200,
        description="Words, or beginnings of words, that all occur in the title, the alert's name, the service, "
        "the namespace or the cluster; upper and lower case are the same",
        examples=["checkout 5xx"],
    )
    since: Moment | None = Field(default=None, description="`start_time` from then on")
    until: Annotated[Moment | None, behind("since")] = Field(
        default=None, description="`start_time` before then", examples=[LATER]
    )
    resolved_since: Moment | None = Field(default=None, description="`resolved_time` from then on")
    resolved_until: Annotated[Moment | None, behind("resolved_since")] = Field(
        default=None, description="`resolved_time` before then", examples=[LATER]
    )
    in_maintenance: Flag | None = Field(default=None, description="Whether a window of maintenance holds it now")
    snoozed: Flag | None = Field(default=None, description="Whether it is snoozed now")
    flapping: Flag | None = None
    sort: Sort = Field(
        default=Sort.NEWEST,
        description="`-` is falling. By `severity` the gravest come first, of these the newest. By `-resolved_time` "
        "only resolved ones are listed",
    )

    def wanted(self) -> IncidentsWanted:
        return IncidentsWanted(
            statuses=frozenset(self.status or ()),
            severities=frozenset(self.severity or ()),
            clusters=frozenset(self.cluster or ()),
            namespaces=frozenset(self.namespace or ()),
            services=frozenset(self.service or ()),
            phases=frozenset(self.phase or ()),
            sources=frozenset(self.source or ()),
            assignee=None if self.assignee == NOBODY else self.assignee,
            unassigned=self.assignee == NOBODY,
            words=wanted_words(self.text or ""),
            noise=self.noise,
            in_maintenance=self.in_maintenance,
            snoozed=self.snoozed,
            flapping=self.flapping,
            since=self.since,
            until=self.until,
            resolved_since=self.resolved_since,
            resolved_until=self.resolved_until,
        )


class CardShape(Told):
    """A message in Slack that shows the incident."""

    channel: str = Field(description="Slack's id of the channel", examples=["C0INCIDENTS"])
    ts: str = Field(description="Slack's id of the message in it")


class IncidentDetail(IncidentShape):
    """An incident, and where Slack shows it."""

    cards: list[CardShape]

    @classmethod
    def shown(cls, incident: Incident, places: list[tuple[str, str]]) -> Self:
        cards = [CardShape(channel=channel, ts=ts) for channel, ts in places]
        return cls(**dict(IncidentShape.of(incident)), cards=cards)
