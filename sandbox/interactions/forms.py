"""Filling in and submitting a modal: what Slack's own client does and refuses to do."""

from collections.abc import Mapping
from typing import Any

from sandbox.errors import Refused
from sandbox.interactions.elements import STATE, Block, Chosen, Element, choose, each_element, view_state
from sandbox.views import View
from sandbox.workspace import Workspace

Inputs = list[tuple[Block, Element]]


def fill_in(view: View, values: Mapping[str, Any], slack: Workspace) -> None:
    """Puts `values` into the view. They may be in three shapes: Slack's `{block_id: {action_id: {…}}}`,
    `{block_id: value}` and `{action_id: value}`. Raises Refused for a field that the view doesn't have.
    """
    inputs = [(b, e) for b, e in each_element(view.blocks) if e["type"] in STATE]
    chosen: Chosen = {}
    for name, value in values.items():
        for block, element, one in _meant(inputs, name, value):
            held = {"type": element["type"], **choose(element, _plain(element, one), slack)}
            chosen[block["block_id"], element["action_id"]] = held
    view.chosen |= chosen


def _meant(inputs: Inputs, name: str, value: Any) -> list[tuple[Block, Element, Any]]:
    in_block = [(b, e) for b, e in inputs if b["block_id"] == name]
    by_action = {e["action_id"]: (b, e) for b, e in in_block}
    if in_block and isinstance(value, Mapping) and set(value) <= set(by_action):
        return [(*by_action[action_id], one) for action_id, one in value.items()]
    found = in_block[:1] or [(b, e) for b, e in inputs if e["action_id"] == name][:1]
    if not found:
        known = sorted({b["block_id"] for b, _ in inputs} | {e["action_id"] for _, e in inputs})
        raise Refused(422, f"the view has no input {name!r}", inputs=known)
    return [(*found[0], value)]


def _plain(element: Element, value: Any) -> Any:
    """The bare value out of Slack's `{type, value | selected_…}`."""
    name = STATE[element["type"]][0]
    return value[name] if isinstance(value, Mapping) and name in value else value


def require_answers(view: View) -> None:
    """Raises Refused(422) as Slack's client doesn't submit a form that is incomplete or wrong."""
    state = view_state(view)
    errors: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] == "input":
            element = block["element"]
            value = _plain(element, state[block["block_id"]][element["action_id"]])
            if problem := _problem(block, element, value):
                errors[block["block_id"]] = problem
    if errors:
        raise Refused(422, "Slack would not submit this form", errors=errors)


def _problem(block: Block, element: Element, value: Any) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    check = {
        "plain_text_input": _text_problem,
        "number_input": _number_problem,
        "email_text_input": _email_problem,
        "url_text_input": _url_problem,
    }.get(element["type"])
    return check(element, str(value)) if check else None


def _text_problem(element: Element, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter at most {most} characters." if len(value) > most else None


def _number_problem(element: Element, value: str) -> str | None:
    try:
        given = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not given.is_integer():
        return "Please enter a whole number."
    if given < float(element.get("min_value", "-inf")) or given > float(element.get("max_value", "inf")):
        return "Please enter a number in the allowed range."
    return None


def _email_problem(element: Element, value: str) -> str | None:  # noqa: ARG001 - a check like the others
    local, _, domain = value.partition("@")
    return None if local and "." in domain else "Please enter an email address."


def _url_problem(element: Element, value: str) -> str | None:  # noqa: ARG001
    return None if value.startswith(("http://", "https://")) else "Please enter a URL."
