"""The blocks of one message, modal or Home tab, and what must hold among them."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sandbox.blockkit.blocks import EVERYWHERE, IN_MESSAGES
from sandbox.blockkit.check import by_type
from sandbox.blockkit.problem import Problem

Surface = Literal["message", "modal", "home"]

MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN_CHARACTERS = 12_000

_IN_MESSAGE = by_type(lambda: IN_MESSAGES)
_IN_VIEW = by_type(lambda: EVERYWHERE)

Block = Mapping[str, Any]


def problems_in_blocks(blocks: Any, surface: Surface) -> list[Problem]:
    """What Slack would refuse. Pointers start at the list: `/0/text/text`."""
    if not isinstance(blocks, list):
        return [Problem("", "must provide an array")]
    return list(_problems(blocks, surface))


def _problems(blocks: list[Any], surface: Surface) -> Iterator[Problem]:
    if len(blocks) > MOST_BLOCKS[surface]:
        yield Problem("", f"no more than {MOST_BLOCKS[surface]} items allowed")
    check = _IN_MESSAGE if surface == "message" else _IN_VIEW
    for index, block in enumerate(blocks):
        yield from check(block, f"/{index}")
    known = [(f"/{index}", block) for index, block in enumerate(blocks) if isinstance(block, Mapping)]
    yield from _repeated_block_ids(known)
    yield from _repeated_action_ids(known)
    yield from _focus(known)
    yield from _one_table(known)
    yield from _markdown(known)


def _repeated_block_ids(blocks: list[tuple[str, Block]]) -> Iterator[Problem]:
    seen = set()
    for pointer, block in blocks:
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield Problem(f"{pointer}/block_id", f'block_id "{block_id}" already exists')
        elif isinstance(block_id, str):
            seen.add(block_id)


def _repeated_action_ids(blocks: list[tuple[str, Block]]) -> Iterator[Problem]:
    for pointer, block in blocks:
        seen = set()
        for where, element in elements_of(block):
            action_id = element.get("action_id")
            if isinstance(action_id, str) and action_id in seen:
                yield Problem(f"{pointer}{where}/action_id", f'action_id "{action_id}" already exists')
            elif isinstance(action_id, str):
                seen.add(action_id)


def _focus(blocks: list[tuple[str, Block]]) -> Iterator[Problem]:
    focused = [
        f"{pointer}{where}/focus_on_load"
        for pointer, block in blocks
        for where, element in elements_of(block)
        if element.get("focus_on_load") is True
    ]
    for pointer in focused[1:]:
        yield Problem(pointer, "only one element may have focus_on_load")


def _one_table(blocks: list[tuple[str, Block]]) -> Iterator[Problem]:
    tables = [pointer for pointer, block in blocks if block.get("type") == "table"]
    for pointer in tables[1:]:
        yield Problem(pointer, "only_one_table_allowed")


def _markdown(blocks: list[tuple[str, Block]]) -> Iterator[Problem]:
    """The limit holds for all markdown blocks of a message together; each alone was checked before."""
    total = 0
    for pointer, block in blocks:
        text = block.get("text")
        if block.get("type") == "markdown" and isinstance(text, str):
            total += len(text)
            if len(text) <= MOST_MARKDOWN_CHARACTERS < total:
                message = f"markdown blocks together must be less than {MOST_MARKDOWN_CHARACTERS + 1} characters"
                yield Problem(f"{pointer}/text", message)


def elements_of(block: Block) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(pointer within the block, element) of everything in it that can be pressed, chosen or filled in."""
    for name in ("accessory", "element"):
        if isinstance(block.get(name), Mapping):
            yield f"/{name}", block[name]
    elements = block.get("elements")
    if block.get("type") == "actions" and isinstance(elements, list):
        for index, element in enumerate(elements):
            if isinstance(element, Mapping):
                yield f"/elements/{index}", element
