"""Files that an app uploads: an address first, then the bytes, then where they are shown.

Source: https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

import mimetypes
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Upload:
    """`content` None: nothing was sent to its address yet. `is_complete`: it is shared, or kept by its owner alone."""

    id: str
    key: str
    name: str
    length: int
    alt_txt: str
    content: bytes | None = None
    title: str = ""
    is_complete: bool = False

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def as_slack(self, public_url: str) -> dict[str, Any]:
        """As files.completeUploadExternal and messages tell of it."""
        told = {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "size": self.length,
            "url_private": f"{public_url}/files/{self.id}",
        }
        return told | ({"alt_txt": self.alt_txt} if self.alt_txt else {})


class Uploads:
    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    def add(self, upload: Upload) -> None:
        self._uploads[upload.id] = upload

    def get(self, file_id: str) -> Upload | None:
        return self._uploads.get(file_id)

    def at(self, key: str) -> Upload | None:
        """By its upload address."""
        return next((one for one in self._uploads.values() if one.key == key), None)
