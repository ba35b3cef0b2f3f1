"""What happens when somebody presses a button of a roll-up, or turns a page of its list."""

import time
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import OLDER_VERSION, outcome, sentence
from bot.blocks.storm_clicks import Shown, StormAction, Turn, read_shown, read_turn
from bot.blocks.storm_list import ON_A_PAGE, storm_list
from bot.blocks.text import person
from bot.client import SLACK_ERRORS
from bot.desk import Desk
from bot.language import t, tn
from bot.listeners.opening import open_modal
from bot.listeners.telling import tell, who
from bot.message import Block
from incidents.actions.acknowledge_all import AT_ONCE, AllAcknowledged, acknowledge_all
from incidents.errors import BongsuError
from incidents.model import Actor
from incidents.ports import UnitOfWork
from incidents.storms import Member

_ACK_AFTER_SECONDS = 2.0
"""Slack waits 3 s. What is not done by then is done after the acknowledgement, and told then."""
_NAMED = 3


def register(app: AsyncApp, desk: Desk) -> None:
    async def acknowledged(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond) -> None:
        shown = read_shown(action.get("value", ""))
        if shown is None:
            await ack()
            desk.metrics.handled("click", StormAction.ACKNOWLEDGE, "older_version")
            await tell(respond, t(OLDER_VERSION))
            return
        told = await _take_all(desk, shown, ack, by=Actor.slack(who(body)))
        await ack()
        await tell(respond, told)

    async def listed(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        view = await _page(desk, read_turn(action.get("value", "")))
        if isinstance(view, str):
            await tell(respond, view)
            return
        desk.metrics.handled("click", StormAction.LIST, await open_modal(client, body, view, respond))

    async def turned(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        """Where the page can't be had, the one that is shown stays."""
        await ack()
        view = await _page(desk, read_turn(action.get("value", "")))
        if isinstance(view, str):
            return
        try:
            await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        except SLACK_ERRORS:
            desk.metrics.handled("click", StormAction.LIST, "not_opened")
            return
        desk.metrics.handled("click", StormAction.LIST, "done")

    app.action(StormAction.ACKNOWLEDGE.value)(acknowledged)
    app.action(StormAction.LIST.value)(listed)
    for turning in (StormAction.BACK, StormAction.ON):
        app.action(turning.value)(turned)


async def _take_all(desk: Desk, shown: Shown, ack: AsyncAck, *, by: Actor) -> str:
    """Batch by batch, each of which is committed for good; what to tell the person."""
    started = time.monotonic()
    done, became, problem = AllAcknowledged(), "done", ""
    try:
        members = await desk.look(lambda uow: uow.storms.members(shown.storm))
        for some in _batches(members):
            done += await desk.do(_taking(some, shown, by))
            if time.monotonic() - started > _ACK_AFTER_SECONDS:
                await ack()
    except BongsuError as error:
        problem, became = sentence(error, to=by.id, now=desk.now()), outcome(error)
    if done.taken:
        await _show(desk, shown)
    desk.metrics.handled("click", StormAction.ACKNOWLEDGE, became, seconds=time.monotonic() - started)
    return " ".join(part for part in (_told(done, shown), problem) if part)


def _batches(members: Sequence[Member]) -> list[Sequence[Member]]:
    return [members[at : at + AT_ONCE] for at in range(0, len(members), AT_ONCE)]


def _taking(some: Sequence[Member], shown: Shown, by: Actor) -> Any:
    async def work(uow: UnitOfWork) -> AllAcknowledged:
        return await acknowledge_all(some, seen_rev=shown.rev, by=by, uow=uow)

    return work


async def _show(desk: Desk, shown: Shown) -> None:
    """Whoever pressed waits for the roll-up to say so. Were it lost, it would be shown anew a moment later anyway."""

    async def work(uow: UnitOfWork) -> None:
        await uow.storms.show(shown.storm, urgent=True)

    await desk.do(work)


def _told(done: AllAcknowledged, shown: Shown) -> str:
    """``Acknowledged 19: they are yours. 4 came or changed after what you saw …``"""
    told = []
    if done.taken:
        told.append(tn("Acknowledged {count}: it is yours.", "Acknowledged {count}: they are yours.", done.taken))
    missing = max(0, shown.count - done.taken)
    if missing:
        told.append(_not_any_more(missing, shown, done))
    if done.unseen:
        told.append(
            tn(
                "{count} came or changed after what you saw, so it was left alone: "
                "look at the message as it is now, then press again.",
                "{count} came or changed after what you saw, so they were left alone: "
                "look at the message as it is now, then press again.",
                done.unseen,
            )
        )
    return " ".join(told)


def _not_any_more(missing: int, shown: Shown, done: AllAcknowledged) -> str:
    """By the time of the click."""
    total, somebody = f"{shown.count:,}", sorted(done.held_by)[:_NAMED]
    if not somebody:
        return tn(
            "{count} of the {total} that you saw active was not left to take: "
            "acknowledged, resolved, changed, or on a card by now.",
            "{count} of the {total} that you saw active were not left to take: "
            "acknowledged, resolved, changed, or on a card by now.",
            missing,
            total=total,
        )
    return tn(
        "{count} of the {total} that you saw active was not left to take: "
        "acknowledged by {people}, resolved, changed, or on a card by now.",
        "{count} of the {total} that you saw active were not left to take: "
        "acknowledged by {people}, resolved, changed, or on a card by now.",
        missing,
        total=total,
        people=", ".join(map(person, somebody)),
    )


async def _page(desk: Desk, turn: Turn | None) -> Block | str:
    """The page, or what to tell the person."""
    if turn is None:
        desk.metrics.handled("click", StormAction.LIST, "older_version")
        return t(OLDER_VERSION)
    offset = turn.page * ON_A_PAGE
    try:
        page = await desk.look(lambda uow: uow.storms.page(turn.storm, offset=offset, limit=ON_A_PAGE))
    except BongsuError as error:
        desk.metrics.handled("click", StormAction.LIST, outcome(error))
        return sentence(error, to="", now=desk.now())
    return storm_list(turn, page, link_to=desk.identity.link_to)
