"""``bongsu webhook test``: what gets through, what does not, and why."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bongsu.cli import main
from tests.integration.outgoing.receiver import Receiver

Say = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def say(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs it in a thread, as the receiver needs the loop; its exit code and all that it said."""
    config = tmp_path / "bongsu.yaml"
    hook = f"url: 'http://127.0.0.1:{receiver.port}/hook', allow_private: true"
    sms = "template: twilio, key: 'a:b', to: '+1', from: '+2'"
    config.write_text(f"webhooks:\n  own: {{{hook}}}\n  sms: {{{hook}, {sms}}}\n", "utf-8")
    monkeypatch.setenv("BONGSU_CONFIG", str(config))

    async def run(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, ["webhook", "test", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


async def test_the_answer_is_told(say: Say, receiver: Receiver) -> None:
    assert await say("own") == (0, "✓ own: it answered 202\n")
    assert await say("own", "--resolve") == (0, "✓ own: it answered 202\n")
    assert [b'"action":"trigger"' in heard.body for heard in receiver.heard] == [True, False]
    assert await say("sms", "--resolve") == (0, "✓ sms: nothing was sent: it hears of pages alone\n")


async def test_what_is_wrong_is_told(say: Say, receiver: Receiver) -> None:
    receiver.next_answers(401)
    assert await say("own") == (1, "✗ own: it answered 401\n")
    receiver.next_answers(302, Location="http://169.254.169.254/")
    code, told = await say("own")
    assert code == 1
    assert "refused, it answered 302 and leads to http://169.254.169.254/, which is not followed" in told
    code, told = await say("onw")
    assert (code, "there is no webhook 'onw': did you mean 'own'?" in told) == (2, True)
