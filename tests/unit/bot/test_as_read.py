"""A message's text as people read it, and that nothing of it is markup where we show it."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.as_read import as_read, mentioned
from bot.blocks.card import card
from bot.blocks.detail import detail
from bot.blocks.thread import thread_entry
from bot.message import Message
from incidents.model import Event, EventKind
from incidents.threads import LONGEST_TEXT
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import ALICE, BOB, a_view, an_event, an_incident

NAMES = {"U0BOB": "Bob Park", "U0EVE": "<!channel>"}
LINK = "https://example.slack.com/archives/C1/p1?thread_ts=1.1&cid=C1"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a &amp;&lt;b&gt; &amp;copy;", "a &<b> &copy;"),
        ("<@U0BOB> and <@U0BOB|bob> and <@U0WHO>", "@Bob Park and @bob and @U0WHO"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!here> <!channel|channel> <!subteam^S1|@oncall> <!subteam^S1>", "@here @channel @oncall @subteam"),
        ("<!date^1^{date}|2 January>", "2 January"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<https://a.example/x|a.example/x>", "https://a.example/x"),
        ("<https://evil.example|grafana>", "grafana (https://evil.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("< not markup", "< not markup"),
        ("  \n two\nlines ", "two\nlines"),
        ("\ud800", "?"),
    ],
)
def test_text_reads_as_it_was_seen(text: str, read: str) -> None:
    assert as_read(text, NAMES) == (read, False)


def test_a_long_text_is_cut_and_says_so() -> None:
    text, is_clipped = as_read("가" * 40_000, {})
    assert (len(text), text[-1], is_clipped) == (LONGEST_TEXT, "…", True)


def test_people_without_names_are_asked_for_once() -> None:
    assert mentioned("<@U0BOB> <@U0BOB> <@U0ALICE|alice> <@W0CAROL>") == ["U0BOB", "W0CAROL"]


MARKS = (
    "<!here>",
    "<@U0ALICE>",
    "<https://e.example|x>",
    "&lt;!channel&gt;",
    "&amp;lt;@U0BOB&amp;gt;",
    "<!subteam^S1>",
)
SIGNS = ("<", ">", "&", "|", "*", "`", "~", "_", "\n", "> ", "\u202e", "\ud800", "&#60;", "&#x3c;!here&#x3e;", "\x00")
MARKUP = st.sampled_from((*MARKS, *SIGNS))
TEXT = st.lists(MARKUP | st.text(max_size=10), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
@example("<" * 40_000, "app:<!here>")
@example("&lt;!here&gt;" * 500, "U0ALICE")
def test_no_text_of_a_reply_can_mention_or_link_from_card_or_thread(said: str, name: str) -> None:
    text, is_clipped = as_read(said, {"U0ALICE": name})
    told = {"text": text, "clipped": is_clipped, "files": 2, "link": LINK}
    note = an_event(EventKind.NOTED, actor=BOB, **told)
    entry = an_event(EventKind.TIMELINE_ENTRY, actor=BOB, author=f"app:{name}", **told)
    closing = an_event(EventKind.NOTE_DELETED, actor="system", author=f"app:{name}")
    view = a_view(last_note=note)
    for message in (
        card(view, reopen_window=timedelta(minutes=10)),
        thread_entry(note, an_incident()),
        thread_entry(entry, an_incident()),
        detail(view, [note, entry, closing] * 3, reopen_window=timedelta(minutes=10)),
    ):
        assert problems_in_message({"text": message.text, "blocks": message.blocks}) == []
        assert _marked(message) <= {f"<{LINK.replace('&', '&amp;')}|", f"<@{BOB}>"}


def _marked(message: Message) -> set[str]:
    """All that Slack would take for a mention or a link, but for times and links of the card itself."""
    texts = [message.text, *_texts(message.blocks)]
    found = {one for text in texts for one in re.findall(r"<[^|>]*[|>]", text)}
    return {one for one in found if not one.startswith(("<!date^", "<https://grafana.", "<https://wiki."))}


def _texts(node: object) -> list[str]:
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    if not isinstance(node, dict):
        return []
    if node.get("type") == "mrkdwn":
        return [node["text"]]
    return [text for one in node.values() for text in _texts(one)]


def test_the_card_shows_files_and_that_it_was_edited_beside_the_note() -> None:
    note = an_event(EventKind.NOTED, text="look", files=1, edited=True, link=LINK)
    assert _shown(note) == f"📝 <@{ALICE}>: look (<{LINK.replace('&', '&amp;')}|1 file>, edited)"
    assert _shown(replace(note, data={"files": 2})) == f"📝 <@{ALICE}>:  (2 files)"


def _shown(note: Event) -> str:
    [block] = [
        block
        for block in card(a_view(last_note=note), reopen_window=timedelta(minutes=10)).blocks
        if block["block_id"] == "note"
    ]
    assert json.dumps(block)
    return str(block["elements"][0]["text"])
