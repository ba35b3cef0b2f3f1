"""What Slack would refuse, each with the place where Slack would point."""

import copy
from typing import Any

import pytest

from sandbox.blockkit import problems_in_blocks, problems_in_message, problems_in_view

Json = dict[str, Any]


def plain(text: str = "Text") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*Text*") -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Press"), "action_id": "press", **fields}


def option(value: str = "a", **fields: Any) -> Json:
    return {"text": plain(value), "value": value, **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(**fields: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **fields}


def asks(element: Json, **fields: Any) -> Json:
    return {"type": "input", "label": plain(), "element": {"action_id": "a", **element}, **fields}


def select(**fields: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": [option()], **fields}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def rich_section(*inline: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(inline)}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No"), "style": "danger"}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a graph"}
CELL = {"type": "raw_text", "text": "x"}
VIDEO = {
    "type": "video",
    "alt_text": "a film",
    "title": plain(),
    "thumbnail_url": "https://example.com/a.png",
    "video_url": "https://example.com/a.mp4",
}

GOOD = {
    "section with text": section(),
    "section with fields": {"type": "section", "fields": [plain(), mrkdwn()], "expand": True},
    "section at its limit": {"type": "section", "text": mrkdwn("x" * 3000)},
    "section with an image": section(accessory=IMAGE),
    "section with a button": section(accessory=button(style="primary", value="1", confirm=CONFIRM)),
    "link button": actions(button(url="https://example.com/a?b=c")),
    "header": {"type": "header", "text": plain("x" * 150), "block_id": "h"},
    "context": {"type": "context", "elements": [plain(), mrkdwn(), IMAGE]},
    "divider": {"type": "divider"},
    "image": {**IMAGE, "title": plain()},
    "image of a Slack file": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    "overflow of five": actions({"type": "overflow", "options": [option(str(n)) for n in range(5)]}),
    "overflow with a link": actions({"type": "overflow", "options": [option(url="https://example.com")]}),
    "select": actions(select(initial_option=option(), placeholder=plain(), confirm=CONFIRM)),
    "select in groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain(), "options": [option()]}]}
    ),
    "users_select": actions({"type": "users_select", "initial_user": "U1"}),
    "conversations_select": actions({"type": "conversations_select", "filter": {"include": ["public"]}}),
    "channels_select": actions({"type": "channels_select"}),
    "external_select": actions({"type": "external_select", "min_query_length": 0}),
    "multi selects": actions(
        {"type": "multi_static_select", "options": [option()], "max_selected_items": 1, "action_id": "1"},
        {"type": "multi_users_select", "action_id": "2"},
        {"type": "multi_conversations_select", "action_id": "3"},
        {"type": "multi_channels_select", "action_id": "4"},
        {"type": "multi_external_select", "action_id": "5"},
    ),
    "pickers": actions(
        {"type": "datepicker", "initial_date": "2026-02-28", "action_id": "1"},
        {"type": "timepicker", "initial_time": "23:59", "action_id": "2"},
        {"type": "datetimepicker", "initial_date_time": 1_700_000_000, "action_id": "3"},
    ),
    "boxes": actions(
        {"type": "checkboxes", "options": [{"text": mrkdwn(), "value": "a"}], "action_id": "1"},
        {"type": "radio_buttons", "options": [option()], "initial_option": option(), "action_id": "2"},
    ),
    "text input": asks({"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 3000}),
    "number input": asks({"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
    "email input": asks({"type": "email_text_input"}),
    "url input": asks({"type": "url_text_input"}, optional=True, hint=plain(), dispatch_action=True),
    "file input": asks({"type": "file_input", "max_files": 10}),
    "same action_id in two blocks is one block's matter": section(accessory=button()),
    "rich text": rich(
        rich_section(
            {"type": "text", "text": "x", "style": {"bold": True}},
            {"type": "link", "url": "https://example.com"},
            {"type": "user", "user_id": "U1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "emoji", "name": "fire"},
            {"type": "broadcast", "range": "here"},
            {"type": "color", "value": "#ff0000"},
            {"type": "date", "timestamp": 1_700_000_000, "format": "{date_short}"},
        ),
        {"type": "rich_text_list", "style": "bullet", "elements": [rich_section()], "indent": 1},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        {"type": "rich_text_quote", "elements": []},
    ),
    "video": VIDEO,
}
GOOD_IN_MESSAGES = {
    "table": {"type": "table", "rows": [[CELL] * 20] * 100, "column_settings": [{"align": "right"}]},
    "table of rich text": {"type": "table", "rows": [[rich(rich_section())]]},
    "markdown": {"type": "markdown", "text": "**x**"},
    "remote file": {"type": "file", "external_id": "x", "source": "remote"},
}

BAD = {
    "not an object": ("section", ""),
    "no type": ({"text": mrkdwn()}, ""),
    "unknown type": ({"type": "sektion"}, "/type"),
    "type is a list": ({"type": []}, "/type"),
    "unknown field": (section(colour="red"), ""),
    "section with nothing": ({"type": "section"}, ""),
    "section text empty": ({"type": "section", "text": mrkdwn("")}, "/text/text"),
    "section text too long": ({"type": "section", "text": mrkdwn("x" * 3001)}, "/text/text"),
    "section text is a string": ({"type": "section", "text": "hello"}, "/text"),
    "section text is a number": ({"type": "section", "text": mrkdwn(5)}, "/text/text"),  # type: ignore[arg-type]
    "section text null": ({"type": "section", "text": None}, "/text"),
    "fields empty": ({"type": "section", "fields": []}, "/fields"),
    "too many fields": ({"type": "section", "fields": [plain()] * 11}, "/fields"),
    "field too long": ({"type": "section", "fields": [plain("x" * 2001)]}, "/fields/0/text"),
    "text of unknown kind": ({"type": "section", "text": {"type": "html", "text": "x"}}, "/text/type"),
    "emoji on mrkdwn": ({"type": "section", "text": {**mrkdwn(), "emoji": True}}, "/text"),
    "verbatim on plain_text": ({"type": "section", "text": {**plain(), "verbatim": True}}, "/text"),
    "emoji is no boolean": ({"type": "section", "text": {**plain(), "emoji": 1}}, "/text/emoji"),
    "input as accessory": (section(accessory={"type": "plain_text_input"}), "/accessory/type"),
    "datetimepicker as accessory": (section(accessory={"type": "datetimepicker"}), "/accessory/type"),
    "block_id too long": ({"type": "divider", "block_id": "x" * 256}, "/block_id"),
    "block_id empty": ({"type": "divider", "block_id": ""}, "/block_id"),
    "header in mrkdwn": ({"type": "header", "text": mrkdwn()}, "/text/type"),
    "header too long": ({"type": "header", "text": plain("x" * 151)}, "/text/text"),
    "header empty": ({"type": "header", "text": plain("")}, "/text/text"),
    "header without text": ({"type": "header"}, ""),
    "context empty": ({"type": "context", "elements": []}, "/elements"),
    "context too many": ({"type": "context", "elements": [plain()] * 11}, "/elements"),
    "context with a button": ({"type": "context", "elements": [button()]}, "/elements/0/type"),
    "divider with text": ({"type": "divider", "text": plain()}, ""),
    "image without alt_text": ({"type": "image", "image_url": "https://example.com/a.png"}, ""),
    "image alt_text too long": ({**IMAGE, "alt_text": "x" * 2001}, "/alt_text"),
    "image from nowhere": ({"type": "image", "alt_text": "x"}, ""),
    "image from two places": ({**IMAGE, "slack_file": {"id": "F1"}}, ""),
    "image url too long": ({**IMAGE, "image_url": "https://e.com/" + "x" * 3000}, "/image_url"),
    "image by javascript": ({**IMAGE, "image_url": "javascript:alert(1)"}, "/image_url"),
    "actions empty": (actions(), "/elements"),
    "actions too many": (actions(*[button(action_id=str(n)) for n in range(26)]), "/elements"),
    "actions not a list": ({"type": "actions", "elements": {}}, "/elements"),
    "actions with an image": (actions(IMAGE), "/elements/0/type"),
    "same action_id twice": (actions(button(), button()), "/elements/1/action_id"),
    "action_id too long": (actions(button(action_id="x" * 256)), "/elements/0/action_id"),
    "action_id empty": (actions(button(action_id="")), "/elements/0/action_id"),
    "button text in mrkdwn": (actions(button(text=mrkdwn())), "/elements/0/text/type"),
    "button text too long": (actions(button(text=plain("x" * 76))), "/elements/0/text/text"),
    "button text empty": (actions(button(text=plain(""))), "/elements/0/text/text"),
    "button without text": (actions({"type": "button", "action_id": "a"}), "/elements/0"),
    "button value too long": (actions(button(value="x" * 2001)), "/elements/0/value"),
    "button value a number": (actions(button(value=7)), "/elements/0/value"),
    "button style default": (actions(button(style="default")), "/elements/0/style"),
    "button style null": (actions(button(style=None)), "/elements/0/style"),
    "button url relative": (actions(button(url="/runbook")), "/elements/0/url"),
    "button url by javascript": (actions(button(url="javascript:alert(1)")), "/elements/0/url"),
    "button url with a space": (actions(button(url="https://e.com/a b")), "/elements/0/url"),
    "button url broken": (actions(button(url="https://[::1")), "/elements/0/url"),
    "button url too long": (actions(button(url="https://e.com/" + "x" * 3000)), "/elements/0/url"),
    "confirm title too long": (
        actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})),
        "/elements/0/confirm/title/text",
    ),
    "confirm text too long": (
        actions(button(confirm={**CONFIRM, "text": plain("x" * 301)})),
        "/elements/0/confirm/text/text",
    ),
    "confirm without deny": (
        actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"})),
        "/elements/0/confirm",
    ),
    "confirm button too long": (
        actions(button(confirm={**CONFIRM, "confirm": plain("x" * 31)})),
        "/elements/0/confirm/confirm/text",
    ),
    "confirm style": (actions(button(confirm={**CONFIRM, "style": "warning"})), "/elements/0/confirm/style"),
    "overflow empty": (actions({"type": "overflow", "options": []}), "/elements/0/options"),
    "overflow of six": (
        actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]}),
        "/elements/0/options",
    ),
    "overflow in mrkdwn": (
        actions({"type": "overflow", "options": [{"text": mrkdwn(), "value": "a"}]}),
        "/elements/0/options/0/text/type",
    ),
    "overflow with a style": (
        actions({"type": "overflow", "options": [option()], "style": "danger"}),
        "/elements/0",
    ),
    "select without options": (actions({"type": "static_select"}), "/elements/0"),
    "select with options and groups": (
        actions(select(option_groups=[{"label": plain(), "options": [option()]}])),
        "/elements/0",
    ),
    "select of 101": (
        actions(select(options=[option(str(n)) for n in range(101)])),
        "/elements/0/options",
    ),
    "select option with a url": (
        actions(select(options=[option(url="https://example.com")])),
        "/elements/0/options/0",
    ),
    "option text too long": (
        actions(select(options=[{"text": plain("x" * 76), "value": "a"}])),
        "/elements/0/options/0/text/text",
    ),
    "option value too long": (
        actions(select(options=[{"text": plain(), "value": "x" * 151}])),
        "/elements/0/options/0/value",
    ),
    "option without value": (
        actions(select(options=[{"text": plain()}])),
        "/elements/0/options/0",
    ),
    "option description too long": (
        actions(select(options=[option(description=plain("x" * 76))])),
        "/elements/0/options/0/description/text",
    ),
    "initial option not offered": (
        actions(select(initial_option=option("b"))),
        "/elements/0/initial_option",
    ),
    "placeholder too long": (
        actions(select(placeholder=plain("x" * 151))),
        "/elements/0/placeholder/text",
    ),
    "group label too long": (
        actions({"type": "static_select", "option_groups": [{"label": plain("x" * 76), "options": [option()]}]}),
        "/elements/0/option_groups/0/label/text",
    ),
    "filter empty": (actions({"type": "conversations_select", "filter": {}}), "/elements/0/filter"),
    "date wrong": (actions({"type": "datepicker", "initial_date": "28.02.2026"}), "/elements/0/initial_date"),
    "time wrong": (actions({"type": "timepicker", "initial_time": "24:00"}), "/elements/0/initial_time"),
    "moment in milliseconds": (
        actions({"type": "datetimepicker", "initial_date_time": 1_700_000_000_000}),
        "/elements/0/initial_date_time",
    ),
    "checkboxes of eleven": (
        actions({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]}),
        "/elements/0/options",
    ),
    "checked box not offered": (
        actions({"type": "checkboxes", "options": [option()], "initial_options": [option("b")]}),
        "/elements/0/initial_options/0",
    ),
    "radio without options": (actions({"type": "radio_buttons"}), "/elements/0"),
    "multi select of none": (
        actions({"type": "multi_static_select", "options": [option()], "max_selected_items": 0}),
        "/elements/0/max_selected_items",
    ),
    "input without label": ({"type": "input", "element": {"type": "plain_text_input"}}, ""),
    "input label in mrkdwn": (asks({"type": "plain_text_input"}, label=mrkdwn()), "/label/type"),
    "input label too long": (asks({"type": "plain_text_input"}, label=plain("x" * 2001)), "/label/text"),
    "input with a button": (asks(button()), "/element/type"),
    "input with a style": (asks({"type": "plain_text_input", "style": "danger"}), "/element"),
    "input value too long": (
        asks({"type": "plain_text_input", "initial_value": "x" * 3001}),
        "/element/initial_value",
    ),
    "input min above max": (
        asks({"type": "plain_text_input", "min_length": 5, "max_length": 4}),
        "/element/min_length",
    ),
    "input max_length too big": (asks({"type": "plain_text_input", "max_length": 3001}), "/element/max_length"),
    "number input without decimals": (asks({"type": "number_input"}), "/element"),
    "number input from a number": (
        asks({"type": "number_input", "is_decimal_allowed": True, "min_value": 1}),
        "/element/min_value",
    ),
    "dispatch on nothing": (
        asks({"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": []}}),
        "/element/dispatch_action_config/trigger_actions_on",
    ),
    "rich text empty": (rich(), "/elements"),
    "rich text of unknown part": (rich({"type": "rich_text_table"}), "/elements/0/type"),
    "rich text of unknown inline": (rich(rich_section({"type": "html"})), "/elements/0/elements/0/type"),
    "rich text of empty text": (
        rich(rich_section({"type": "text", "text": ""})),
        "/elements/0/elements/0/text",
    ),
    "rich text style": (
        rich(rich_section({"type": "text", "text": "x", "style": {"blink": True}})),
        "/elements/0/elements/0/style",
    ),
    "rich list of text": (
        rich({"type": "rich_text_list", "style": "bullet", "elements": [{"type": "text", "text": "x"}]}),
        "/elements/0/elements/0/type",
    ),
    "rich list style": (
        rich({"type": "rich_text_list", "style": "star", "elements": [rich_section()]}),
        "/elements/0/style",
    ),
    "user in preformatted": (
        rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}),
        "/elements/0/elements/0/type",
    ),
    "video over http": ({**VIDEO, "video_url": "http://example.com/a.mp4"}, "/video_url"),
    "video title too long": ({**VIDEO, "title": plain("x" * 200)}, "/title/text"),
}
BAD_IN_MESSAGES = {
    "table without rows": ({"type": "table", "rows": []}, "/rows"),
    "table of 101 rows": ({"type": "table", "rows": [[CELL]] * 101}, "/rows"),
    "table of 21 columns": ({"type": "table", "rows": [[CELL] * 21]}, "/rows/0"),
    "table of unknown cells": ({"type": "table", "rows": [[{"type": "html"}]]}, "/rows/0/0/type"),
    "table of empty cells": ({"type": "table", "rows": [[{**CELL, "text": ""}]]}, "/rows/0/0/text"),
    "table too big": ({"type": "table", "rows": [[{**CELL, "text": "x" * 10_001}]]}, "/rows"),
    "column alignment": (
        {"type": "table", "rows": [[CELL]], "column_settings": [{"align": "top"}]},
        "/column_settings/0/align",
    ),
    "markdown too long": ({"type": "markdown", "text": "x" * 12_001}, "/text"),
    "markdown empty": ({"type": "markdown", "text": ""}, "/text"),
    "file from elsewhere": ({"type": "file", "external_id": "x", "source": "local"}, "/source"),
}


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD.keys())
def test_a_good_block_passes_everywhere(block: Json, surface: Any) -> None:
    assert problems_in_blocks([block], surface) == []


