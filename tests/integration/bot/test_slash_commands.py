import asyncio

import pytest

from incidents.model import EventKind, Status
from tests.integration.bot.workspace import ALICE, BOB, Workspace


async def test_with_nothing_open_the_list_is_calm(workspace: Workspace) -> None:
    assert "Nothing is open." in await workspace.command("list")


async def test_the_list_names_what_is_open(workspace: Workspace) -> None:
    await workspace.has_incident()
    await workspace.has_incident(key="other", title="Queue <!channel> full")
    told = await workspace.command("list")
    assert "2 are open" in told
    assert "*Checkout 5xx above 5 %*" in told
    assert "<!channel>" not in told


async def test_a_long_list_says_how_many_more(workspace: Workspace) -> None:
    for number in range(23):
        await workspace.has_incident(key=f"k{number}", title="<" * 500)
    told = await workspace.command("list")
    assert "1–20 of 23" in told


async def test_show_tells_what_happened(workspace: Workspace) -> None:
    await workspace.has_incident()
    await workspace.command("note INC-1 looking at <it>")
    told = await workspace.command("show INC-1")
    assert "Checkout 5xx above 5 %" in told
    assert f"<@{ALICE}> noted: looking at &lt;it&gt;" in told
    assert "incident_acknowledge" not in told


@pytest.mark.parametrize(
    ("typed", "answer", "status"),
    [
        (["ack 1"], "INC-1 is yours.", Status.ACKNOWLEDGED),
        (["ack inc-1", "unack #1"], "INC-1 is active again", Status.ACTIVE),
        (["resolve 1 rolled back"], "INC-1 is resolved.", Status.RESOLVED),
        (["close 1", "reopen 1"], "INC-1 is open again: active.", Status.ACTIVE),
        (["noise 1 flaky"], "INC-1 is closed as noise.", Status.RESOLVED),
        (["noise 1", "real 1"], "INC-1 is no noise: active.", Status.ACTIVE),
        (["assign 1 @bob"], "INC-1 is given to <@U0BOB>.", Status.ACTIVE),
        (["assign 1 me"], "INC-1 is yours.", Status.ACTIVE),
        (["assign 1 me", "assign 1 nobody"], "INC-1 is given to nobody.", Status.ACTIVE),
        (["note 1 hello"], "Your note is on INC-1.", Status.ACTIVE),
    ],
)
async def test_every_verb_does_what_it_says(
    workspace: Workspace, typed: list[str], answer: str, status: Status
) -> None:
    incident_id = await workspace.has_incident()
    told = [await workspace.command(text) for text in typed][-1]
    assert answer in told
    assert (await workspace.incident(incident_id)).status is status
    assert len(workspace.woken) == len(typed)


async def test_a_refusal_is_told_with_who_and_what_to_do(workspace: Workspace) -> None:
    await workspace.has_incident()
    await workspace.command("ack 1", user=BOB)
    told = await workspace.command("ack 1", user=ALICE)
    assert "Already acknowledged by <@U0BOB> just now" in told
    assert "`/incident assign INC-1 me`" in told


async def test_an_unknown_number_is_answered_with_those_that_are_open(workspace: Workspace) -> None:
    await workspace.has_incident()
    told = await workspace.command("ack 99")
    assert "There is no incident INC-99." in told
    assert "1 is open: INC-1 (CRITICAL, active)." in told


async def test_without_a_number_the_open_ones_are_named(workspace: Workspace) -> None:
    await workspace.has_incident()
    told = await workspace.command("ack")
    assert "Which incident?" in told
    assert "`/incident ack 12`" in told
    assert "INC-1 (CRITICAL, active)" in told


async def test_help_and_a_typing_error_are_answered(workspace: Workspace) -> None:
    assert "`/incident ack 12` you have it" in await workspace.command("")
    assert "Did you mean `ack`?" in await workspace.command("akc 1")


async def test_while_the_database_is_away_the_answer_says_so(workspace: Workspace) -> None:
    workspace.doors.shut()
    for text in ("list", "ack 1", "show 1"):
        assert "can't reach its database" in await workspace.command(text)
    assert "Which incident?" in await workspace.command("ack")


async def test_a_database_that_hangs_is_answered_in_time(workspace: Workspace) -> None:
    workspace.doors.trouble = lambda: asyncio.sleep(10)
    assert "not known whether that was done" in await workspace.command("ack 1")


async def test_words_typed_on_resolving_are_kept(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.command("resolve 1 rolled back with @bob")
    [event] = [e for e in await workspace.events(incident_id) if e.kind is EventKind.RESOLVED]
    assert event.data["note"] == "rolled back with @bob"


async def test_the_figures_are_those_of_what_happened(workspace: Workspace) -> None:
    for number in range(6):
        await workspace.has_incident(key=f"k{number}")
        await workspace.command(f"ack {number + 1}")
    told = await workspace.command("stats")
    assert "6 incidents opened. 0 ended." in told
    assert "n = 6" in told
    assert "100 % (6 of 6)" in told
    assert "6 are open now" in told
    assert "0 incidents opened" in await workspace.command("stats elsewhere 30d")


async def test_figures_of_people_are_refused_with_what_to_write(workspace: Workspace) -> None:
    told = await workspace.command("stats mine")
    assert "`/incident stats payments 30d`" in told
