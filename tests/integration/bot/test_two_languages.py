"""Each person is answered in the language that Slack tells of them, whatever the workspace's is."""

import pytest

from bot.language import spoken
from bot.listeners import slash
from bot.message import Message
from incidents.policy import Policy
from tests.integration.bot.workspace import ALICE, BOB, Workspace, until

CAROL = "U0CAROL"


@pytest.fixture
def policy() -> Policy:
    return Policy(language="ko")


async def speaks(workspace: Workspace, user: str, told: str) -> None:
    """Slack is asked in the background."""

    async def look() -> bool:
        return told in await workspace.command("help", user=user)

    await until(look)


@pytest.mark.parametrize(
    ("user", "understands", "already", "asks", "missing"),
    [
        (ALICE, "What `/incident` understands", "Already acknowledged by <@U0BOB>", "Note on INC-1", "There is no"),
        (CAROL, "`/incident` 사용법", "<@U0BOB> 님이", "INC-1 메모", "INC-99 인시던트가 없습니다."),
    ],
)
async def test_what_only_one_person_sees_is_in_their_language(
    workspace: Workspace, user: str, understands: str, already: str, asks: str, missing: str
) -> None:
    ts = await workspace.post_card(await workspace.has_incident())
    await workspace.click(ts, "incident_acknowledge", user=BOB)
    await speaks(workspace, user, understands)
    assert already in await workspace.command("ack 1", user=user)
    assert missing in await workspace.command("show 99", user=user)
    await workspace.click(ts, "incident_acknowledge", user=user)
    await workspace.is_told(already, user=user)
    await workspace.choose(ts, "note", user=user)
    assert (await workspace.modal(user))["title"]["text"] == asks


async def test_who_is_not_known_yet_is_answered_in_the_workspaces_language(workspace: Workspace) -> None:
    await workspace.do("faults", method="users.info", kind="timeout", times=None)
    assert "`/incident` 사용법" in await workspace.command("help", user=ALICE)


async def test_listeners_speak_the_language_of_whoever_acts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(*_: object, **__: object) -> Message:
        return Message(f"[{spoken()}]", [])

    monkeypatch.setattr(slash, "answer", answer)
    assert "[ko]" in await workspace.command("help", user=ALICE)

    await speaks(workspace, ALICE, "[en]")
    assert "[ko]" in await workspace.command("help", user=CAROL)
    assert spoken() == "en"
    await workspace.do("people", user=ALICE, locale="ko-KR")
    assert "[ko]" in await workspace.command("help", user=ALICE)