@pytest.mark.parametrize("block", GOOD_IN_MESSAGES.values(), ids=GOOD_IN_MESSAGES.keys())
def test_some_blocks_pass_in_messages_only(block: Json) -> None:
    assert problems_in_blocks([block], "message") == []
    assert [p.pointer for p in problems_in_blocks([block], "modal")] == ["/0/type"]


@pytest.mark.parametrize(("block", "pointer"), BAD.values(), ids=BAD.keys())
def test_a_bad_block_is_refused_where_it_is_wrong(block: Any, pointer: str) -> None:
    for surface in ("message", "modal", "home"):
        problems = problems_in_blocks([{"type": "divider"}, block], surface)  # type: ignore[arg-type]
        assert {p.pointer for p in problems} == {f"/1{pointer}"}


@pytest.mark.parametrize(("block", "pointer"), BAD_IN_MESSAGES.values(), ids=BAD_IN_MESSAGES.keys())
def test_a_bad_message_block_is_refused_where_it_is_wrong(block: Any, pointer: str) -> None:
    assert {p.pointer for p in problems_in_blocks([block], "message")} == {f"/0{pointer}"}


def test_every_missing_field_of_every_good_block_is_noticed_or_was_optional() -> None:
    """No block may crash the validator, whatever is taken out of it."""
    for block in [*GOOD.values(), *GOOD_IN_MESSAGES.values()]:
        for name in block:
            crippled = copy.deepcopy(block)
            crippled[name] = None
            assert problems_in_blocks([crippled], "message")


