"""Regular expressions that a team writes in ``bongsu.yaml``: of the whole value, in any case, in linear time.

Python's own ``re`` tries one way after the other, and some patterns have more ways than there is time. Here all ways
are gone at once, so each character of a value costs at most the pattern's size. What can't be done so, such as looking
ahead or back, is refused.
Source: https://swtch.com/~rsc/regexp/regexp1.html
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

LONGEST_PATTERN = 500
LONGEST_VALUE = 1024
"""A longer value matches no pattern."""

_MOST_STATES = 500
_MOST_PARTS = 5000
_DEEPEST = 20
_MOST_STEPS = 10_000
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}")
_KINDS = {"d", "D", "w", "W", "s", "S"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_WOULD_BE_SETS = frozenset("[&|~")
"""Inside a class, signs that ``re`` keeps for later use."""

Test = Callable[[str], object]
"""Whether a character, casefolded, is taken."""


class BadPattern(ValueError):
    """``at`` is the place in the pattern, from 0."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
        self.at = at


@dataclass(frozen=True, slots=True)
class _One:
    test: Test


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Any:
    ways: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """``most`` None: without end."""

    body: "_Node"
    least: int
    most: int | None


_Node = _One | _All | _Any | _Repeat


class Pattern:
    """``text`` as it was written, without the slashes around it. Raises BadPattern."""

    __slots__ = ("_ids", "_machine", "_sets", "_start", "_steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._machine = _Machine.of(_Parser(text).parsed())
        self._forget()

    def matches(self, value: str) -> bool:
        """Whether the pattern describes the whole value, not only a part of it."""
        if len(value) > LONGEST_VALUE:
            return False
        at = self._start
        for char in value.casefold():
            after = self._steps.get((at, char))
            at = self._step(at, char) if after is None else after
            if not self._sets[at]:
                return False
        return self._machine.end in self._sets[at]

    def reach(self, text: str, start: int, *, most: int) -> tuple[int | None, int]:
        """Where the longest part ends that begins at ``start`` and that it describes; None: none does.

        And how many characters were looked at, which are at most ``most``. ``text`` may be of any length.
        """
        at, end, place = self._start, None, start
        until = min(len(text), start + most)
        while place < until:
            for char in text[place].casefold():
                after = self._steps.get((at, char))
                at = self._step(at, char) if after is None else after
            place += 1
            if not self._sets[at]:
                break
            if self._machine.end in self._sets[at]:
                end = place
        return end, place - start

    def _step(self, at: int, char: str) -> int:
        """What was found out is remembered: the same values come again and again."""
        states = self._sets[at]
        if len(self._steps) >= _MOST_STEPS:
            self._forget()
            at = self._id_of(states)
        after = self._id_of(self._machine.after(states, char))
        self._steps[at, char] = after
        return after

    def _id_of(self, states: frozenset[int]) -> int:
        if states not in self._ids:
            self._ids[states] = len(self._sets)
            self._sets.append(states)
        return self._ids[states]

    def _forget(self) -> None:
        self._ids: dict[frozenset[int], int] = {}
        self._sets: list[frozenset[int]] = []
        self._steps: dict[tuple[int, str], int] = {}
        self._start = self._id_of(self._machine.start)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


@dataclass(slots=True)
class _Machine:
    """States by number: each takes one character to ``onward[n]``, or is left for ``aside[n]`` without one."""

    tests: list[Test | None] = field(default_factory=list)
    onward: list[int] = field(default_factory=list)
    aside: list[tuple[int, ...]] = field(default_factory=list)
    start: frozenset[int] = frozenset()
    end: int = 0
    parts: int = 0

    @classmethod
    def of(cls, node: _Node) -> "_Machine":
        machine = cls()
        machine.end = machine._add()
        machine.start = machine._closed([machine._built(node, machine.end)])
        return machine

    def after(self, states: Iterable[int], char: str) -> frozenset[int]:
        return self._closed([self.onward[n] for n in states if (test := self.tests[n]) is not None and test(char)])

    def _closed(self, states: list[int]) -> frozenset[int]:
        found: set[int] = set()
        while states:
            state = states.pop()
            if state not in found:
                found.add(state)
                states.extend(self.aside[state])
        return frozenset(found)

    def _add(self, *aside: int, test: Test | None = None, onward: int = 0) -> int:
        if len(self.tests) >= _MOST_STATES:
            raise _too_much()
        self.tests.append(test)
        self.onward.append(onward)
        self.aside.append(aside)
        return len(self.tests) - 1

    def _built(self, node: _Node, then: int) -> int:
        """The state to begin this in; ``then`` is the state after it."""
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise _too_much()
        match node:
            case _One(test):
                return self._add(test=test, onward=then)
            case _All(parts):
                for part in reversed(parts):
                    then = self._built(part, then)
                return then
            case _Any(ways):
                return self._add(*(self._built(way, then) for way in ways))
            case _Repeat(body, least, most):
                then = self._looped(body, then) if most is None else self._optional(body, most - least, then)
                for _ in range(least):
                    then = self._built(body, then)
                return then

    def _looped(self, body: _Node, then: int) -> int:
        loop = self._add()
        self.aside[loop] = (self._built(body, loop), then)
        return loop

    def _optional(self, body: _Node, times: int, then: int) -> int:
        end = then
        for _ in range(times):
            then = self._add(self._built(body, then), end)
        return then


def _too_much() -> BadPattern:
    return BadPattern("it repeats too much: write smaller counts", 0)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def parsed(self) -> _Node:
        if len(self._text) > LONGEST_PATTERN:
            raise BadPattern(f"it is longer than {LONGEST_PATTERN} characters: write a shorter one", LONGEST_PATTERN)
        if self._text.startswith("^"):
            self._at = 1
        node = self._ways()
        if self._at < len(self._text):
            raise BadPattern(r"')' closes nothing: write \) for the sign itself", self._at)
        return node

    def _ways(self) -> _Node:
        ways = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else _Any(tuple(ways))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while (sign := self._peek()) and sign not in "|)":
            if sign == "$" and self._at == len(self._text) - 1:
                self._at += 1  # the whole value is matched in any case
            else:
                parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else _All(tuple(parts))

    def _atom(self) -> _Node:
        sign, at = self._peek(), self._at
        self._at += 1
        match sign:
            case "(":
                return self._group(at)
            case "[":
                return self._class(at)
            case ".":
                return _One(lambda _: True)
            case "\\":
                return self._escape(at)
            case "*" | "+" | "?" | "{":
                raise BadPattern(f"'{sign}' has nothing to repeat: write \\{sign} for the sign itself", at)
            case "^" | "$":
                raise BadPattern(f"'{sign}' stands in the middle: leave it out, the whole value is matched anyway", at)
            case _:
                return _literal(sign)

    def _group(self, at: int) -> _Node:
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif self._peek() == "?":
            raise BadPattern("'(?' can't be used: write a plain group, ( ). Case never counts", at)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadPattern("its groups are nested too deep: write it flatter", at)
        node = self._ways()
        if self._peek() != ")":
            raise BadPattern(r"'(' is never closed: add ')', or write \( for the sign itself", at)
        self._at += 1
        self._depth -= 1
        return node

    def _class(self, at: int) -> _Node:
        end = self._end_of_class(at)
        self._at = end + 1
        inner = self._text[at + 1 : end]
        if "--" in inner:
            raise BadPattern(f"'[{inner}]' has '--': write \\- for the sign itself", at)
        try:
            one = re.compile(f"[{_as_re_has_it(inner)}]", re.IGNORECASE)
        except re.error as error:
            raise BadPattern(
                f"'[{inner}]' is no class of characters ({error.msg}): write such as [a-z0-9]", at
            ) from error
        return _One(one.fullmatch)

    def _end_of_class(self, at: int) -> int:
        start = at + (2 if self._text.startswith("[^", at) else 1)
        place = start
        while place < len(self._text):
            if self._text[place] == "]" and place > start:
                return place
            place += 2 if self._text[place] == "\\" else 1
        raise BadPattern(r"'[' is never closed: add ']', or write \[ for the sign itself", at)

    def _escape(self, at: int) -> _Node:
        sign = self._peek()
        self._at += 1
        if sign in _KINDS:
            return _One(re.compile(f"\\{sign}").fullmatch)
        if sign in _CONTROLS:
            return _literal(_CONTROLS[sign])
        if not sign or sign.isalnum():
            raise BadPattern(f"'\\{sign}' can't be used: write \\d, \\w or \\s, or \\ before a sign such as .", at)
        return _literal(sign)

    def _repeated(self, node: _Node) -> _Node:
        at = self._at
        bounds = self._bounds()
        if bounds is None:
            return node
        if self._peek() == "?":
            self._at += 1  # how greedy it is makes no difference where all must match
        if self._peek() in {"*", "+", "?"} or (self._peek() == "{" and _COUNT.match(self._text, self._at)):
            raise BadPattern("two repetitions follow each other: write one", at)
        least, most = bounds
        if most is not None and most < least:
            raise BadPattern(f"'{{{least},{most}}}' has its bounds the wrong way round", at)
        return _Repeat(node, least, most)

    def _bounds(self) -> tuple[int, int | None] | None:
        sign = self._peek()
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign)
        if simple is not None:
            self._at += 1
            return simple
        if sign != "{":
            return None
        counted = _COUNT.match(self._text, self._at)
        if counted is None:
            raise BadPattern(r"'{' begins no count such as {2} or {1,3}: write \{ for the sign itself", self._at)
        self._at = counted.end()
        least = int(counted[1])
        if counted[2] is None:
            return least, least
        return least, int(counted[3]) if counted[3] else None

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]


def _literal(sign: str) -> _Node:
    """Casefolded, a few letters are two."""
    folded = tuple(_One(char.__eq__) for char in sign.casefold())
    return folded[0] if len(folded) == 1 else _All(folded)


def _as_re_has_it(inner: str) -> str:
    kept, escaped = [], False
    for sign in inner:
        kept.append(f"\\{sign}" if sign in _WOULD_BE_SETS and not escaped else sign)
        escaped = sign == "\\" and not escaped
    return "".join(kept)
