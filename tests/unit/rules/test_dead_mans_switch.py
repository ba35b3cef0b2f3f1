"""When Bongsu may say that it is alive."""

from datetime import datetime

import pytest

from incidents.rules.dead_mans_switch import Withheld, withheld
from tests.building import T0, minutes


@pytest.mark.parametrize(
    ("steps", "since", "why"),
    [
        (0, None, None),
        (0, minutes(-10), None),
        (0, minutes(-10.01), Withheld.SLACK_WAITS),
        (1, None, Withheld.STEPS_OVERDUE),
        (1, minutes(-11), Withheld.STEPS_OVERDUE),
    ],
)
def test_it_is_silent_while_others_can_not_rely_on_it(steps: int, since: datetime | None, why: Withheld | None) -> None:
    assert withheld(overdue_steps=steps, waiting_since=since, now=T0) is why
