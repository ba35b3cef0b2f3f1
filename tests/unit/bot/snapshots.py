"""Snapshots: what was rendered once and looked at. A missing one is a failure.

``BONGSU_UPDATE_SNAPSHOTS=1 pytest tests/unit/bot`` writes them anew; then read the diff.
"""

import json
import os
from pathlib import Path
from typing import Any

from bot.message import Message
from sandbox.blockkit import problems_in_message, problems_in_view

_HERE = Path(__file__).parent / "snapshots"


def expect_message(name: str, message: Message) -> None:
    """Slack takes it, its text fits, and it is what the snapshot shows."""
    shown = {"text": message.text, "blocks": message.blocks}
    assert problems_in_message(shown) == []
    assert 0 < len(message.text) <= 4000
    _expect(name, shown)


def expect_view(name: str, view: dict[str, Any]) -> None:
    """Slack takes the modal, and it is what the snapshot shows."""
    assert problems_in_view(view) == []
    _expect(name, view)


def _expect(name: str, shown: Any) -> None:
    path = _HERE / f"{name}.json"
    told = json.dumps(shown, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("BONGSU_UPDATE_SNAPSHOTS"):
        path.write_text(told, encoding="utf-8")
    assert path.exists(), f"there is no snapshot {path.name}: look at the message, then set BONGSU_UPDATE_SNAPSHOTS=1"
    assert told == path.read_text(encoding="utf-8")
