"""The form in which somebody declares an incident that no alert has told of."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from bot.blocks.clicks import CallbackId
from bot.blocks.kit import channel_input, line_input, modal, select_input, text_input
from bot.blocks.text import clip, one_line
from bot.blocks.words import severity
from bot.language import t
from bot.message import Block
from incidents.actions.declare import LONGEST_SERVICE, LONGEST_TITLE
from incidents.actions.note import LONGEST_NOTE
from incidents.model import Severity

TITLE, SERVICE, SEVERITY, CHANNEL, NOTE = "title", "service", "severity", "channel", "note"
_CHOICES = (Severity.CRITICAL, Severity.ERROR, Severity.WARNING, Severity.INFO)
_LONGEST_URL = 1000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the form was opened: ``link`` to a message; ``answer``, a response_url by which who opened it is told."""

    link: str | None = None
    answer: str | None = None


def declare_modal(title: str, *, origin: Origin) -> Block:
    """``title`` as somebody typed or wrote it; its beginning stands in the field."""
    fields = [
        line_input(
            TITLE,
            label=t("What is wrong?"),
            hint=t("In a few words, as others should read it."),
            limit=LONGEST_TITLE,
            value=clip(one_line(title), LONGEST_TITLE),
        ),
        select_input(
            SEVERITY,
            label=t("How grave is it?"),
            hint=t("It can be changed later."),
            options=[(severity(one), one.value) for one in _CHOICES],
            chosen=Severity.ERROR.value,
        ),
        line_input(
            SERVICE,
            label=t("Service"),
            hint=t("As your alerts name it: routes and figures go by it."),
            limit=LONGEST_SERVICE,
            optional=True,
        ),
        channel_input(
            CHANNEL, label=t("Channel"), hint=t("Where its card goes. Left empty, the routes decide, as for alerts.")
        ),
        text_input(NOTE, label=t("Note"), hint=t("What the others should know."), limit=LONGEST_NOTE, optional=True),
    ]
    return modal(
        callback_id=CallbackId.DECLARE,
        title=t("Declare an incident"),
        submit=t("Declare"),
        private_metadata=_metadata(origin),
        blocks=fields,
    )


def _metadata(origin: Origin) -> str:
    """Slack's own addresses are short; whatever is not is left out."""
    told = {name: url for name, url in asdict(origin).items() if url and len(url) <= _LONGEST_URL}
    return json.dumps(told, separators=(",", ":"))


def read_origin(metadata: str) -> Origin:
    """Empty where there is none."""
    try:
        told: Any = json.loads(metadata)
    except ValueError:
        return Origin()
    told = told if isinstance(told, dict) else {}
    return Origin(told.get("link"), told.get("answer"))
