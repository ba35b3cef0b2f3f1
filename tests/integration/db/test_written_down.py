"""What people write down: entries of the timeline with a time of their own, and the words on how it ended."""

from datetime import timedelta

import pytest

from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.errors import InvalidInput, NotOver
from incidents.model import Event, Incident, IncidentView
from tests.building import ALICE, BOB, firing, resolved
from tests.integration.db.stage import Stage


async def newest(stage: Stage) -> Event:
    return (await stage.events())[-1]


async def view(stage: Stage) -> IncidentView:
    return await stage.read(lambda uow: uow.views.incident(1))


async def sums_up(stage: Stage, text: str) -> Incident:
    return await stage.write(lambda uow: actions.sum_up(1, text=text, by=BOB, uow=uow))


async def test_an_entry_keeps_its_words_and_its_time(stage: Stage) -> None:
    await stage.take(firing())
    at = await stage.now() - timedelta(hours=1)
    await stage.write(lambda uow: actions.add_to_timeline(1, text=" deployed ", by=ALICE, uow=uow, happened_at=at))
    told = await newest(stage)
    assert (told.kind.value, told.data) == ("timeline_entry", {"text": "deployed", "happened_at": at.isoformat()})
    await stage.write(lambda uow: actions.add_to_timeline(1, text="rolled back", by=ALICE, uow=uow))
    assert (await newest(stage)).data == {"text": "rolled back"}


@pytest.mark.parametrize(("text", "minutes"), [("", 0), (" \n", 0), ("x" * 2501, 0), ("deployed", 60)])
async def test_nothing_too_much_and_what_is_yet_to_come_are_refused(stage: Stage, text: str, minutes: int) -> None:
    await stage.take(firing())

    async def work(uow: SqlUnitOfWork) -> Incident:
        at = uow.now + timedelta(minutes=minutes)
        return await actions.add_to_timeline(1, text=text, by=ALICE, uow=uow, happened_at=at)

    with pytest.raises(InvalidInput):
        await stage.write(work)
    assert await stage.kinds() == ["opened"]


async def test_the_newest_words_on_its_end_are_the_closing_ones(stage: Stage) -> None:
    await stage.take(firing())
    await stage.write(lambda uow: actions.resolve(1, by=BOB, uow=uow, note="gone"))
    assert (closing := (await view(stage)).closing)
    assert closing.data["note"] == "gone"
    await sums_up(stage, "rolled back")
    await stage.write(lambda uow: actions.add_note(1, text="thanks", by=ALICE, uow=uow))
    assert (closing := (await view(stage)).closing)
    assert closing.data["text"] == "rolled back"


async def test_what_opens_again_has_no_closing_words(stage: Stage) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    await sums_up(stage, "rolled back")
    await stage.take(firing(since=6))
    assert (await view(stage)).closing is None
    with pytest.raises(NotOver):
        await sums_up(stage, "again")
    await stage.take(resolved(since=6, until=7))
    assert (await view(stage)).closing is None


@pytest.mark.parametrize("text", ["", "  ", "x" * 301])
async def test_a_summary_is_one_line_on_a_card(stage: Stage, text: str) -> None:
    await stage.take(firing())
    await stage.take(resolved())
    with pytest.raises(InvalidInput):
        await sums_up(stage, text)
