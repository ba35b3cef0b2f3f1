"""The file of the rows that could not be taken, and why: one JSON object a line."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from base import codec
from bongsu.takeover.alerts import plain
from incidents.errors import InvalidInput


class Refusals:
    """Nothing is written, and no file is made, until the first. What an earlier run left there is replaced.

    Where this run ends and has refused nothing, ``forget_earlier`` removes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def add(self, table: str, id_: object, reason: str, values: Mapping[str, Any]) -> None:
        """Raises InvalidInput where the file can't be made."""
        told = {name: plain(value) for name, value in values.items()}
        if self._file is None:
            self._file = self._made()
        self._file.write(codec.dumps({"table": table, "id": plain(id_), "reason": reason, "row": told}) + "\n")
        self.count += 1

    def _made(self) -> TextIO:
        """Rows hold whatever labels hold: it is for its owner alone."""
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            problem = f"{self.path} can't be written ({error.strerror}): name a file in a folder that can be"
            raise InvalidInput("--refused", problem) from error
        return os.fdopen(file, "w", encoding="utf-8")

    def forget_earlier(self) -> None:
        """Raises InvalidInput where it can't be removed."""
        if self.count or not self.path.is_file():
            return
        try:
            self.path.unlink()
        except OSError as error:
            problem = f"{self.path} is of an earlier run, and can't be removed ({error.strerror}): remove it"
            raise InvalidInput("--refused", problem) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
