"""What can be wrong with API keys. The words are for whoever runs Bongsu."""

from datetime import datetime

from incidents.access.model import KeyRole
from incidents.errors import BongsuError, Refused


class KeyNotFound(BongsuError):
    """No key of this tenant has that id, or name."""

    def __init__(self, ref: int | str) -> None:
        told = f"with id {ref}" if isinstance(ref, int) else f"named {ref[:100]!r}"
        super().__init__(f"There is no API key {told}: `bongsu apikey list` shows which there are.")


class KeyNameTaken(Refused):
    """Names tell keys apart, on the timeline and in the audit log."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an API key named {name!r} already: choose another name, or revoke it first.")


class AlreadyRevoked(Refused):
    """It opens nothing any more."""

    def __init__(self, name: str, at: datetime) -> None:
        super().__init__(f"The API key {name!r} was revoked already.")
        self.name, self.at = name, at


class RoleTooHigh(Refused):
    """A key makes no key that may do more than itself."""

    def __init__(self, wanted: KeyRole, own: KeyRole) -> None:
        super().__init__(f"A key of the role {own.value} can't make one of the role {wanted.value}.")
