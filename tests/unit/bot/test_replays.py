import asyncio

from bot.replays import Answer, Replays, key_of

OK = Answer(200, b"", "text/plain")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_same_request_at_the_same_time_is_handled_once() -> None:
    handled: list[int] = []

    async def slow() -> Answer:
        handled.append(1)
        await asyncio.sleep(0.01)
        return OK

    replays = Replays(Clock())
    answers = await asyncio.gather(*(replays.once("a", slow) for _ in range(10)))
    assert (set(answers), len(handled)) == ({OK}, 1)


async def test_what_failed_may_be_tried_again() -> None:
    answers = iter([Answer(500, b"", "text/plain"), OK])

    async def flaky() -> Answer:
        return next(answers)

    replays = Replays(Clock())
    assert (await replays.once("a", flaky)).status == 500
    assert (await replays.once("a", flaky)).status == 200


async def test_a_request_is_forgotten_only_after_its_signature_has_expired() -> None:
    handled: list[int] = []

    async def handle() -> Answer:
        handled.append(1)
        return OK

    clock = Clock()
    replays = Replays(clock)
    await replays.once("a", handle)
    clock.now = 600
    await replays.once("a", handle)
    assert len(handled) == 1
    clock.now = 601
    await replays.once("a", handle)
    assert len(handled) == 2


def test_what_has_an_id_of_its_own_is_known_by_its_body_and_a_command_by_its_signature() -> None:
    click = b"payload=%7B%22trigger_id%22"
    assert key_of(click, "v0=1") == key_of(click, "v0=2")
    assert key_of(b'{"event_id":"Ev1"}', "v0=1") == key_of(b'{"event_id":"Ev1"}', "v0=2")
    command = b"command=%2Fincident&trigger_id=1"
    assert key_of(command, "v0=1") != key_of(command, "v0=2")
