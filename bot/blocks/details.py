"""The details of an incident: all of its series and all of its alerts, a page at a time, for who asked alone."""

from collections.abc import Sequence
from dataclasses import replace

from bot.blocks.clicks import ActionId, CallbackId
from bot.blocks.details_clicks import Listed, Sheet, sheet_value
from bot.blocks.kit import LONGEST_MODAL_TITLE, LONGEST_SECTION, actions, button, context, plain, section, whole_section
from bot.blocks.reasons import in_words
from bot.blocks.series import links_of, trend
from bot.blocks.text import data, number, when
from bot.language import t, tn
from bot.message import Block
from incidents.inspection import AlertPage, ArrivedAlert, SeriesPage, Turn
from incidents.model import AlertStatus, Series

ON_A_PAGE = 25

_LONGEST_NAME = 120
_ROOM_FOR_LINKS = LONGEST_SECTION - 1000
_ALERTS_IN_A_SECTION = 5


def series_modal(sheet: Sheet, page: SeriesPage) -> Block:
    """The series: what fires first."""
    blocks = [whole_section(f"series-{at}", *_series(one)) for at, one in enumerate(page.rows)]
    counted = tn("{count} series, what fires first", "{count} series, what fires first", page.total)
    return _modal(sheet, blocks, counted, page.before, page.after)


def alerts_modal(sheet: Sheet, page: AlertPage) -> Block:
    """The alerts, newest first."""
    lines = [_alert(one) for one in page.rows]
    blocks = [
        whole_section(f"alerts-{at}", *lines[at : at + _ALERTS_IN_A_SECTION])
        for at in range(0, len(lines), _ALERTS_IN_A_SECTION)
    ]
    counted = tn("{count} alert has come in", "{count} alerts have come in, newest first", page.total)
    return _modal(sheet, blocks, counted, page.before, page.after)


def problem_modal(name: str, problem: str) -> Block:
    """What is told in place of a page that can't be had; ``problem`` is harmless mrkdwn."""
    return {
        "type": "modal",
        "callback_id": CallbackId.DETAILS,
        "title": plain(name, LONGEST_MODAL_TITLE),
        "close": plain(t("Close"), LONGEST_MODAL_TITLE),
        "blocks": [section("problem", problem)],
    }


def _modal(sheet: Sheet, rows: Sequence[Block], counted: str, before: Turn | None, after: Turn | None) -> Block:
    shown = list(rows) or [section("nothing", _nothing(sheet))]
    return {
        "type": "modal",
        "callback_id": CallbackId.DETAILS,
        "title": plain(t("{incident}: details", incident=sheet.name), LONGEST_MODAL_TITLE),
        "close": plain(t("Close"), LONGEST_MODAL_TITLE),
        "blocks": [
            _other_list(sheet),
            context("count", t("{counted} · page {page}", counted=counted, page=f"{sheet.page:,}")),
            *shown,
            *_turning(sheet, before, after, is_empty=not rows),
        ],
    }


def _nothing(sheet: Sheet) -> str:
    if sheet.turn.mark is not None:
        return t("There is nothing on this page any more.")
    if sheet.listed is Listed.SERIES:
        return t("It has no series: none has come in, or they were merged into another incident.")
    return t("No alert is kept: none has come in, or they were deleted as old data.")


def _other_list(sheet: Sheet) -> Block:
    other = Listed.ALERTS if sheet.listed is Listed.SERIES else Listed.SERIES
    label = t("Show all alerts") if other is Listed.ALERTS else t("Show all series")
    return actions("list", _button(label, Sheet(sheet.incident_id, sheet.number, other, birth=sheet.birth)))


def _turning(sheet: Sheet, before: Turn | None, after: Turn | None, *, is_empty: bool) -> list[Block]:
    """Each in a block of its own, since they share an action_id."""
    pages = []
    if is_empty and sheet.turn.mark is not None:
        pages.append(actions("first", _button(t("◀ First page"), _page(sheet, 1, Turn()))))
    if before is not None:
        pages.append(actions("back", _button(t("◀ Back"), _page(sheet, max(1, sheet.page - 1), before))))
    if after is not None:
        pages.append(actions("on", _button(t("More ▶"), _page(sheet, sheet.page + 1, after))))
    return pages


def _page(sheet: Sheet, page: int, turn: Turn) -> Sheet:
    return replace(sheet, page=page, turn=turn)


def _button(label: str, to: Sheet) -> Block:
    return button(label, action_id=ActionId.DETAILS_PAGE, value=sheet_value(to), about=to.name)


def _series(series: Series) -> list[str]:
    """What it is and how it stands; its values; where to look."""
    name = data(series.name, _LONGEST_NAME) or t("A series")
    return [f"{_state(series)} *{name}*", " · ".join(_figures(series)), links_of(series.links, room=_ROOM_FOR_LINKS)]


def _state(series: Series) -> str:
    if series.is_blind:
        return t("❔ can't see") if series.is_firing else t("✅ sees again")
    if series.is_firing:
        return t("🔴 firing")
    return t("❔ ended, not proven fixed") if series.doubt is not None else t("✅ resolved")


def _figures(series: Series) -> list[str]:
    told = [values] if (values := trend(series)) else []
    if series.is_firing or series.ends_at is None:
        return [*told, t("since {time}", time=when(series.starts_at))]
    return [*told, t("from {start} to {end}", start=when(series.starts_at), end=when(series.ends_at))]


def _alert(alert: ArrivedAlert) -> str:
    told = {
        "time": when(alert.received_at),
        "series": data(alert.name, _LONGEST_NAME),
        "became": in_words(alert.reason),
    }
    value = "" if alert.value is None else f" | {number(alert.value)}"
    if alert.status is AlertStatus.FIRING:
        return t("🔴 {time} *{series}* fires{value} · {became}", value=value, **told)
    return t("✅ {time} *{series}* has ended{value} · {became}", value=value, **told)
