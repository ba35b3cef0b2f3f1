"""Variables of the environment as typed values. Every mistake names its variable and says what to write."""

from collections.abc import Mapping
from pathlib import Path

from incidents.errors import InvalidInput


class Environment:
    """Variables as typed values. Any secret also as ``…_FILE``, the path of a file that holds it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def has(self, name: str) -> bool:
        return bool(self._environ.get(name, "").strip())

    def optional(self, name: str, *, secret: bool = False) -> str | None:
        told = self._environ.get(name, "").strip() or None
        path = self._environ.get(f"{name}_FILE", "").strip() if secret else ""
        if not path:
            return told
        if told:
            raise InvalidInput(name, f"both it and {name}_FILE are set: keep one of them")
        return secret_in(f"{name}_FILE", Path(path))

    def secret_file(self, name: str) -> Path | None:
        """Where ``…_FILE`` says that it stands."""
        path = self._environ.get(f"{name}_FILE", "").strip()
        return Path(path) if path else None

    def text(self, name: str, default: str, *, secret: bool = False) -> str:
        return self.optional(name, secret=secret) or default

    def token(self, name: str, prefix: str, what: str) -> str | None:
        told = self.optional(name, secret=True)
        if told is not None and not told.startswith(prefix):
            raise InvalidInput(name, f"it does not begin with {prefix}: write {what}")
        return told

    def port(self, name: str, default: int) -> int:
        told = self.text(name, str(default))
        if not told.isdecimal() or not 0 <= int(told) <= 65535:
            raise InvalidInput(name, f"'{told}' is no port: write a number from 1 to 65535")
        return int(told)

    def number(self, name: str, default: int, *, of: str, least: int = 0, most: int = 1_000_000) -> int:
        told = self.text(name, str(default))
        if not (told.isascii() and told.isdecimal() and least <= int(told[:9]) <= most):
            raise InvalidInput(name, f"'{told}' is no number of {of}: write a whole number from {least} to {most}")
        return int(told)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        told = self.text(name, default).upper()
        if told not in choices:
            raise InvalidInput(name, f"'{told}' is not known: write one of {', '.join(choices)}")
        return told

    def flag(self, name: str) -> bool:
        told = self.text(name, "0").lower()
        if told not in {"0", "1", "true", "false", "yes", "no"}:
            raise InvalidInput(name, f"'{told}' is neither yes nor no: write 1 or 0")
        return told in {"1", "true", "yes"}

    def pair(self, name: str) -> tuple[str, str] | None:
        told = self.optional(name, secret=True)
        if told is None:
            return None
        user, colon, password = told.partition(":")
        if not (user and colon and password):
            raise InvalidInput(name, "it is not of the form user:password")
        return user, password


def secret_in(name: str, path: Path) -> str:
    """What the file holds. Raises InvalidInput, which names the setting ``name``."""
    try:
        told = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            name, f"{path} can't be read ({error.__class__.__name__}): write a file that holds it"
        ) from error
    if not told:
        raise InvalidInput(name, f"{path} is empty: write the secret into it")
    return told
