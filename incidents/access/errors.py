"""What can be wrong with API keys. The words are for whoever runs Bongsu."""

from datetime import datetime

from incidents.errors import BongsuError, Refused


class KeyNotFound(BongsuError):
    """No key of this tenant has that id."""

    def __init__(self, key_id: int) -> None:
        super().__init__(f"There is no API key with id {key_id}.")


class KeyNameTaken(Refused):
    """Names tell keys apart, on the timeline and in the audit log."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an API key named {name!r} already: choose another name, or revoke it first.")


class AlreadyRevoked(Refused):
    """It opens nothing any more."""

    def __init__(self, name: str, at: datetime) -> None:
        super().__init__(f"The API key {name!r} was revoked already.")
        self.name, self.at = name, at
