"""The file of the rows that could not be taken, and why: one JSON object a line."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from base import codec
from bongsu.takeover.alerts import plain


class Refusals:
    """Nothing is written, and no file is made, until the first. What an earlier run left there is replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def add(self, table: str, id_: object, reason: str, values: Mapping[str, Any]) -> None:
        """Raises OSError."""
        told = {name: plain(value) for name, value in values.items()}
        if self._file is None:
            self._file = os.fdopen(
                os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            )
        self._file.write(codec.dumps({"table": table, "id": plain(id_), "reason": reason, "row": told}) + "\n")
        self.count += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
