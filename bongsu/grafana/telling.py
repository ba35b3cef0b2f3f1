"""What ``setup`` says: what it would do, what it does, and what is left."""

from collections.abc import Iterable, Sequence

from bongsu.grafana.setup import Done
from bongsu.grafana.step import Outcome, Planned

_WORDS = {
    Outcome.CREATE: "new",
    Outcome.CHANGE: "change",
    Outcome.SECRET: "secret",
    Outcome.SAME: "same",
    Outcome.KEPT: "kept",
    Outcome.FAILED: "can't",
}
_COUNTED = {
    Outcome.CREATE: "to make",
    Outcome.CHANGE: "to change",
    Outcome.SECRET: "whose secret is written again",
    Outcome.SAME: "as wanted already",
    Outcome.KEPT: "kept as it is",
    Outcome.FAILED: "that can't be looked at",
}
_INDENT = " " * 8


def planned_line(one: Planned) -> str:
    """What is to be done about it, and below it how it differs."""
    note = f": {one.step.note}" if one.step.note else ""
    diff = "".join(f"{_INDENT}{line}\n" for line in one.step.diff.splitlines())
    return f"{_WORDS[one.step.outcome]:<7} {one.name}{note}\n{diff}"


def counted(planned: Iterable[Planned]) -> str:
    """``3 to make, 1 kept as it is``"""
    outcomes = [one.step.outcome for one in planned]
    told = [f"{outcomes.count(kind)} {words}" for kind, words in _COUNTED.items() if kind in outcomes]
    return ", ".join(told) or "nothing is wanted"


def ended(done: Done) -> str:
    """The rest of the line that began with its name."""
    if done.error is not None:
        return f"failed\n{_INDENT}{done.error}\n"
    return f"done{f', {done.remark}' if done.remark else ''}\n"


def left(planned: Sequence[Planned], all_done: Sequence[Done]) -> str:
    """All that was done and all that was not, after something failed; empty where nothing did."""
    unseen = [one for one in planned if one.step.outcome is Outcome.FAILED]
    if not unseen and all(done.error is None for done in all_done):
        return ""
    lines = ["", "not all is done:"]
    lines += [f"  ✓ {done.name}" for done in all_done if done.error is None]
    lines += [f"  ✗ {one.name}: {one.step.note}" for one in unseen]
    lines += [f"  ✗ {done.name}: {done.error}" for done in all_done if done.error is not None and done.tried]
    lines += [f"  · {done.name} was not tried: {done.error}" for done in all_done if not done.tried]
    lines.append("mend that and run the same again: it goes on from here, and does nothing twice")
    return "\n".join(lines) + "\n"
