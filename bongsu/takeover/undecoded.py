"""Text of theirs that is not UTF-8, such as CP949 in SQLite, which looks at no text that it is given."""

from typing import Union


class Undecoded(bytes):
    """Its bytes, as they are stored."""

    @classmethod
    def or_text(cls, stored: bytes) -> Union[str, "Undecoded"]:
        try:
            return stored.decode()
        except UnicodeDecodeError:
            return cls(stored)
