"""README.ko.md tells the same: the same headings, settings, commands, boxes and pages."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH, KOREAN = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
OF_ONE_ONLY = {"README.md", "README.ko.md", "docs/images/card.png", "docs/images/card-ko.png"}
"""Each links to the other and shows a card in its language; the Korean one to the page on languages, too."""


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+) ", text, re.MULTILINE)


def first_cells(text: str) -> list[str]:
    """Of tables: settings and commands."""
    return re.findall(r"^\| (`[^|]*?) \|", text, re.MULTILINE)


def links(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)]+)\)", text)) - OF_ONE_ONLY


def test_its_headings_and_boxes_are_those_of_the_english_one() -> None:
    assert headings(KOREAN) == headings(ENGLISH)
    assert re.findall(r"^ *```\w*", KOREAN, re.MULTILINE) == re.findall(r"^ *```\w*", ENGLISH, re.MULTILINE)
    assert KOREAN.count("\n- **") == ENGLISH.count("\n- **")


def test_it_has_every_setting_and_command() -> None:
    assert first_cells(KOREAN) == first_cells(ENGLISH)
    assert len(first_cells(ENGLISH)) > 20


def test_the_proxy_of_both_publishes_the_same_paths() -> None:
    published = [re.findall(r"@public path (.*)", text) for text in (ENGLISH, KOREAN)]
    assert published == [["/webhooks/* /heartbeats/* /slack/events /api/* /slack/install /slack/oauth_redirect"]] * 2


def test_it_leads_to_the_same_pages() -> None:
    assert links(ENGLISH) <= links(KOREAN)
    assert [
        link
        for link in links(KOREAN)
        if not link.startswith(("http", "#")) and not (ROOT / link.partition("#")[0]).exists()
    ] == []
