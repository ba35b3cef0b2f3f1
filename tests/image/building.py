"""The Dockerfile's steps without Docker: in a folder that stands for the image's root, with this machine's Python.

Each path of the image becomes one below that folder. Both stages share it, since a virtual environment can't be moved:
what one stage takes from another must lie at the same place in both.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.image.dockerfile import Instruction, Stage

_FOLDERS = re.compile(r"(?<![\w./-])/(opt|src|data|tmp)(?=[/\s:]|$)")
_OF_THE_SYSTEM = {"groupadd", "useradd"}
"""What would change this machine; a test looks at what they say."""


@dataclass(slots=True)
class Building:
    """``root`` stands for the image's; ``files`` are those that Docker would be sent, below ``context``."""

    root: Path
    context: Path
    files: Sequence[str]
    arguments: Mapping[str, str]
    python: Path
    says: Callable[[str], object]
    environ: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("/")

    def build(self, stages: Sequence[Stage]) -> None:
        """Raises CalledProcessError where a step fails."""
        tools = self.root / "usr" / "bin"
        tools.mkdir(parents=True)
        (tools / "python").symlink_to(self.python)
        for folder in ("opt", "tmp"):
            (self.root / folder).mkdir()
        for stage in stages:
            kept = {name: value for name, value in os.environ.items() if name.startswith(_FROM_OUTSIDE)}
            self.environ = {**kept, "PATH": f"{tools}:/usr/bin:/bin", "HOME": str(self.root / "tmp")}
            for instruction in stage.instructions:
                self._do(instruction)

    def _do(self, instruction: Instruction) -> None:
        match instruction.word:
            case "WORKDIR":
                self.folder = Path(self.inside(instruction.rest))
                self.folder.mkdir(parents=True, exist_ok=True)
            case "ENV":
                self.environ |= {name: self._expanded(value) for name, value in instruction.pairs.items()}
            case "ARG":
                self.environ |= {name: self.arguments.get(name, value) for name, value in instruction.pairs.items()}
            case "COPY":
                self._copy(instruction)
            case "RUN":
                for step in instruction.rest.split("&&"):
                    self.says(f"RUN {step.strip()}")
                    self._run(step.strip())

    def _run(self, step: str) -> None:
        if step.split(maxsplit=1)[0] in _OF_THE_SYSTEM:
            return
        if os.geteuid() != 0:
            step = re.sub(r"--(owner|group)=\S+ ", "", step)
        command = ["/bin/sh", "-ec", self.inside(step)]
        subprocess.run(command, cwd=self.folder, env=self.environ, check=True, capture_output=True, text=True)

    def _copy(self, instruction: Instruction) -> None:
        *sources, target = instruction.words
        if "from" in instruction.flags:
            if sources != [target]:
                raise ValueError(f"{sources} would be moved to {target}: a virtual environment can't be")
            return
        for source in sources:
            for name in self._of(source):
                there = self.folder / (name if source == "." else Path(target) / Path(name).name)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.context / name, there)

    def _of(self, source: str) -> list[str]:
        found = list(self.files) if source == "." else [name for name in self.files if name == source]
        if not found:
            raise ValueError(f"COPY {source}: it is not there, or .dockerignore keeps it out")
        return found

    def inside(self, text: str) -> str:
        """With paths of the image as they are here."""
        return _FOLDERS.sub(rf"{self.root}/\1", text)

    def _expanded(self, value: str) -> str:
        return re.sub(r"\$(\w+)", lambda name: self.environ.get(name[1], ""), self.inside(value))


_FROM_OUTSIDE = ("LANG", "PIP_", "SSL_CERT_", "HTTPS_PROXY", "NO_PROXY")
"""How packages are had on this machine."""