def test_blocks_that_are_no_list_are_refused() -> None:
    assert [p.pointer for p in problems_in_message({"blocks": {"type": "divider"}})] == ["/blocks"]


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_takes_so_many_blocks_and_no_more(surface: Any, most: int) -> None:
    assert problems_in_blocks([{"type": "divider"}] * most, surface) == []
    (problem,) = problems_in_blocks([{"type": "divider"}] * (most + 1), surface)
    assert str(problem) == f"[ERROR] no more than {most} items allowed [json-pointer:/]"


def test_a_block_id_stands_once_in_a_message() -> None:
    blocks = [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]
    assert [p.pointer for p in problems_in_blocks(blocks, "message")] == ["/1/block_id"]


def test_an_action_id_may_return_in_another_block() -> None:
    assert problems_in_blocks([actions(button()), section(accessory=button())], "message") == []


def test_one_element_at_most_takes_the_focus() -> None:
    blocks = [asks({"type": "plain_text_input", "focus_on_load": True}) for _ in range(2)]
    assert [p.pointer for p in problems_in_blocks(blocks, "modal")] == ["/1/element/focus_on_load"]


def test_a_message_has_one_table_at_most() -> None:
    (problem,) = problems_in_blocks([{"type": "table", "rows": [[CELL]]}] * 2, "message")
    assert problem.message == "only_one_table_allowed"


