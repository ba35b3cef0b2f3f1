import pytest

from sandbox.app import create_app
from sandbox.errors import SandboxError
from sandbox.settings import Timing, require_loopback


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com",
        "http://10.0.0.1:8080",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://0.0.0.0:8080",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "",
    ],
)
def test_the_sandbox_only_speaks_to_this_machine(url: str) -> None:
    with pytest.raises(SandboxError, match="only speaks to this machine"):
        create_app(app_url=url, signing_secret="s", public_url="http://127.0.0.1:9000")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://127.9.9.9"]
)
def test_every_name_of_this_machine_will_do(url: str) -> None:
    assert require_loopback(f"{url}/") == url


def test_without_a_word_slacks_own_times_hold() -> None:
    timing = Timing()
    assert (timing.acknowledge_within, timing.trigger_lives, timing.response_url_lives) == (3.0, 3.0, 1800.0)
    assert tuple(timing.event_retries) == (0.0, 60.0, 300.0)
    assert (timing.hold_for, timing.store_late_after) == (60.0, 2.0)
