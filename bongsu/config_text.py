"""``bongsu.yaml`` as text: what it says, and in which line and column it says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

KEY = "[key]"
"""The end of a way that leads to a key, not to its value. It is pydantic's word."""

Way = Sequence[int | str]
"""Keys and places in lists that lead to something in the file."""

_MENDS = (
    ("character '\\t'", "a tab stands where only blanks may: write blanks"),
    ("that cannot start any token", "write the value in quotes"),
    ("unknown escape character", "in double quotes YAML reads backslashes: write single quotes, such as '/v\\d+/'"),
    ("mapping values are not allowed", "write a value that has ': ' in it in quotes, and see that keys stand one "
     "below the other"),
    ("could not find expected ':'", "write ': ' after the key"),
    ("expected <block end>", "see that what belongs together stands one below the other"),
    ("expected ',' or", "close the bracket, and write a value that has brackets or commas in it in quotes"),
    ("expected the node content", "close the bracket, and write a value that has brackets or commas in it in quotes"),
    ("undefined alias", "'*' begins an alias: write the value in quotes"),
    ("scanning an alias", "'*' begins an alias: write the value in quotes"),
    ("scanning an anchor", "'&' begins an anchor: write the value in quotes"),
    ("scanning a tag", "'!' begins a tag: write the value in quotes"),
    ("constructor for the tag", "'!' begins a tag: write the value in quotes"),
    ("but found another document", "leave '---' out: it is one document"),
    ("end of stream", "close the quotes or the bracket"),
    ("unhashable key", "a key must be text: write it in quotes"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """From 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with the YAML itself, at ``way`` as far as that is known."""

    spot: Spot
    problem: str
    way: Way = ()


@dataclass(frozen=True, slots=True)
class Text:
    """``said`` None: nothing, or nothing that can be read; then ``flaws`` say why. Ways lead through ``root``."""

    said: Any
    root: Node | None
    flaws: Sequence[Flaw] = field(default=())

    def spot(self, way: Way) -> Spot:
        """Where this stands; of what is missing, where it should."""
        node, spot = self.root, Spot(1, 1) if self.root is None else _spot(self.root)
        for part in way:
            if isinstance(node, MappingNode) and part != KEY:
                found = [(key, value) for key, value in node.value if _says(key, part)]
                if not found:
                    break
                key, node = found[-1]
                leads_to_key = way[-1] == KEY or _is_empty(node)
                spot = _spot(key) if leads_to_key else _spot(node)
            elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                spot = _spot(node)
            else:
                break
        return spot

    def key_spot(self, way: Way) -> Spot:
        """Where the key of the last part stands."""
        return self.spot([*way, KEY])


def read_text(text: str) -> Text:
    """Never raises: what is wrong is among the flaws."""
    loader = yaml.SafeLoader("")
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        flaws = list(_repeated(root, (), set())) if root is not None else []
        said = None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        return Text(None, None, _unreadable(error, text))
    except RecursionError:
        return Text(None, None, [Flaw(Spot(1, 1), "it is nested too deep: write it flatter")])
    except ValueError as error:
        return Text(None, None, [Flaw(Spot(1, 1), f"it is no YAML: a number or date can't be read ({error})")])
    finally:
        loader.dispose()
    return Text(said, root, flaws)


def _unreadable(error: yaml.YAMLError, text: str) -> list[Flaw]:
    tabs = [
        Flaw(Spot(number, 1 + line.index("\t")), "a tab indents this line: write blanks")
        for number, line in enumerate(text.splitlines(), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    first = _syntax(error, text)
    return tabs if any(tab.spot.line == first.spot.line for tab in tabs) else sorted([*tabs, first], key=_place)


def _place(flaw: Flaw) -> tuple[int, int]:
    return flaw.spot.line, flaw.spot.column


def _syntax(error: yaml.YAMLError, text: str) -> Flaw:
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        column = len(before) - before.rfind("\n")
        return Flaw(Spot(before.count("\n") + 1, column), "a character stands here that no text has: delete it")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    spot = Spot(1, 1) if mark is None else Spot(mark.line + 1, mark.column + 1)
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    told = ", ".join(" ".join(part.split()) for part in parts if part) or "it can't be read"
    mend = next((mend for sign, mend in _MENDS if sign in told), "see that it is indented and quoted rightly")
    return Flaw(spot, f"it is no YAML ({told}): {mend}")


def _repeated(node: Node, way: Way, seen: set[int]) -> Iterator[Flaw]:
    """Keys that stand twice: YAML would take the last and say nothing."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for place, item in enumerate(node.value):
            yield from _repeated(item, (*way, place), seen)
    elif isinstance(node, MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            here = (*way, name)
            if name in lines and name != "<<":
                problem = f"'{name}' stands twice, first in line {lines[name]}: put them together, or delete one"
                yield Flaw(_spot(key), problem, here)
            lines.setdefault(name, _spot(key).line)
            yield from _repeated(value, here, seen)


def _says(key: Node, part: int | str) -> bool:
    return isinstance(key, ScalarNode) and key.value == str(part)


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.value and node.style is None


def _spot(node: Node) -> Spot:
    return Spot(node.start_mark.line + 1, node.start_mark.column + 1)
