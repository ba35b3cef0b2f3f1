"""The rich_text block and what it is made of.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from sandbox.blockkit.check import (
    Check,
    Fields,
    anything,
    boolean,
    by_type,
    enum,
    integer,
    list_of,
    pattern,
    shape,
    string,
    url,
)

_STYLES: Fields = dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean)
_MENTION_STYLES: Fields = {**_STYLES, "highlight": boolean, "client_highlight": boolean, "unlink": boolean}
_STYLE = shape({}, _STYLES)
_MENTION_STYLE = shape({}, _MENTION_STYLES)
_BORDER = integer(least=0, most=1)
_INDENT = integer(least=0, most=8)


def _inline(required: Fields, optional: Fields | None = None) -> Check:
    return shape({"type": anything, **required}, optional or {})


_TEXT = _inline({"text": string()}, {"style": _STYLE})
_LINK = _inline(
    {"url": url(schemes=("http", "https", "mailto"))},
    {"text": string(least=0), "unsafe": boolean, "style": _STYLE},
)

INLINE: Fields = {
    "text": _TEXT,
    "link": _LINK,
    "emoji": _inline({"name": string()}, {"unicode": string(), "skin_tone": integer(least=1, most=6)}),
    "user": _inline({"user_id": string()}, {"style": _MENTION_STYLE}),
    "usergroup": _inline({"usergroup_id": string()}, {"style": _MENTION_STYLE}),
    "channel": _inline({"channel_id": string()}, {"style": _MENTION_STYLE}),
    "broadcast": _inline({"range": enum("here", "channel", "everyone")}, {"style": _MENTION_STYLE}),
    "color": _inline({"value": pattern(r"#[0-9A-Fa-f]{6}", "must be a colour as #RRGGBB")}),
    "date": _inline(
        {"timestamp": integer(least=0, most=9_999_999_999), "format": string()},
        {"url": url(), "fallback": string(), "style": _STYLE},
    ),
}
_IN_PREFORMATTED: Fields = {"text": _TEXT, "link": _LINK}

# Slack takes empty rich text sections and no empty lists of them.
_CONTENT = list_of(by_type(lambda: INLINE), least=0)
_SECTION = shape({"type": anything, "elements": _CONTENT})
_SECTIONS: Fields = {"rich_text_section": _SECTION}

_PARTS: Fields = {
    "rich_text_section": _SECTION,
    "rich_text_list": shape(
        {
            "type": anything,
            "style": enum("bullet", "ordered"),
            "elements": list_of(by_type(lambda: _SECTIONS)),
        },
        {"indent": _INDENT, "offset": integer(least=0, most=100_000), "border": _BORDER},
    ),
    "rich_text_preformatted": shape(
        {"type": anything, "elements": list_of(by_type(lambda: _IN_PREFORMATTED), least=0)},
        {"border": _BORDER, "language": string()},
    ),
    "rich_text_quote": shape({"type": anything, "elements": _CONTENT}, {"border": _BORDER}),
}

PARTS = list_of(by_type(lambda: _PARTS))
