"""What can come between a command and the API. Each has the exit code that scripts tell it by."""

from incidents.errors import BongsuError


class ClientError(BongsuError):
    """``exit_code`` is what the command ends with."""

    exit_code = 1


class NotDone(ClientError):
    """The server has understood it, and refuses: there is no such incident, or its state does not allow it."""


class UsedWrongly(ClientError):
    """The key, or a value, can't be used."""

    exit_code = 2


class NotReached(ClientError):
    """No answer that counts: the server is away, busy, or something else. Try again later."""

    exit_code = 3
