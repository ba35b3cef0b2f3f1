"""Why an outgoing call has no answer."""

from incidents.errors import BongsuError


class Refused(BongsuError):
    """It may not be made, or not be followed further: trying again changes nothing.

    ``why`` is a half-sentence, ``mend`` what to write instead, "": nothing helps.
    """

    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(f"{why}: {mend}" if mend else why)
        self.why, self.mend = why, mend


class Redirected(Refused):
    """It answered with a redirect, which leads who knows where."""


class Unreachable(BongsuError):
    """Nobody answered in time, or the connection broke: another time it may work. ``code`` names it in metrics."""

    def __init__(self, why: str, code: str) -> None:
        super().__init__(why)
        self.code = code
