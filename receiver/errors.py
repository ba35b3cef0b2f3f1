"""Why a request was not taken. Each message is for the person who set up the sender; ``answers`` has the status."""

from collections.abc import Iterable

from incidents.errors import BongsuError, InvalidInput


class UnknownSource(BongsuError):
    """No normaliser has that name."""

    _WORDS = "there is no source {source!r}: send to {urls}"

    def __init__(self, source: str, known: Iterable[str]) -> None:
        urls = ", ".join(f"/webhooks/{name}" for name in sorted(known))
        super().__init__(self._WORDS.format(source=source[:64], urls=urls))


class NotSupportedYet(UnknownSource):
    """A monitoring system that is known by name, and whose alerts can't be read yet."""

    _WORDS = "/webhooks/{source} is not supported yet: this version of Bongsu takes {urls} only"


class UnknownHeartbeat(BongsuError):
    """No heartbeat has that name."""

    _MOST_NAMED = 10

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        more = ", …" if len(names) > self._MOST_NAMED else ""
        there = f"there are {', '.join(names[: self._MOST_NAMED])}{more}" if names else "none is configured"
        super().__init__(f"there is no heartbeat {name[:64]!r} in bongsu.yaml below 'heartbeats': {there}")


class Unauthorised(BongsuError):
    """No valid credential, or one that is wrong; never quotes what was sent. ``challenges`` go to WWW-Authenticate."""

    def __init__(self, reason: str, *, ways: Iterable[str] = (), challenges: Iterable[str] = ()) -> None:
        told = " or ".join(ways)
        super().__init__(f"{reason}; {f'accepted here: {told}' if told else 'no credential is configured here'}")
        self.reason = reason
        self.challenges = tuple(challenges)


class BodyRefused(BongsuError):
    """The body could not be read. ``start`` is as much of it as is worth keeping, raw."""

    def __init__(self, problem: str, *, start: bytes = b"") -> None:
        super().__init__(problem)
        self.start = start


class BodyTooLate(BodyRefused):
    """The body did not arrive in time."""

    def __init__(self, seconds: float, *, start: bytes = b"") -> None:
        super().__init__(f"the body did not arrive within {seconds:g} s", start=start)


class BodyTooLarge(BodyRefused):
    """More bytes than are taken, as sent or as unpacked."""

    def __init__(self, limit: int, *, start: bytes = b"", unpacked: bool = False) -> None:
        super().__init__(f"the body is larger than {limit} bytes{' when unpacked' if unpacked else ''}", start=start)


class BodyBroken(BodyRefused):
    """The bytes are not what Content-Encoding or Transfer-Encoding says."""


class SenderGone(BodyRefused):
    """The sender hung up before its body was complete: nobody reads the answer."""

    def __init__(self) -> None:
        super().__init__("the connection was closed before the body was complete")


class UnknownEncoding(BongsuError):
    """A Content-Encoding that is not unpacked here."""

    def __init__(self, encoding: str) -> None:
        super().__init__(f"Content-Encoding {encoding[:64]!r} is not supported: send gzip, deflate or nothing")


class TooMuchHeld(BongsuError):
    """As many requests, or bytes of them, wait for the database as may."""

    def __init__(self) -> None:
        super().__init__("too many requests are waiting for the database; send it again in a moment")


class WrongShape(InvalidInput):
    """The body is JSON, but not this source's. ``looks_like`` names the system that it seems to come from."""

    def __init__(self, field: str, problem: str, *, looks_like: str | None = None) -> None:
        super().__init__(field, problem)
        self.looks_like = looks_like
