"""A person's Home: what is theirs, what the team has open, what is snoozed, and the last day in numbers."""

from collections.abc import Sequence
from datetime import datetime

from bot.blocks.home_clicks import HOME_CALLBACK, TOLD_CALLBACK, HomeAction, page_value
from bot.blocks.home_lines import LinkTo, line
from bot.blocks.home_numbers import numbers
from bot.blocks.kit import LONGEST_MODAL_TITLE, LONGEST_SECTION, actions, button, context, header, plain, section
from bot.blocks.maintenance import at_home
from bot.blocks.oncall import home_line
from bot.blocks.text import clip
from bot.language import t, tn
from bot.message import Block
from incidents.homes import HomeView, Lines, PageSizes, Shelf
from incidents.maintenance.model import Window
from incidents.schedules.model import Standing

SIZES = PageSizes(mine=10, team=15, snoozed=5)
"""Two blocks for each line, and at most a dozen for the rest: below Slack's 100, and as long as one scrolls."""


def home(
    view: HomeView,
    *,
    link_to: LinkTo,
    may_act: bool = True,
    notice: str = "",
    on_call: Sequence[Standing] = (),
    maintenance: Sequence[Window] = (),
    now: datetime | None = None,
) -> Block:
    """The view. ``link_to`` tells the address of a message, None where it isn't known.

    ``may_act`` False: the same without the buttons that change something. ``notice`` is harmless mrkdwn that stands
    above all else, until the next change: what the person has to know and could not be told otherwise.
    ``on_call``: of each schedule. ``maintenance``: what stands, as it is ``now``, which is told with it.
    """
    told = [section("notice", clip(f"⚠ {notice}", LONGEST_SECTION))] if notice else []
    duty = [context("on-call", on_duty)] if (on_duty := home_line(on_call)) else []
    windows = at_home(maintenance, now=now, may_act=may_act) if now is not None else []
    shelves = _shelves(view, link_to, may_act)
    return _view([*told, *_head(view), *duty, *windows, *shelves, *_turning(view), *numbers(view)])


def home_unavailable(why: str) -> Block:
    """What stands in a Home that can't be shown. ``why`` is harmless mrkdwn."""
    return _view([section("unavailable", why, t("Then open this tab again."))])


def told_modal(text: str) -> Block:
    """An answer to a click in a view, which has no channel to answer in. ``text`` is harmless mrkdwn."""
    return {
        "type": "modal",
        "callback_id": TOLD_CALLBACK,
        "title": plain("Bongsu", LONGEST_MODAL_TITLE),
        "close": plain(t("OK"), LONGEST_MODAL_TITLE),
        "blocks": [section("told", clip(text, LONGEST_SECTION))],
    }


def _view(blocks: list[Block]) -> Block:
    return {"type": "home", "callback_id": HOME_CALLBACK, "blocks": blocks}


def _head(view: HomeView) -> list[Block]:
    if not view.open:
        calm = t("Nothing is open. What opens shows here by itself, and in its channel.")
        return [header("head", t("✅ All is quiet")), section("calm", calm, _nothing_yet(view))]
    counted = tn("{count} incident is open", "{count} incidents are open", view.open)
    head = header("head", f"{'🔴' if view.unacknowledged else '🟠'} {counted}")
    return [head, context("waits", _waits(view.unacknowledged))]


def _waits(unacknowledged: int) -> str:
    if not unacknowledged:
        return t("None of them waits for somebody to acknowledge it.")
    return tn("{count} of them is not acknowledged.", "{count} of them are not acknowledged.", unacknowledged)


def _nothing_yet(view: HomeView) -> str:
    return t("`/incident help` shows what you can do.") if view.numbers.is_empty else ""


def _shelves(view: HomeView, link_to: LinkTo, may_act: bool) -> list[Block]:
    titles = {
        Shelf.MINE: (view.mine, t("Yours")),
        Shelf.TEAM: (view.team, t("The team's, gravest first")),
        Shelf.SNOOZED: (view.snoozed, t("Snoozed")),
    }
    blocks: list[Block] = []
    for shelf, (lines, title) in titles.items():
        if lines.listed:
            blocks += [_divider(shelf), header(f"title-{shelf.value}", f"{title} · {_which(lines, view, shelf)}")]
            for shown in lines.listed:
                blocks += line(shown, shelf, link_to=link_to, may_act=may_act)
    return blocks


def _which(lines: Lines, view: HomeView, shelf: Shelf) -> str:
    """``12``, or ``16–30 of 1,003`` of more than one page."""
    if len(lines.listed) == lines.total:
        return f"{lines.total:,}"
    first = view.page * SIZES.of(shelf)
    return t(
        "{first}–{last} of {total}",
        first=f"{first + 1:,}",
        last=f"{first + len(lines.listed):,}",
        total=f"{lines.total:,}",
    )


def _turning(view: HomeView) -> list[Block]:
    if view.pages == 1:
        return []
    more, less = view.page + 1 < view.pages, view.page > 0
    pressed = [
        *([_turn(t("Show more"), HomeAction.MORE, view.page + 1)] if more else []),
        *([_turn(t("Back"), HomeAction.LESS, view.page - 1)] if less else []),
    ]
    where = t("Page {page} of {pages}", page=f"{view.page + 1:,}", pages=f"{view.pages:,}")
    return [actions("turning", *pressed), context("page", where)]


def _turn(label: str, action: HomeAction, page: int) -> Block:
    return button(label, action_id=action, value=page_value(page), about=t("page {page}", page=page + 1))


def _divider(shelf: Shelf) -> Block:
    return {"type": "divider", "block_id": f"above-{shelf.value}"}
