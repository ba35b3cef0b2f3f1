"""What a line of the log belongs to follows the work, and ends with it."""

import asyncio

from base import log_context
from base.log_context import bind, bound, facts


async def test_tasks_tell_what_the_one_that_began_them_told_unless_they_are_apart() -> None:
    async def told() -> dict[str, object]:
        return dict(facts())

    with bound(request_id="r"):
        assert await asyncio.create_task(told()) == {"request_id": "r"}
        assert await asyncio.create_task(told(), context=log_context.apart()) == {}
    assert facts() == {}


async def test_what_is_bound_inside_ends_with_what_is_around_it() -> None:
    with bound(request_id="r"):
        bind(delivery=3)
        with bound(job="j", request_id="other"):
            assert facts() == {"request_id": "other", "delivery": 3, "job": "j"}
        assert facts() == {"request_id": "r", "delivery": 3}
    assert facts() == {}


async def test_a_task_tells_nothing_to_the_one_that_began_it() -> None:
    async def binds() -> None:
        bind(incident=1)

    with bound(request_id="r"):
        await asyncio.create_task(binds())
        assert facts() == {"request_id": "r"}
