"""Block elements: what stands inside blocks and can be pressed, chosen or filled in.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

from sandbox.blockkit.check import (
    Check,
    Fields,
    anything,
    boolean,
    enum,
    exactly_one,
    integer,
    list_of,
    not_above,
    pattern,
    shape,
    string,
    url,
)
from sandbox.blockkit.composition import (
    BOX_OPTION,
    CONFIRM,
    DISPATCH,
    FILTER,
    IDENTIFIER,
    MENU_OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    SLACK_FILE,
    initial_is_offered,
    plain_text,
)

DATE = pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "must be a date as YYYY-MM-DD")
TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be a time as HH:mm")
DECIMAL = pattern(r"-?\d+(\.\d+)?", "must be a number in a string")
# The reference: "a UNIX timestamp in seconds, in the format of 10 digits".
EPOCH = integer(least=1_000_000_000, most=9_999_999_999)

_FOCUS: Fields = {"focus_on_load": boolean}
_PLACEHOLDER: Fields = {"placeholder": plain_text(150), **_FOCUS}
_MENU: Fields = {"confirm": CONFIRM, **_PLACEHOLDER}
_MULTI: Fields = {**_MENU, "max_selected_items": integer(least=1, most=100)}
_OPTIONS: Fields = {
    "options": list_of(MENU_OPTION, most=100),
    "option_groups": list_of(OPTION_GROUP, most=100),
}
_TYPED: Fields = {**_PLACEHOLDER, "dispatch_action_config": DISPATCH}
_CONVERSATION: Fields = {"default_to_current_conversation": boolean, "filter": FILTER}


def _element(required: Fields, optional: Fields, *rules: Check) -> Check:
    return shape({"type": anything, **required}, {"action_id": IDENTIFIER, **optional}, rules)


IMAGE = shape(
    {"type": anything, "alt_text": string(most=2000)},
    {"image_url": url(), "slack_file": SLACK_FILE},
    [exactly_one("image_url", "slack_file")],
)

BUTTON = _element(
    {"text": plain_text(75)},
    {
        "url": url(),
        "value": string(most=2000, least=0),
        "style": enum("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(most=75),
    },
)

SELECTS: Fields = {
    "static_select": _element(
        {},
        {**_MENU, **_OPTIONS, "initial_option": MENU_OPTION},
        exactly_one("options", "option_groups"),
        initial_is_offered("initial_option"),
    ),
    "external_select": _element(
        {}, {**_MENU, "initial_option": MENU_OPTION, "min_query_length": integer(least=0, most=3000)}
    ),
    "users_select": _element({}, {**_MENU, "initial_user": string()}),
    "conversations_select": _element(
        {}, {**_MENU, **_CONVERSATION, "initial_conversation": string(), "response_url_enabled": boolean}
    ),
    "channels_select": _element({}, {**_MENU, "initial_channel": string(), "response_url_enabled": boolean}),
}

MULTI_SELECTS: Fields = {
    "multi_static_select": _element(
        {},
        {**_MULTI, **_OPTIONS, "initial_options": list_of(MENU_OPTION, most=100)},
        exactly_one("options", "option_groups"),
        initial_is_offered("initial_options"),
    ),
    "multi_external_select": _element(
        {},
        {
            **_MULTI,
            "initial_options": list_of(MENU_OPTION, most=100),
            "min_query_length": integer(least=0, most=3000),
        },
    ),
    "multi_users_select": _element({}, {**_MULTI, "initial_users": list_of(string())}),
    "multi_conversations_select": _element({}, {**_MULTI, **_CONVERSATION, "initial_conversations": list_of(string())}),
    "multi_channels_select": _element({}, {**_MULTI, "initial_channels": list_of(string())}),
}

PICKERS: Fields = {
    "datepicker": _element({}, {**_MENU, "initial_date": DATE}),
    "timepicker": _element({}, {**_MENU, "initial_time": TIME, "timezone": string()}),
    "datetimepicker": _element({}, {**_FOCUS, "confirm": CONFIRM, "initial_date_time": EPOCH}),
}

CHOICES: Fields = {
    "checkboxes": _element(
        {"options": list_of(BOX_OPTION, most=10)},
        {**_FOCUS, "confirm": CONFIRM, "initial_options": list_of(BOX_OPTION, most=10)},
        initial_is_offered("initial_options"),
    ),
    "radio_buttons": _element(
        {"options": list_of(BOX_OPTION, most=10)},
        {**_FOCUS, "confirm": CONFIRM, "initial_option": BOX_OPTION},
        initial_is_offered("initial_option"),
    ),
}

OVERFLOW = _element({"options": list_of(OVERFLOW_OPTION, most=5)}, {"confirm": CONFIRM})

TYPED: Fields = {
    "plain_text_input": _element(
        {},
        {
            **_TYPED,
            "initial_value": string(most=3000, least=0),
            "multiline": boolean,
            "min_length": integer(least=0, most=3000),
            "max_length": integer(least=1, most=3000),
        },
        not_above("min_length", "max_length"),
    ),
    "number_input": _element(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL},
        not_above("min_value", "max_value"),
    ),
    "email_text_input": _element({}, {**_TYPED, "initial_value": string()}),
    "url_text_input": _element({}, {**_TYPED, "initial_value": string()}),
}

FILE_INPUT = _element({}, {"filetypes": list_of(string()), "max_files": integer(least=1, most=10)})

_PRESSABLE: Fields = {**SELECTS, **PICKERS, **CHOICES, "button": BUTTON, "overflow": OVERFLOW}

# Which elements which block takes.
IN_ACTIONS: Fields = {**_PRESSABLE, **MULTI_SELECTS}
IN_SECTION: Fields = {
    **{kind: check for kind, check in IN_ACTIONS.items() if kind != "datetimepicker"},
    "image": IMAGE,
}
IN_INPUT: Fields = {**SELECTS, **MULTI_SELECTS, **PICKERS, **CHOICES, **TYPED, "file_input": FILE_INPUT}
