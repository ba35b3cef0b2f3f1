import pytest

from sandbox.app import create_app
from sandbox.errors import SandboxError
from sandbox.settings import require_loopback


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