def test_markdown_blocks_share_one_limit() -> None:
    blocks = [{"type": "markdown", "text": "x" * 6_001}] * 2
    assert [p.pointer for p in problems_in_blocks(blocks, "message")] == ["/1/text"]


def test_a_problem_reads_as_slack_writes_it() -> None:
    blocks = [{"type": "section", "text": mrkdwn("x" * 3001)}]
    (problem,) = problems_in_message({"text": "x", "blocks": blocks})
    assert str(problem) == "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


def test_a_message_with_nothing_is_refused() -> None:
    assert [p.pointer for p in problems_in_message({"text": "", "blocks": []})] == [""]


def test_a_text_beyond_the_limit_is_refused() -> None:
    assert problems_in_message({"text": "x" * 40_000}) == []
    assert [p.pointer for p in problems_in_message({"text": "x" * 40_001})] == ["/text"]


@pytest.mark.parametrize(
    ("attachments", "pointer"),
    [
        ([{"colour": "red"}], "/attachments/0"),
        ([{"color": 1}], "/attachments/0/color"),
        ([{"title_link": "javascript:x"}], "/attachments/0/title_link"),
        ([{"ts": "yesterday"}], "/attachments/0/ts"),
        ([{"blocks": [{"type": "header", "text": mrkdwn()}]}], "/attachments/0/blocks/0/text/type"),
        ([{"color": "#f00"}] * 101, "/attachments"),
        ({}, "/attachments"),
    ],
)
def test_a_bad_attachment_is_refused_where_it_is_wrong(attachments: Any, pointer: str) -> None:
    assert [p.pointer for p in problems_in_message({"text": "x", "attachments": attachments})] == [pointer]


