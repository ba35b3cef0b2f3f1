"""A Dockerfile as a list of instructions by stage, and what of a folder its ``.dockerignore`` lets through.

As far as ours go: no heredocs, no ONBUILD, no flags but ``--from``. https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Instruction:
    """``flags`` are those before the rest: {"from": "build"}."""

    word: str
    rest: str
    flags: Mapping[str, str]

    @property
    def words(self) -> list[str]:
        """Of one that is written as a list, or as words with spaces between."""
        return list(map(str, json.loads(self.rest))) if self.rest.startswith("[") else shlex.split(self.rest)

    @property
    def pairs(self) -> dict[str, str]:
        """Of ENV, LABEL and ARG; what has no value has an empty one."""
        return {name: value for name, _, value in (word.partition("=") for word in self.words)}


@dataclass(frozen=True, slots=True)
class Stage:
    """``name`` is empty where it has none."""

    image: str
    name: str
    instructions: Sequence[Instruction]

    def all(self, word: str) -> list[Instruction]:
        return [one for one in self.instructions if one.word == word]

    def last(self, word: str) -> Instruction:
        """The one that counts. Raises IndexError where there is none."""
        return self.all(word)[-1]

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for one in self.all("ENV") for name, value in one.pairs.items()}


def parse(text: str) -> list[Stage]:
    stages: list[Stage] = []
    for instruction in _instructions(text):
        if instruction.word == "FROM":
            image, *named = instruction.words
            stages.append(Stage(image, named[1] if named else "", []))
        else:
            stages[-1] = Stage(stages[-1].image, stages[-1].name, [*stages[-1].instructions, instruction])
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.partition(" ")
        flags: dict[str, str] = {}
        while flag := re.match(r"--(\w[\w-]*)=(\S+)\s+", rest):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        yield Instruction(word.upper(), rest.strip(), flags)


def let_through(paths: Sequence[str], ignore: str) -> list[str]:
    """Those of ``paths`` that Docker is sent. The last pattern that matches a path, or a folder above it, decides."""
    patterns = [line.strip() for line in ignore.splitlines() if line.strip() and not line.startswith("#")]
    rules = [(pattern.startswith("!"), _expression(pattern.lstrip("!"))) for pattern in patterns]
    return [path for path in paths if _passes(path, rules)]


def _passes(path: str, rules: Sequence[tuple[bool, re.Pattern[str]]]) -> bool:
    folders = [path, *map(str, PurePosixPath(path).parents)]
    passes = True
    for lets, expression in rules:
        if any(expression.fullmatch(one) for one in folders):
            passes = lets
    return passes


def _expression(pattern: str) -> re.Pattern[str]:
    """Of Docker's patterns: ``**/`` is any number of folders, ``*`` anything within one name."""
    parts = re.split(r"(\*\*/|\*)", pattern.strip("/"))
    said = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(said.get(part) or re.escape(part) for part in parts))
