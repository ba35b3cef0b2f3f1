"""The small parts that need no server."""

import hashlib
import hmac

import pytest

from sandbox.errors import SlackError
from sandbox.faults import Fault, Faults
from sandbox.ids import Ids
from sandbox.signing import signed_headers
from sandbox.triggers import Triggers


def test_a_signature_is_the_hmac_of_version_time_and_body() -> None:
    headers = signed_headers("secret", 1_700_000_000, b"payload=x")
    digest = hmac.new(b"secret", b"v0:1700000000:payload=x", hashlib.sha256).hexdigest()
    assert headers == {
        "X-Slack-Request-Timestamp": "1700000000",
        "X-Slack-Signature": f"v0={digest}",
    }


def test_timestamps_rise_even_while_the_clock_stands_or_goes_back() -> None:
    times = iter([100.0, 100.0, 99.0, 100.5])
    ids = Ids(lambda: next(times))
    assert [ids.timestamp() for _ in range(4)] == ["100.000000", "100.000001", "100.000002", "100.500000"]


def test_the_first_fault_that_matches_is_used_up() -> None:
    faults = Faults()
    faults.add(Fault("chat.update", "html"))
    faults.add(Fault("*", "timeout", times=2))
    kinds = [getattr(faults.take(m), "kind", None) for m in ("chat.postMessage", "chat.update", "a", "b")]
    assert kinds == ["timeout", "html", "timeout", None]


@pytest.mark.parametrize(
    ("age", "used", "error"),
    [(3.0, False, None), (3.1, False, "expired_trigger_id"), (0.0, True, "exchanged_trigger_id")],
)
def test_a_trigger_is_good_for_three_seconds_and_one_view(age: float, used: bool, error: str | None) -> None:
    now = 1000.0
    triggers = Triggers(lambda: now, lives=3.0, new_id=lambda: "x")
    trigger = triggers.issue("U1")
    if used:
        triggers.use(trigger)
    now += age
    if error is None:
        assert triggers.check(trigger) == "U1"
    else:
        with pytest.raises(SlackError, match=error):
            triggers.check(trigger)
