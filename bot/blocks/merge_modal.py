"""The form that merges an incident into another: a search with suggestions, and what will happen."""

from collections.abc import Sequence

from bot.blocks import words
from bot.blocks.clicks import CallbackId, Target, button_value, choice_value
from bot.blocks.kit import LONGEST_BUTTON, input_block, modal, plain, section
from bot.blocks.text import one_line
from bot.language import mark, t, tn
from bot.message import Block
from incidents.actions.merge import Foresight
from incidents.model import Incident
from incidents.rules.merge_suggestion import Likeness, Suggestion

INTO_FIELD = "incident_merge_into"
"""The block and the action of the search."""
MOST_OPTIONS = 100
MOST_SUGGESTIONS = 10

_LIKENESSES = {
    Likeness.SPLIT_FROM: mark("one was split from the other"),
    Likeness.SERVICE: mark("same service"),
    Likeness.RULE: mark("same rule"),
    Likeness.NAMESPACE: mark("same namespace"),
    Likeness.CLUSTER: mark("same cluster"),
    Likeness.START: mark("began at the same time"),
    Likeness.RATHER_CLOSE_START: mark("began about then"),
}


def merge_modal(target: Target, *, foresight: Foresight | None = None, problem: str | None = None) -> Block:
    """``foresight``: of the one that is chosen. ``problem``: why that one can't be, as harmless mrkdwn."""
    search = {
        "type": "external_select",
        "action_id": INTO_FIELD,
        "placeholder": plain(t("Number, service or title"), 150),
        "min_query_length": 0,
    }
    field = input_block(
        INTO_FIELD,
        label=t("Merge {name} into which incident?", name=target.name),
        element=search,
        hint=t("The likely ones are on top. Undo merge takes everything back."),
    )
    blocks = [field | {"dispatch_action": True}]
    if problem is not None:
        blocks.append(section("preview", f"⚠ {problem}"))
    elif foresight is not None:
        blocks.append(section("preview", *_preview(foresight)))
    return modal(
        callback_id=CallbackId.MERGE,
        title=t("Merge {name}", name=target.name),
        submit=t("Merge"),
        private_metadata=button_value(target),
        blocks=blocks,
    )


def merge_options(likely: Sequence[Suggestion], others: Sequence[Incident]) -> list[Block]:
    """Groups of options for the search: the likely ones with what speaks for them, then the others. Empty: none."""
    suggested = likely[:MOST_SUGGESTIONS]
    rest = [one for one in others if one.id not in {some.incident.id for some in suggested}]
    groups = (
        (t("Likely the same trouble"), [_option(one.incident, _why(one)) for one in suggested]),
        (t("Other open incidents"), [_option(one, "") for one in rest[: MOST_OPTIONS - len(suggested)]]),
    )
    return [{"label": plain(label, 75), "options": options} for label, options in groups if options]


def _why(suggestion: Suggestion) -> str:
    return ", ".join(t(_LIKENESSES[one]) for one in suggestion.likenesses)


def _option(incident: Incident, why: str) -> Block:
    place = one_line(incident.place.service)
    title = one_line(incident.title) or one_line(incident.alert_name)
    about = ": ".join(part for part in (place, title) if part)
    told = " · ".join(part for part in (incident.name, about) if part)
    option: Block = {"text": plain(told, LONGEST_BUTTON), "value": choice_value(incident)}
    return option | {"description": plain(why, LONGEST_BUTTON)} if why else option


def _preview(foresight: Foresight) -> list[str]:
    merged, into = foresight.merged, foresight.into
    moves = tn(
        "• {name} closes as merged, and its series moves to *{into}* ({title}).",
        "• {name} closes as merged, and its {count} series move to *{into}* ({title}).",
        foresight.series,
        name=merged.name,
        into=into.name,
        title=words.title(into),
    )
    return [
        moves,
        _severity(foresight),
        t("• {into}: {ownership}.", into=into.name, ownership=words.ownership(into)),
        t("• Later alerts of {name} go to {into} while that is open.", name=merged.name, into=into.name),
    ]


def _severity(foresight: Foresight) -> str:
    before, after = words.severity(foresight.into.severity), words.severity(foresight.severity)
    if before == after:
        return t("• {into} stays {severity}.", into=foresight.into.name, severity=after)
    return t("• {into} becomes {after}; it is {before}.", into=foresight.into.name, after=after, before=before)
