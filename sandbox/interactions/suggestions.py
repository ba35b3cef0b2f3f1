"""Somebody types into a select whose options the bot provides: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select

The payload: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.blockkit.composition import options_problems
from sandbox.errors import Refused
from sandbox.interactions import payloads
from sandbox.interactions.elements import Block, Element, find_element, view_state
from sandbox.interactions.outbound import Ack
from sandbox.people import User
from sandbox.sandbox import Sandbox
from sandbox.views import View
from sandbox.workspace import Workspace

Result = dict[str, Any]
TYPED_AT_LEAST = 3
"""Characters before Slack asks, unless the element says otherwise."""


async def suggest(
    sandbox: Sandbox, user: User, view: View, *, action_id: str, block_id: str | None, query: str
) -> Result:
    """What the bot offers for what was typed. `ack_error`: why Slack shows nothing of it."""
    block, element = _asked(view, action_id, block_id, query)
    payload = {
        **payloads.who_and_where("block_suggestion", user),
        "container": {"type": "view", "view_id": view.id},
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": query,
        "view": view.as_slack(view_state(view)),
    }
    ack = await sandbox.outbound.send("interactive", payload)
    refusal = _offer(ack, element, sandbox.workspace)
    return ack.as_control() | ({"ack_error": refusal} if refusal else {})


def _asked(view: View, action_id: str, block_id: str | None, query: str) -> tuple[Block, Element]:
    found = find_element(view.blocks, action_id, block_id)
    if found is None or not found[1]["type"].endswith("external_select"):
        raise Refused(404, f"the view has no select {action_id!r} whose options the bot provides")
    least = found[1].get("min_query_length", TYPED_AT_LEAST)
    if len(query) < least:
        raise Refused(409, f"Slack asks the bot from {least} characters on", least=least)
    return found


def _offer(ack: Ack, element: Element, slack: Workspace) -> str | None:
    """From now on these can be chosen."""
    if not ack.ok:
        return "the bot did not answer"
    body = ack.body if isinstance(ack.body, Mapping) else {}
    if problems := options_problems(body):
        return "; ".join(str(problem) for problem in problems)
    offered = slack.suggested.setdefault(element["action_id"], {})
    offered |= {option["value"]: option for option in _options(body)}
    return None


def _options(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from body.get("options", [])
    for group in body.get("option_groups", []):
        yield from group["options"]
