"""Entries that tell of another incident name it by a link to its card, as far as that has one."""

from bot.blocks.thread import thread_entry
from bot.publisher.crossing import with_links
from db import tables
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from tests.building import ALICE, firing
from tests.integration.db.stage import Stage


def link_to(channel: str, ts: str) -> str:
    return f"https://sandbox.slack.com/archives/{channel}/p{ts}"


async def told(stage: Stage) -> str:
    """The newest entry of INC-2."""

    async def work(uow: SqlUnitOfWork) -> str:
        incident = await uow.incidents.by_number(2)
        event = (await uow.timeline.of(incident.id, limit=9))[-1]
        return thread_entry(await with_links(event, uow, link_to), incident).text

    return await stage.read(work)


async def test_the_other_is_named_by_a_link_once_its_card_is_there(stage: Stage) -> None:
    await stage.take(firing("a", service="a"))
    await stage.take(firing("b", service="b"))
    parent, child = [(await stage.incident(number)).id for number in (1, 2)]
    await stage.write(lambda uow: actions.merge(child, into=parent, by=ALICE, uow=uow))
    assert await told(stage) == "INC-2: <@U0ALICE> merged it into INC-1."
    await stage.change(tables.outbox, channel_id="C1", ts="12")
    assert await told(stage) == "INC-2: <@U0ALICE> merged it into <https://sandbox.slack.com/archives/C1/p12|INC-1>."
