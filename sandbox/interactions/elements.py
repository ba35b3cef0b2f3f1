"""The elements that people press, choose and fill in: where they are, what they hold, what may be chosen.

Source of the shapes: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.blockkit.composition import offered_options
from sandbox.blockkit.surface import elements_of
from sandbox.errors import Refused
from sandbox.views import View
from sandbox.workspace import Workspace

Block = Mapping[str, Any]
Element = Mapping[str, Any]
Chosen = dict[tuple[str, str], dict[str, Any]]

_ONE_OPTION = ("static_select", "external_select", "radio_buttons")
_OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")
_TYPED = ("plain_text_input", "number_input", "email_text_input", "url_text_input")

# Where the state of an element stands, and which field of the element it starts from.
STATE: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_TYPED, ("value", "initial_value")),
    **dict.fromkeys(_ONE_OPTION, ("selected_option", "initial_option")),
    **dict.fromkeys(_OPTIONS, ("selected_options", "initial_options")),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}


def each_element(blocks: Iterable[Block]) -> Iterator[tuple[Block, Element]]:
    for block in blocks:
        for _, element in elements_of(block):
            if "action_id" in element:
                yield block, element


def find_element(blocks: Iterable[Block], action_id: str, block_id: str | None) -> tuple[Block, Element] | None:
    """The first with that action_id (in that block)."""
    for block, element in each_element(blocks):
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    return None


def is_many(element: Element) -> bool:
    return element["type"].startswith("multi_") or element["type"] in ("checkboxes", "file_input")


def starting_state(element: Element) -> dict[str, Any]:
    name, initial = STATE[element["type"]]
    return {"type": element["type"], name: element.get(initial, [] if is_many(element) else None)}


def state_of(blocks: Iterable[Block], chosen: Chosen) -> dict[str, Any]:
    """`state.values`: {block_id: {action_id: {type, …}}}. Buttons and overflows hold none."""
    values: dict[str, Any] = {}
    for block, element in each_element(blocks):
        if element["type"] in STATE:
            key = (block["block_id"], element["action_id"])
            held = chosen.get(key)
            fits = held is not None and held["type"] == element["type"]
            values.setdefault(key[0], {})[key[1]] = held if fits else starting_state(element)
    return values


def view_state(view: View) -> dict[str, Any]:
    return state_of(view.blocks, view.chosen)


def choose(element: Element, value: Any, slack: Workspace) -> dict[str, Any]:
    """What the element holds once `value` was chosen or typed. Raises Refused if it isn't offered."""
    kind = element["type"]
    if kind == "button":
        return {"value": element["value"]} if "value" in element else {}
    if kind == "overflow":
        return {"selected_option": _option(element, value, slack)}
    name = STATE[kind][0]
    if is_many(element):
        return {name: [_one(element, item, slack) for item in _listed(value)]}
    return {name: None if value in (None, "") else _one(element, value, slack)}


def _listed(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]


def _one(element: Element, value: Any, slack: Workspace) -> Any:
    kind = element["type"]
    if kind in _ONE_OPTION or kind in _OPTIONS:
        return _option(element, value, slack)
    if "users_select" in kind:
        return _person(value, slack)
    if "channels_select" in kind or "conversations_select" in kind:
        return _conversation(kind, value, slack)
    return int(value) if kind == "datetimepicker" and str(value).isdigit() else str(value)


def _option(element: Element, value: Any, slack: Workspace) -> Mapping[str, Any]:
    """By its value, or by an option object with that value: of those that the view or the bot has offered."""
    wanted = value.get("value") if isinstance(value, Mapping) else value
    if element["type"].endswith("external_select"):
        every = list(slack.suggested.get(element["action_id"], {}).values())
    else:
        every = list(offered_options(element))
    for option in every:
        if option["value"] == wanted:
            return option
    values = [option["value"] for option in every]
    raise Refused(409, f"{element['action_id']!r} offers no option with value {wanted!r}", offered=values)


def _person(value: Any, slack: Workspace) -> str:
    user = slack.user_named(str(value))
    if user is None:
        raise Refused(409, f"there is no user {value!r}")
    return user.id


def _conversation(kind: str, value: Any, slack: Workspace) -> str:
    if "conversations" in kind and str(value) in slack.users:
        return slack.direct_messages(str(value)).id
    channel = slack.channel_named(str(value))
    if channel is None:
        raise Refused(409, f"there is no channel {value!r}")
    return channel.id
