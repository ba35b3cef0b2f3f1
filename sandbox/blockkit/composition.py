"""Composition objects: text, option, option group, confirmation, filter, dispatch, file.

Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.blockkit.check import (
    Check,
    Problems,
    anything,
    at_least_one,
    boolean,
    by_type,
    enum,
    exactly_one,
    list_of,
    shape,
    string,
    url,
)
from sandbox.blockkit.problem import Problem

IDENTIFIER = string(most=255)


def plain_text(most: int = 3000) -> Check:
    kinds = {"plain_text": _plain(most)}
    return by_type(lambda: kinds)


def any_text(most: int = 3000) -> Check:
    """plain_text or mrkdwn."""
    kinds = {"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)}
    return by_type(lambda: kinds)


def _plain(most: int) -> Check:
    return shape({"type": anything, "text": string(most=most)}, {"emoji": boolean})


def _mrkdwn(most: int) -> Check:
    return shape({"type": anything, "text": string(most=most)}, {"verbatim": boolean})


CONFIRM = shape(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": enum("primary", "danger")},
)

FILTER = shape(
    {},
    {
        "include": list_of(enum("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    [at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users")],
)

DISPATCH = shape({}, {"trigger_actions_on": list_of(enum("on_enter_pressed", "on_character_entered"), most=2)})

SLACK_FILE = shape({}, {"id": string(), "url": url()}, [exactly_one("id", "url")])


def option(text: Check, extra: dict[str, Check] | None = None) -> Check:
    return shape({"text": text, "value": string(most=150)}, {"description": plain_text(75), **(extra or {})})


MENU_OPTION = option(plain_text(75))
# A link is allowed in an overflow menu's options only.
OVERFLOW_OPTION = option(plain_text(75), {"url": url()})
BOX_OPTION = shape(
    {"text": any_text(75), "value": string(most=150)},
    {"description": any_text(75)},
)
OPTION_GROUP = shape({"label": plain_text(75), "options": list_of(MENU_OPTION, most=100)})

_SUGGESTED = shape(
    {},
    {"options": list_of(MENU_OPTION, least=0, most=100), "option_groups": list_of(OPTION_GROUP, most=100)},
    [exactly_one("options", "option_groups")],
)


def options_problems(answer: Mapping[str, Any]) -> list[Problem]:
    """What Slack would not show of an answer to `block_suggestion`."""
    return list(_SUGGESTED(answer, ""))


def offered_options(element: Mapping[str, Any]) -> Iterator[Any]:
    """All options of a select, checkbox, radio or overflow element, those in groups too."""
    yield from _items(element.get("options"))
    for group in _items(element.get("option_groups")):
        if isinstance(group, Mapping):
            yield from _items(group.get("options"))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def initial_is_offered(name: str) -> Check:
    """What is chosen at first must be exactly one of the options."""

    def check(element: Any, pointer: str) -> Problems:
        offered = list(offered_options(element))
        chosen = element.get(name)
        for index, one in enumerate(chosen if isinstance(chosen, list) else [chosen]):
            if one is not None and one not in offered:
                where = f"{pointer}/{name}/{index}" if isinstance(chosen, list) else f"{pointer}/{name}"
                yield Problem(where, "must match an option that is offered")

    return check
