"""Whatever fires, is clicked, dies or fails, in any order: at rest nothing is lost, doubled or shown wrongly."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.effort import times
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.history import ACTS, History
from tests.integration.publisher.sleeper import Moment
from tests.integration.publisher.stage import Stage
from tests.migrated import unsynced

T = TypeVar("T")
POST, UPDATE = "chat.postMessage", "chat.update"
# Add Phase.shrink where one fails: it makes the example short, and takes minutes.
BOUNDED = settings(
    phases=[Phase.generate],
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    print_blob=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
UNSENT = ("ratelimited", "http_500", "html", "reset_before")
STORED = ("http_500_after", "html_after", "reset_after")
REFUSED = ("error:invalid_blocks", "error:internal_error", "error:odd")
AWAY = ("http_500", "reset_before", "error:invalid_auth")
alert = st.tuples(
    st.sampled_from("abcdef"), st.sampled_from(["warning", "warning", "error", "critical", "ends", "ends"])
)
"""Of which incident, and that it fires with this severity, or ends."""
hands = st.integers(0, 1)
incidents = st.integers(0, 5)
acts = st.sampled_from(sorted(ACTS))


class AnyHistory(RuleBasedStateMachine):
    """It runs in a thread of its own, and whatever it does in the event loop of the stage."""

    def __init__(self, stage: Stage, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._is_well = True
        self.history = self._do(History.begin(stage))
        self.stage = self.history.stage

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @initialize(alerts=st.lists(alert, min_size=1, max_size=8))
    def begins(self, alerts: list[tuple[str, str]]) -> None:
        self._arrive(alerts, reply_is_lost=False)

    @rule(alerts=st.lists(alert, min_size=1, max_size=3), reply_is_lost=st.booleans())
    def arrive(self, alerts: list[tuple[str, str]], reply_is_lost: bool) -> None:
        self._arrive(alerts, reply_is_lost=reply_is_lost)

    def _arrive(self, alerts: list[tuple[str, str]], *, reply_is_lost: bool) -> None:
        for name, what in alerts:
            if what == "ends":
                self._do(self.history.ends(name, reply_is_lost=reply_is_lost))
            else:
                self._do(self.history.fires(name, what, reply_is_lost=reply_is_lost))

    @rule(which=incidents, act=acts)
    def clicks(self, which: int, act: str) -> None:
        self._do(self.history.clicks(which, act))

    @rule(which=incidents, other=incidents)
    def merges(self, which: int, other: int) -> None:
        self._do(self.history.merges(which, other))

    @rule(minutes=st.sampled_from([0.1, 0.6, 2.5, 6, 12, 540]))
    def passes(self, minutes: float) -> None:
        self._do(self.history.passes(minutes))

    @rule()
    def calls_those_who_are_due(self) -> None:
        self._do(self.stage.escalate())

    @rule(seconds=st.integers(1, 4))
    def works(self, seconds: int) -> None:
        self._do(self.history.works(seconds))

    @rule(hand=hands)
    def claims_and_dies(self, hand: int) -> None:
        self._do(self.history.claims_and_dies(hand))

    @rule(hand=hands, moment=st.sampled_from(Moment), which=incidents, act=acts, oversleeps=st.booleans())
    def falls_asleep(self, hand: int, moment: Moment, which: int, act: str, oversleeps: bool) -> None:
        """While it shows what somebody wrote, they do more. If it oversleeps, its lease ends and the other goes on."""
        self._do(self.history.clicks(which, "note"))
        self._do(self.history.falls_asleep(hand, moment))
        if not self.history.sleepers:
            return
        self._do(self.history.clicks(which, act))
        if oversleeps:
            self._do(self.history.passes(0.6))
            self._do(self.history.works(3))

    @precondition(lambda self: self.history.sleepers)
    @rule(dies=st.sampled_from([True, False, False]))
    def wakes(self, dies: bool) -> None:
        self._do(self.history.dies() if dies else self.history.wakes())

    @rule(
        fault=st.one_of(
            st.tuples(st.sampled_from([POST, POST, UPDATE]), st.sampled_from(STORED)),
            st.tuples(st.sampled_from([POST, UPDATE, "*"]), st.sampled_from(UNSENT)),
            st.tuples(st.sampled_from([POST, UPDATE]), st.sampled_from(REFUSED)),
        )
    )
    def slack_fails_once(self, fault: tuple[str, str]) -> None:
        self._do(self.stage.breaks(*fault))

    @rule(kind=st.sampled_from(AWAY))
    def slack_goes_away_or_is_back(self, kind: str) -> None:
        self._do(self.stage.breaks("*", kind, times=None) if self._is_well else self.stage.heals())
        self._is_well = not self._is_well

    def teardown(self) -> None:
        self._do(self.history.comes_to_rest())
        self._do(self.history.check())


@pytest.mark.parametrize(("database", "examples"), [("sqlite", times(12)), ("mariadb", times(3))])
async def test_whatever_happens_all_comes_to_rest_and_slack_shows_the_truth(
    build: Build, database: str, examples: int, request: pytest.FixtureRequest
) -> None:
    stage = await build(url=request.getfixturevalue(f"migrated_{database}_url"), publishers=2)
    for hand in stage.hands:
        await unsynced(hand.transactions.engines).dispose()
    loop = asyncio.get_running_loop()
    bounded = settings(BOUNDED, max_examples=examples)
    await asyncio.to_thread(run_state_machine_as_test, lambda: AnyHistory(stage, loop), settings=bounded)
