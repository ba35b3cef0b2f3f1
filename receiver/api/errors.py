"""What can be wrong with a request to the API. Each message is for the person who wrote the client."""

from collections.abc import Mapping, Sequence
from typing import Any

from incidents.access.model import KeyRole, Scope
from incidents.errors import BongsuError, Refused

CHALLENGE = 'Bearer realm="bongsu"'


class NoKey(BongsuError):
    """There is no API key in the request, or it opens nothing; never quotes what was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}: send Authorization: Bearer <API key>, which `bongsu apikey create` makes")


class OutOfScope(BongsuError):
    """The key is valid, and made for something else."""

    def __init__(self, role: KeyRole, needed: Scope) -> None:
        super().__init__(f"this key has the role {role.value}, which does not allow {needed.value}")


class NotAllowed(BongsuError):
    """The person on whose behalf a key acts may not do that, or is none of ours."""


class PersonUnknown(BongsuError):
    """Slack has no such person in the workspace."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"Slack has no person {user_id} in this workspace: write a user id, such as U0ALICE")


class SlackAway(BongsuError):
    """Slack does not say who somebody is. Nothing was changed; try again in a moment."""

    def __init__(self) -> None:
        super().__init__("Slack can't be asked who that is: nothing was changed, try again in a moment")


class NoWorkspace(BongsuError):
    """No Slack workspace is connected to this organisation, so nobody can be named."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            "no Slack workspace is connected to this organisation, so it has no people: connect one by the address "
            f"that `bongsu tenant invite {slug}` prints"
        )


class FieldMistake(BongsuError):
    """Values that can't be used. ``errors``: for each, the field (``body.until``) and what is wrong with it."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(f"{one['field']}: {one['message']}" for one in errors[:3]))
        self.errors = errors


class BadJson(BongsuError):
    """The body is no JSON object."""


class NotJson(BongsuError):
    """The body's Content-Type says that it is no JSON."""

    def __init__(self, told: str) -> None:
        super().__init__(f"the body is {told[:100] or 'of no type'}: send Content-Type: application/json, in UTF-8")


class BadCursor(BongsuError):
    """It is none of ours, or belongs to another list."""

    def __init__(self) -> None:
        super().__init__("cursor: it was changed, or belongs to another list; without it the first page is answered")


class BadHeader(BongsuError):
    """A header that can't be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


class VersionChanged(BongsuError):
    """If-Match names a version that is no more. ``changed`` tells what has happened since then, oldest first."""

    def __init__(self, name: str, wanted: str, now: int, changed: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"{name} is at version {now}, not {wanted}: read it again. Nothing was changed.")
        self.now, self.changed = now, changed


class OtherRequest(Refused):
    """The Idempotency-Key was used for something else."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request: make a new one for each")


class BodyNotKept(BongsuError):
    """Only bodies of what was refused are kept, and of these not what nothing could be redacted in."""

    def __init__(self, delivery_id: int, *, is_withheld: bool = False) -> None:
        why = "nothing could be redacted in it, as `redact:` asks" if is_withheld else "only those of refused ones are"
        super().__init__(f"the body of delivery {delivery_id} is not kept: {why}")


class StillRefused(BongsuError):
    """What was refused once would be refused today, too."""

    def __init__(self, delivery_id: int, why: str) -> None:
        super().__init__(f"delivery {delivery_id} would be refused again: {why}")


class TooManyRequests(BongsuError):
    """The key has sent more than it may. ``wait``: seconds until the next one is taken. ``headers`` say so, too."""

    def __init__(self, wait: float, headers: Mapping[str, str]) -> None:
        super().__init__(f"this key has sent too many requests: wait {max(1, round(wait))} s")
        self.wait, self.headers = wait, headers


class TooManyUnknownKeys(TooManyRequests):
    """So many keys that open nothing came from one address that new ones are not looked for. Others still work."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait, {})
        self.args = (f"too many unknown API keys came from this address: wait {max(1, round(wait))} s",)