def test_an_attachment_with_blocks_and_a_colour_passes() -> None:
    assert problems_in_message({"attachments": [{"color": "#ff0000", "fallback": "x", "blocks": [section()]}]}) == []


def modal(**fields: Any) -> Json:
    return {"type": "modal", "title": plain("Note"), "blocks": [section()], **fields}


def test_a_good_modal_passes() -> None:
    blocks = [asks({"type": "plain_text_input"})]
    view = modal(submit=plain("Save"), close=plain("Cancel"), private_metadata="x" * 3000, blocks=blocks)
    assert problems_in_view(view) == []


def test_a_good_home_passes() -> None:
    assert problems_in_view({"type": "home", "blocks": [section()], "callback_id": "home"}) == []


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        ("modal", ""),
        ({"title": plain(), "blocks": []}, ""),
        ({"type": "popup", "blocks": []}, "/type"),
        ({"type": "modal", "blocks": []}, ""),
        ({"type": "modal", "title": plain()}, ""),
        (modal(title=mrkdwn()), "/title/type"),
        (modal(title=plain("x" * 25)), "/title/text"),
        (modal(submit=plain("x" * 25)), "/submit/text"),
        (modal(close=plain("x" * 25)), "/close/text"),
        (modal(submit="Save"), "/submit"),
        (modal(private_metadata="x" * 3001), "/private_metadata"),
        (modal(private_metadata={"id": 1}), "/private_metadata"),
        (modal(callback_id="x" * 256), "/callback_id"),
        (modal(external_id="x" * 256), "/external_id"),
        (modal(notify_on_close="yes"), "/notify_on_close"),
        (modal(colour="red"), ""),
        (modal(blocks={}), "/blocks"),
        (modal(blocks=[asks({"type": "plain_text_input"})]), ""),
        (modal(blocks=[{"type": "header", "text": plain("")}]), "/blocks/0/text/text"),
        ({"type": "home", "title": plain(), "blocks": []}, ""),
        ({"type": "home", "blocks": [{"type": "table", "rows": [[CELL]]}]}, "/blocks/0/type"),
    ],
)
def test_a_bad_view_is_refused_where_it_is_wrong(view: Any, pointer: str) -> None:
    assert {p.pointer for p in problems_in_view(view)} == {pointer}


def test_a_view_beyond_250_kb_is_refused() -> None:
    view = modal(blocks=[section(text=mrkdwn("x" * 3000)) for _ in range(100)])
    assert [p.pointer for p in problems_in_view(view)] == [""]
