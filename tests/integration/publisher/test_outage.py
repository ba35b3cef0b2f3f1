"""Slack is away for long and comes back: one update for each incident, one digest for each channel, nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, update

from bongsu.showing import check_showing
from db.tables import incidents, outbox
from db.unit_of_work import SqlUnitOfWork
from incidents import actions
from incidents.outages import Outage
from incidents.outbox import OutboxKind, Priority
from incidents.policy import Policy, Route
from incidents.rules.outage import OUTAGE_AFTER
from sandbox.blockkit import problems_in_message
from tests.building import ALICE, firing, resolved
from tests.integration.publisher.conftest import Build
from tests.integration.publisher.stage import START, Json, Stage

POST, UPDATE = "chat.postMessage", "chat.update"
AN_HOUR, A_QUARTER = 3600.0, 900.0
GENERAL = Policy(routes=(Route("#general", {"service": frozenset({"general"})}),))


async def acknowledge(stage: Stage, number: int) -> None:
    await stage.write(lambda uow: actions.acknowledge(number, by=ALICE, uow=uow))


async def fires(stage: Stage, name: str, **labels: str) -> None:
    """An incident of its own."""
    await stage.take(firing(name, since=0, **{"cluster": name, **labels}))


async def recovers(stage: Stage, name: str, **labels: str) -> None:
    await stage.take(resolved(name, since=0, **{"cluster": name, **labels}))


def is_digest(message: Json) -> bool:
    return "While Slack" in message["text"]


async def digests(stage: Stage, channel: str = "#incidents") -> list[Json]:
    return [one for one in await stage.roots(channel) if is_digest(one)]


def words(message: Json) -> str:
    return "\n".join(block.get("text", {}).get("text", "") for block in message["blocks"])


async def away(stage: Stage, kind: str = "http_500", *, seconds: float = A_QUARTER) -> None:
    """43 incidents open, 39 of them resolve; two that had cards before change many times, and one recovers."""
    for name in ("before-1", "before-2", "before-3"):
        await fires(stage, name)
    await stage.settle()
    await stage.breaks("*", kind, times=None)

    async def begin() -> None:
        for number in range(43):
            await fires(stage, f"new-{number}", severity="critical" if number in {7, 41, 42} else "warning")
        await acknowledge(stage, 1)

    async def go_on() -> None:
        for number in range(39):
            await recovers(stage, f"new-{number}", severity="critical" if number == 7 else "warning")
        await stage.write(lambda uow: actions.unacknowledge(1, by=ALICE, uow=uow))
        await acknowledge(stage, 2)

    async def end() -> None:
        await stage.write(lambda uow: actions.resolve(1, by=ALICE, uow=uow))
        await recovers(stage, "before-3")

    await stage.run(seconds, at={10: begin, seconds / 2: go_on, seconds * 5 / 6: end})
    await stage.heals()


@pytest.mark.parametrize(
    ("kind", "database", "seconds"),
    [
        ("http_500", "sqlite", AN_HOUR),
        ("http_500", "mariadb", A_QUARTER),
        ("reset_before", "sqlite", A_QUARTER),
        ("error:invalid_auth", "sqlite", A_QUARTER),
    ],
)
async def test_afterwards_each_channel_gets_one_digest_and_each_incident_one_update(
    build: Build, kind: str, database: str, seconds: float, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{database}_url")
    stage = await build(url=url, publishers=2, policy=GENERAL, pace_posts=True)
    await away(stage, kind, seconds=seconds)
    before = len(await stage.calls())
    await stage.settle()

    [digest] = await digests(stage)
    assert "43 incidents, 39 already resolved" in digest["text"]
    assert problems_in_message({"text": digest["text"], "blocks": digest["blocks"]}) == []
    why = "Slack refused Bongsu's token" if kind == "error:invalid_auth" else "Slack was away"
    assert f"While {why}" in words(digest)
    told = words(digest)
    assert told.index("INC-45") < told.index("INC-43")
    assert "INC-11" in told

    after = [call for call in (await stage.calls())[before:] if call["method"] in {POST, UPDATE}]
    assert {call["answer"]["ok"] for call in after} == {True}
    posts = [call["args"] for call in after if call["method"] == POST and not call["args"].get("thread_ts")]
    assert "While Slack" in posts[0]["text"]
    names = [post["text"].split(" is ")[0].split(" ")[-1] for post in posts[1:]]
    assert sorted(names) == ["INC-43", "INC-44", "INC-45", "INC-46"]
    assert names[:2] == ["INC-45", "INC-46"], "the critical ones first"
    updates = [call["args"]["text"] for call in after if call["method"] == UPDATE]
    assert sorted(text.split(" is ")[0].split(" ")[-1] for text in updates) == ["INC-1", "INC-2", "INC-3"]
    assert "INC-1 is resolved" in " ".join(updates)
    assert "INC-3 is resolved" in " ".join(updates)


async def test_what_opened_and_resolved_meanwhile_is_shown_in_the_digest_alone(stage: Stage) -> None:
    await away(stage)
    await stage.settle()
    [digest] = await stage.outbox(OutboxKind.DIGEST)
    cards = await stage.outbox(OutboxKind.CARD)
    shown_there = [row for row in cards if row["shown_in_id"] is not None]
    assert len(shown_there) == 39
    assert {row["shown_in_id"] for row in shown_there} == {digest["id"]}
    assert {(row["ts"], row["due_at"]) for row in shown_there} == {(None, None)}
    outage = Outage.named(digest["subject"])
    assert outage.since - START < timedelta(minutes=1)
    assert outage.until is not None
    assert outage.until - START > timedelta(minutes=14)


async def test_whoever_comes_back_from_the_digest_gets_a_card_of_its_own(stage: Stage) -> None:
    await away(stage)
    await stage.settle()
    roots = len(await stage.roots())
    await stage.take(firing("new-0", since=60, cluster="new-0"))
    await stage.write(lambda uow: actions.reopen(5, by=ALICE, uow=uow))
    await stage.write(lambda uow: actions.add_note(6, text="seen", by=ALICE, uow=uow))
    await stage.settle()
    texts = await stage.texts()
    assert len(texts) == roots + 3
    assert len(await digests(stage)) == 1
    assert any("INC-5 is active" in text for text in texts)
    assert any("INC-6 is resolved" in text for text in texts)
    [entry] = [one for one in await stage.messages() if "seen" in one["text"]]
    assert entry["thread_ts"]


async def test_each_channel_is_told_of_its_own(build: Build) -> None:
    stage = await build(policy=GENERAL)
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "a")
    await fires(stage, "b", service="general")
    await fires(stage, "c", service="general")
    await stage.run(900)
    await recovers(stage, "b", service="general")
    await stage.heals()
    await stage.settle()
    [here], [there] = await digests(stage), await digests(stage, "#general")
    assert "1 incident, still open" in here["text"]
    assert "2 incidents, 1 already resolved" in there["text"]
    assert "INC-1" not in words(there)
    for channel, first in (("#incidents", here), ("#general", there)):
        assert (await stage.roots(channel))[0] == first


async def test_a_channel_that_missed_nothing_new_gets_its_updates_and_no_digest(stage: Stage) -> None:
    await fires(stage, "a")
    await stage.settle()
    await stage.breaks("*", "http_500", times=None)
    await acknowledge(stage, 1)
    await stage.run(A_QUARTER)
    await stage.heals()
    await stage.settle()
    [card] = await stage.roots()
    assert "is acknowledged" in card["text"]
    assert await stage.outbox(OutboxKind.DIGEST) == []


async def test_less_than_five_minutes_are_no_outage(stage: Stage) -> None:
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "a")
    await fires(stage, "b")
    await stage.run(OUTAGE_AFTER.total_seconds() - 20)
    await recovers(stage, "b")
    await stage.heals()
    await stage.settle()
    assert await stage.outbox(OutboxKind.DIGEST) == []
    assert len(await stage.roots()) == 2


async def test_during_an_outage_one_call_in_ten_seconds_is_made_by_all(build: Build) -> None:
    stage = await build(publishers=3)
    for number in range(20):
        await fires(stage, f"n{number}")
    await stage.breaks("*", "http_500", times=None)
    await stage.run(310)
    before = len(await stage.calls())
    await stage.run(200)
    assert 16 <= len(await stage.calls()) - before <= 21
    [finding] = await check_showing(stage.hands[0].transactions, stage.policy)
    assert "since 2026-03-02 10:00 UTC, 21 messages wait" in finding.what


async def test_a_process_that_starts_in_the_middle_knows_since_when(build: Build, sqlite_url: str) -> None:
    stage = await build()
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "a")
    await stage.run(60)
    other = await build()
    other.clock.now = stage.clock.now + timedelta(minutes=50)
    await recovers(other, "a")
    await other.settle()
    [digest] = await digests(other)
    assert "1 incident, already resolved" in digest["text"]
    assert await stage.read(lambda uow: uow.outages.away_since()) is None


async def test_the_digest_is_there_once_though_its_reply_is_lost(stage: Stage) -> None:
    await stage.breaks(POST, "http_500", times=None)
    await fires(stage, "a")
    await fires(stage, "b")
    await stage.run(900)
    await recovers(stage, "b")
    await stage.heals()
    await stage.breaks(POST, "reset_after", times=3)
    await stage.settle()
    assert len(await digests(stage)) == 1
    assert len(await stage.roots()) == 2


async def test_a_card_that_slack_had_taken_after_all_is_no_second_one(stage: Stage) -> None:
    """Its reply was lost, then Slack went away, and the incident was over before anybody could look."""
    await stage.breaks(POST, "reset_after")
    await fires(stage, "a")
    await stage.run(1)
    assert len(await stage.roots()) == 1
    await stage.breaks("*", "http_500", times=None)
    await stage.run(900)
    await recovers(stage, "a")
    await stage.heals()
    await stage.settle()
    [card] = [one for one in await stage.roots() if not is_digest(one)]
    assert "is resolved" in card["text"]


async def test_a_message_that_slack_will_not_have_keeps_no_outage_going(stage: Stage) -> None:
    """During an outage those are tried first that were tried least, a digest no more often than others."""
    await fires(stage, "a")
    await stage.settle()
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "b")
    await acknowledge(stage, 1)
    await stage.run(900)
    await stage.heals()
    await stage.breaks(POST, "http_500", times=None)
    await stage.run(120)
    assert await stage.read(lambda uow: uow.outages.away_since()) is None
    assert any("is acknowledged" in text for text in await stage.texts())


async def test_a_refused_digest_holds_up_the_cards_of_its_channel_for_a_minute_or_two(stage: Stage) -> None:
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "a")
    await stage.run(900)
    await stage.heals()
    await acknowledge(stage, 1)
    for _ in range(9):
        await stage.breaks(POST, "error:odd")
    await stage.run(600)
    assert any("INC-1" in text for text in await stage.texts())


async def test_of_reminders_the_latest_that_still_asks_is_sent(stage: Stage) -> None:
    """Each worsening reminds its owner. Those that came while Slack was away are one."""
    for name in ("a", "b"):
        await fires(stage, name)
    await stage.settle()
    await acknowledge(stage, 1)
    await acknowledge(stage, 2)
    await stage.settle()
    await stage.breaks("*", "http_500", times=None)
    for name in ("a", "b"):
        await stage.take(firing(name, cluster=name, severity="error"))
    await stage.run(600)
    await stage.take(firing("a", cluster="a", severity="critical"))
    await recovers(stage, "b")
    await stage.run(10)
    pending = [row for row in await stage.outbox(OutboxKind.REMINDER) if row["ts"] is None]
    assert len(pending) >= 3
    await stage.heals()
    await stage.settle()
    reminders = [one for one in await stage.messages() if one["blocks"] and one["blocks"][0]["block_id"] == "reminder"]
    assert len(reminders) == 1
    assert "INC-1" in reminders[0]["text"]


async def test_a_card_that_became_critical_while_it_waited_goes_first(stage: Stage) -> None:
    await stage.breaks("*", "http_500", times=None)
    for name in ("a", "b", "c"):
        await fires(stage, name)
    await stage.run(600)
    await stage.take(firing("c", cluster="c", severity="critical"))
    await stage.heals()
    await stage.settle()
    texts = await stage.texts()
    assert ["INC-3" in text for text in texts[1:]] == [True, False, False]


async def test_two_outages_before_the_digest_got_through_are_told_without_gaps_or_doubles(stage: Stage) -> None:
    """Slack is back for one update, and away again before it takes a message."""
    await fires(stage, "a")
    await stage.settle()
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "b")
    await acknowledge(stage, 1)
    await stage.run(900)
    await stage.heals()
    await stage.breaks(POST, "http_500", times=None)
    await stage.run(60)
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "c")
    await stage.run(900)
    for name in ("b", "c"):
        await recovers(stage, name)
    await stage.heals()
    await stage.settle()
    told = [words(one) for one in await digests(stage)]
    assert sum("INC-2" in one for one in told) == 1
    assert sum("INC-3" in one for one in told) == 1
    assert len([text for text in await stage.texts() if "INC-2" in text]) <= 1


async def test_a_digest_is_never_written_a_second_time(stage: Stage) -> None:
    await stage.breaks("*", "http_500", times=None)
    await fires(stage, "a")
    await stage.run(900)
    await stage.heals()
    await stage.settle()
    before = await digests(stage)
    touched = update(outbox).where(outbox.c.kind == OutboxKind.DIGEST).values(desired_rev=9, due_at=stage.clock.now)
    await stage.change(touched)
    await stage.settle()
    assert await digests(stage) == before


async def test_what_opens_again_while_the_digest_is_being_made_gets_its_card(stage: Stage) -> None:
    """Between reading that it is resolved and writing that the digest shows it, it fires again."""
    await stage.breaks("*", "error:invalid_auth", times=None)
    await fires(stage, "a")
    await recovers(stage, "a")
    await stage.run(900)
    [digest] = await stage.outbox(OutboxKind.DIGEST)

    async def work(uow: SqlUnitOfWork) -> None:
        read = uow.gate.rows

        async def then_it_fires(statement: Executable, **values: Any) -> list[Any]:
            found = await read(statement, **values)
            if "incidents.status" in str(statement):
                uow.gate.rows = read  # type: ignore[method-assign]
                await uow.gate.execute(uow.gate.update(incidents).values(status="active"))
                await uow.outbox.touch_cards([1], priority=Priority.UPDATE)
            return found

        uow.gate.rows = then_it_fires  # type: ignore[method-assign]
        await uow.outages.missed(digest["id"])

    await stage.write(work)
    [card] = await stage.outbox(OutboxKind.CARD)
    assert card["desired_rev"] > card["sent_rev"]
    assert card["due_at"] is not None
