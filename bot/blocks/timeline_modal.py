"""The form behind the shortcut "Add to incident": which incident, and the words that will stand on its timeline."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import words
from bot.blocks.clicks import CallbackId, choice_value
from bot.blocks.kit import LONGEST_BUTTON, context, input_block, modal, plain
from bot.blocks.text import one_line, person
from bot.language import t
from bot.message import Block
from incidents.model import Incident
from incidents.threads import LONGEST_TEXT, Spoken

INCIDENT_FIELD = "incident"
"""The block and the action of the search."""
MOST_OPTIONS = 100
_WORDS = "words"


@dataclass(frozen=True, slots=True)
class Where:
    """Which message a form is about. ``thread_ts`` ``""``: it stands in no thread. Its words travel beside it."""

    channel_id: str
    ts: str
    thread_ts: str
    author: str
    is_clipped: bool
    files: int


def timeline_modal(said: Spoken, *, thread_ts: str, chosen: Incident | None, is_private: bool) -> Block:
    """``chosen`` is so at first, None: none. ``is_private``: not all may read it."""
    where = [said.channel_id, said.ts, thread_ts, said.author, said.is_clipped, said.files]
    search: Block = {
        "type": "external_select",
        "action_id": INCIDENT_FIELD,
        "placeholder": plain(t("Number, service or title"), 150),
        "min_query_length": 0,
    }
    blocks = [
        input_block(
            INCIDENT_FIELD,
            label=t("Which incident?"),
            element=search | ({"initial_option": _option(chosen)} if chosen else {}),
            hint=t("Everybody sees it on the incident's timeline, and in its thread."),
        ),
        context("author", f"{person(said.author)}{words.asides(files=said.files, clipped=said.is_clipped)}"),
        *_preview(said),
    ]
    if is_private:
        warning = t("This is from a private conversation: whoever sees the incident will read it.")
        blocks.append(context("private", f"⚠ {warning}"))
    return modal(
        callback_id=CallbackId.ADD_TO_INCIDENT,
        title=t("Add to incident"),
        submit=t("Add"),
        private_metadata=json.dumps(where, separators=(",", ":")),
        blocks=blocks,
    )


def read_where(private_metadata: str) -> Where | None:
    """None: no form of ours, or of a version that we don't know."""
    try:
        channel, ts, thread_ts, author, is_clipped, files = json.loads(private_metadata)
        return Where(str(channel), str(ts), str(thread_ts), str(author), bool(is_clipped), int(files))
    except (ValueError, TypeError):
        return None


def read_words(view: dict[str, Any]) -> str:
    """What the person saw as they submitted: Slack sends the form back with it."""
    found = [block for block in view.get("blocks", []) if block.get("block_id") == _WORDS]
    return str(found[0]["text"]["text"]) if found else ""


def _preview(said: Spoken) -> list[Block]:
    if not said.text:
        return []
    return [{"type": "section", "block_id": _WORDS, "text": plain(said.text, LONGEST_TEXT) | {"emoji": False}}]


def timeline_options(incidents: Sequence[Incident]) -> list[Block]:
    """Of the search, as many as Slack takes."""
    return [_option(incident) for incident in incidents[:MOST_OPTIONS]]


def _option(incident: Incident) -> Block:
    """``INC-12 · CRITICAL · Checkout 5xx above 5 %``, without markup: an option's text is plain."""
    title = one_line(incident.title) or one_line(incident.alert_name)
    told = " · ".join(part for part in (incident.name, words.gravity(incident), title) if part)
    return {"text": plain(told, LONGEST_BUTTON), "value": choice_value(incident)}
