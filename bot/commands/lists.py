"""What ``/incident list`` shows, for the command and for who turns a page of it."""

from dataclasses import replace

from bot.blocks.listing import MOST_LINES, Asked, briefly, listing
from bot.commands.command import ME, Verb
from bot.commands.filters import PAST_WITHIN, nearest, typed
from bot.commands.words import shown
from bot.desk import Desk
from bot.language import t
from bot.message import Message
from incidents.browse import PAST, Filter, Page, PageTurn
from incidents.errors import BongsuError
from incidents.model import Actor

_NAMED = 5
_ASIDE_SECONDS = 0.4
"""What may be spent on naming the open incidents beside an answer that is late already."""


async def list_page(wanted: Filter, *, by: Actor, desk: Desk, turn: PageTurn | None = None, first: int = 1) -> Message:
    """Raises a BongsuError where the database does not answer."""
    wanted = of_person(wanted, by)
    page = await desk.look(lambda uow: uow.views.page(wanted, turn=turn, limit=MOST_LINES))
    is_first = page.back is None
    asked = Asked(wanted, typed(Verb.LIST, wanted, by=str(by)), 1 if is_first else first, _hint(wanted, page, by))
    return listing(page, asked, link_to=desk.identity.link_to)


def of_person(wanted: Filter, by: Actor) -> Filter:
    """The same with who asks in the place of ``ME``."""
    return replace(wanted, owner=str(by)) if wanted.owner == ME else wanted


def _hint(wanted: Filter, page: Page, by: Actor) -> str:
    """What to try where nothing is found."""
    if page.total:
        return ""
    if near := nearest(wanted):
        return t("“{word}” was looked for as a word. Did you mean `{keyword}`?", word=shown(near[0]), keyword=near[1])
    if wanted.is_past:
        return t("Name a longer time to look further back: `30d`.")
    past = replace(wanted, statuses=PAST, snoozed=False, unassigned=False, within=wanted.within or PAST_WITHIN)
    return t("{typed} looks among those that were resolved.", typed=typed(Verb.LIST, past, by=str(by)))


async def open_ones(desk: Desk) -> str:
    """The gravest open incidents in one sentence; empty where the database can't tell quickly."""
    try:
        page = await desk.look(lambda uow: uow.views.page(Filter(), limit=_NAMED), seconds=_ASIDE_SECONDS)
    except BongsuError:
        return ""
    return briefly([listed.incident for listed in page.listed], total=page.total)
