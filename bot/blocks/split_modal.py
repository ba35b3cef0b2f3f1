"""The form that gives some series of an incident one of their own."""

from collections.abc import Sequence

from bot.blocks.clicks import CallbackId, Target, button_value
from bot.blocks.kit import LONGEST_BUTTON, input_block, modal, plain, section
from bot.blocks.text import one_line
from bot.language import t
from bot.message import Block
from incidents.model import Series

SERIES_FIELD = "incident_split_series"
"""The block and the action of the choice."""
MOST_OPTIONS = 100


def split_modal(target: Target, series: Sequence[Series]) -> Block:
    """Of more series than Slack shows in one list, people search."""
    element: Block = {"action_id": SERIES_FIELD, "placeholder": plain(t("Which series?"), 150)}
    if len(series) <= MOST_OPTIONS:
        element |= {"type": "multi_static_select", "options": split_options(series)}
    else:
        element |= {"type": "multi_external_select", "min_query_length": 0}
    field = input_block(
        SERIES_FIELD,
        label=t("Which series leave {name}?", name=target.name),
        element=element,
        hint=t("At least one that fires; at least one stays."),
    )
    about = t(
        "They get an incident of their own, as grave as {name} and with the same owner, and stay in it while it is "
        "open. Merging it back undoes it.",
        name=target.name,
    )
    return modal(
        callback_id=CallbackId.SPLIT,
        title=t("Split {name}", name=target.name),
        submit=t("Split"),
        private_metadata=button_value(target),
        blocks=[section("about", about), field],
    )


def split_options(series: Sequence[Series], *, query: str = "") -> list[Block]:
    """At most as many as Slack takes, those whose names contain the query."""
    wanted = one_line(query).casefold()
    found = [one for one in series if wanted in one.name.casefold()]
    return [{"text": plain(_name(one), LONGEST_BUTTON), "value": one.key} for one in found[:MOST_OPTIONS]]


def _name(series: Series) -> str:
    name = one_line(series.name) or series.key[:12]
    return f"🔴 {name}" if series.is_firing else f"✅ {name}"
