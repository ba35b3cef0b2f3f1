"""An API key, as the API tells it: never its digest, its secret once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from incidents.access.making import LONGEST_LABEL
from incidents.access.model import LONGEST_NAME, ApiKey, KeyRole
from receiver.api.shapes import Asked, Paging, Text, Told

_LABELS = "What alerts that are sent with it have where they, and the URL that they are sent to, say nothing"

Label = Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_LABEL)]


class DefaultLabels(Asked):
    """Each may be left out."""

    cluster: Label | None = None
    namespace: Label | None = None
    service: Label | None = None
    phase: Label | None = None
    severity: Label | None = None

    @property
    def told(self) -> dict[str, str]:
        return {name: value for name, value in self if value is not None}


class KeyPath(Asked):
    key: int = Field(ge=1, lt=2**63, description="The key's `id`")


class KeysQuery(Paging):
    """Newest first."""


class NewKeyShape(Asked):
    """A key that is to be made."""

    name: Text = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        description="Tells it from others, on the timeline and in the audit log. No two valid keys have the same, and "
        "it is not of digits alone",
        examples=["grafana-prod"],
    )
    role: KeyRole = Field(description="What it may do: `ingest` sends webhooks; of the others each may do more")
    expires_at: AwareDatetime | None = Field(default=None, description="In the future; null: never")
    default_labels: DefaultLabels = Field(
        default_factory=DefaultLabels, description=_LABELS, examples=[{"cluster": "prod"}]
    )


class KeyShape(Told):
    """A key. What it is made of is not stored."""

    id: int
    name: str
    role: KeyRole
    hint: str = Field(description="Its last characters, by which people recognise it")
    default_labels: Mapping[str, str] = Field(description=_LABELS)
    created_at: datetime
    created_by: str = Field(description="A Slack user, `key:` and the name of a key, or `cli`")
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="Right to a minute; null: never")
    revoked_at: datetime | None
    revoked_by: str | None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyShape":
        return cls(**{name: getattr(key, name) for name in KeyShape.model_fields})


class MadeKeyShape(KeyShape):
    """A key that was made by this request."""

    secret: str | None = Field(
        description="The key itself, this once. Null where an Idempotency-Key was sent again: it is kept nowhere. Then "
        "revoke the key and make another, if its first answer never arrived",
        examples=["bongsu_rT0mJ1v3QmGZy0cW4Dq8sXb7uYk2LfNhPe5aVi6oUtE"],
    )

    @classmethod
    def made(cls, key: ApiKey, secret: str | None) -> "MadeKeyShape":
        return cls(**KeyShape.of(key).model_dump(), secret=secret)
