"""Failpoints do what they are told at the pass they are told, and nothing otherwise."""

import ast
import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from base import failpoints
from base.failpoints import Action, Armed, Failpoint, FailpointError, SpellingError
from tests.unit.test_house import MODULES

HERE = Failpoint.INTAKE_COMMITTED


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm(())


def passes_that_fail(many: int) -> list[int]:
    """Which of so many passes raise."""
    failed = []
    for number in range(1, many + 1):
        try:
            failpoints.passed(HERE)
        except FailpointError:
            failed.append(number)
    return failed


def named_in(module: Path) -> set[str]:
    """The failpoints that the module's code names."""
    return {
        node.attr
        for node in ast.walk(ast.parse(module.read_bytes()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Failpoint"
    }


def test_every_failpoint_is_named_in_one_module_of_the_program() -> None:
    passed = [name for module in MODULES if module.stem != "failpoints" for name in named_in(module)]
    assert sorted(passed) == sorted(Failpoint.__members__)


def test_unarmed_a_pass_does_nothing() -> None:
    assert passes_that_fail(5) == []
    assert not failpoints.is_armed(*Failpoint)


def test_it_acts_at_the_pass_it_was_told_and_no_other() -> None:
    failpoints.arm([Armed(HERE, Action.ERROR, 3)])
    assert passes_that_fail(9) == [3]


def test_with_a_plus_it_acts_again_and_again() -> None:
    failpoints.arm([Armed(HERE, Action.ERROR, 3, repeats=True)])
    assert passes_that_fail(9) == [3, 6, 9]


def test_another_place_is_left_alone() -> None:
    failpoints.arm([Armed(Failpoint.INTAKE_STORED, Action.ERROR, 1)])
    assert passes_that_fail(5) == []


@pytest.mark.parametrize(("action", "number"), [(Action.KILL, signal.SIGKILL), (Action.STOP, signal.SIGSTOP)])
def test_a_signal_goes_to_the_process_itself(
    monkeypatch: pytest.MonkeyPatch, action: Action, number: signal.Signals
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    failpoints.arm([Armed(HERE, action, 1)])
    failpoints.passed(HERE)
    assert sent == [(os.getpid(), number)]


@dataclass
class Given:
    number: int
    is_settled: bool = False

    async def settle(self) -> None:
        self.is_settled = True


async def test_at_the_end_of_work_its_result_is_kept_until_the_pass() -> None:
    async def double(given: Given) -> int:
        assert not given.is_settled
        return 2 * given.number

    assert failpoints.at_the_end_of(double, HERE) is double
    failpoints.arm([Armed(HERE, Action.ERROR, 2)])
    work = failpoints.at_the_end_of(double, HERE)
    assert await work(Given(2)) == 4
    given = Given(2)
    with pytest.raises(FailpointError):
        await work(given)
    assert given.is_settled


def test_being_armed_is_said_aloud(caplog: pytest.LogCaptureFixture) -> None:
    failpoints.arm([Armed(HERE, Action.KILL, 3), Armed(Failpoint.CLOCK_STORED, Action.STOP, 1, repeats=True)])
    [said] = caplog.records
    assert (said.levelno, said.__dict__["action"]) == (logging.WARNING, "failpoints_armed")
    assert said.__dict__["failpoints"] == "intake.committed=kill@3, clock.stored=stop@1+"


@pytest.mark.parametrize(
    "text", ["", " ", "intake.committed=kill@3", "intake.committed=kill@3, clock.stored=error@12+"]
)
def test_what_is_written_is_what_is_meant(text: str) -> None:
    assert ", ".join(map(str, failpoints.parse(text))) == text.strip()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("intake.comitted=kill@3", "there is no failpoint 'intake.comitted': write one of intake.body_read, "),
        ("intake.committed=die@3", "'die' is no action: write one of kill, stop, error"),
        ("intake.committed=kill", "'intake.committed=kill' is no failpoint: write name=action@pass, such as "),
        ("intake.committed=kill@0", "is no failpoint: write name=action@pass"),
        ("intake.committed=kill@3,", "'' is no failpoint"),
        ("intake.committed=kill@1,intake.committed=stop@2", "'intake.committed' is there twice"),
    ],
)
def test_what_can_not_be_meant_is_refused_with_what_to_write(text: str, why: str) -> None:
    with pytest.raises(SpellingError) as refused:
        failpoints.parse(text)
    assert why in str(refused.value)
