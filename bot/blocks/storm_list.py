"""The list behind a roll-up: all incidents of a storm, a page at a time, in a form that only who pressed sees."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.blocks import words
from bot.blocks.kit import LONGEST_MODAL_TITLE, actions, button, context, plain, section
from bot.blocks.storm_clicks import LIST_CALLBACK, StormAction, Turn, value_of
from bot.blocks.text import clock, data, link, person
from bot.language import t, tn
from bot.message import Block
from incidents.browse import Listed
from incidents.model import Incident
from incidents.storms import StormPage

ON_A_PAGE = 15
"""Two screens of a phone."""

_LONGEST_TITLE = 80
_LONGEST_SERVICE = 40
_IN_A_SECTION = 5
LinkTo = Callable[[str, str], str | None]


def storm_list(turn: Turn, page: StormPage, *, link_to: LinkTo) -> Block:
    """The modal. ``link_to`` tells the address of a message, None where it isn't known."""
    lines = [_lines(listed, link_to) for listed in page.listed]
    blocks = [
        section(f"storm-{at}", *lines[at : at + _IN_A_SECTION]) for at in range(0, len(lines), _IN_A_SECTION)
    ] or [section("storm-0", t("There is nothing on this page any more."))]
    return {
        "type": "modal",
        "callback_id": LIST_CALLBACK,
        "title": plain(_title(page), LONGEST_MODAL_TITLE),
        "close": plain(t("Close"), LONGEST_MODAL_TITLE),
        "blocks": [*blocks, context("storm-page", _where(turn, page)), *_turning(turn, page)],
    }


def _title(page: StormPage) -> str:
    return tn("Storm: {count} incidents", "Storm: {count} incidents", page.total)


def _lines(listed: Listed, link_to: LinkTo) -> str:
    """Two lines: what it is, and how it stands."""
    incident = listed.incident
    url = link_to(*listed.card) if listed.card else None
    name = link(url, incident.name) or incident.name
    first = f"{words.emoji(incident)} {words.gravity(incident)} · {name} *{words.title(incident, _LONGEST_TITLE)}*"
    return f"{first}\n{' · '.join(_standing(incident))}"


def _standing(incident: Incident) -> Sequence[str]:
    service = data(incident.place.service, _LONGEST_SERVICE)
    state = words.state(incident) if incident.is_open else words.ended(incident)[1]
    if incident.is_open and incident.acknowledged_by:
        state = t("{state} by {person}", state=state, person=person(incident.owner))
    return [*([service] if service else []), state, t("since {time}", time=clock(incident.start_time))]


def _where(turn: Turn, page: StormPage) -> str:
    first = turn.page * ON_A_PAGE
    last = first + len(page.listed)
    told = {"first": f"{first + 1:,}", "last": f"{last:,}", "total": f"{page.total:,}"}
    if page.listed:
        return t("{first}–{last} of {total}, open ones first · `/incident show 12` shows any of them", **told)
    return t("{total} in all, open ones first · `/incident show 12` shows any of them", **told)


def _turning(turn: Turn, page: StormPage) -> list[Block]:
    back = turn.page > 0
    on = (turn.page + 1) * ON_A_PAGE < page.total
    pressed = [
        *([_turn(t("◀ Back"), StormAction.BACK, replace(turn, page=turn.page - 1))] if back else []),
        *([_turn(t("More ▶"), StormAction.ON, replace(turn, page=turn.page + 1))] if on else []),
    ]
    return [actions("storm-turning", *pressed)] if pressed else []


def _turn(label: str, action: StormAction, to: Turn) -> Block:
    return button(label, action_id=action, value=value_of(to), about=t("page {page}", page=to.page + 1))
