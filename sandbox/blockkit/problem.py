"""One thing that Slack would refuse."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer into what was checked ("" for the whole of it)."""

    pointer: str
    message: str

    def __str__(self) -> str:
        """As Slack writes it in `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer or '/'}]"

    def under(self, prefix: str) -> "Problem":
        return Problem(prefix + self.pointer, self.message)
