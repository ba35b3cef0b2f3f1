from dataclasses import asdict

from bot.blocks.detail import detail
from bot.blocks.help import help_text
from bot.blocks.listing import listing
from bot.commands.command import Command, Verb
from bot.commands.parse import parse
from incidents.model import EventKind, IncidentView, Place, Resolution, Severity
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import WINDOW, a_view, acknowledged, an_event, an_incident, resolved
from tests.unit.bot.snapshots import expect_message

HOSTILE = "<!channel> & *x* " * 300
EVENTS = [
    an_event(EventKind.OPENED, actor="system"),
    an_event(EventKind.ACKNOWLEDGED),
    an_event(EventKind.NOTED, text="looking at <it>"),
]


def many(count: int) -> list[IncidentView]:
    place = Place(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    return [a_view(an_incident(id=n, number=n, title=HOSTILE, place=place)) for n in range(1, count + 1)]


def test_the_list_is_as_it_was_looked_at() -> None:
    views = [a_view(), a_view(acknowledged(id=13, number=143, severity=Severity.WARNING))]
    expect_message("list", listing(views, total=2, links={12: "https://team.slack.com/archives/C1/p1"}))


def test_nothing_open_is_a_calm_sentence() -> None:
    expect_message("list-empty", listing([], total=0, links={}))


def test_a_storm_shows_twenty_and_counts_the_rest() -> None:
    message = listing(many(20), total=51, links={})
    assert problems_in_message(asdict(message)) == []
    assert len(message.text) <= 4000
    assert "and 31 more: `/incident show INC-n`" in str(message.blocks[-1])
    assert "*x*" not in str(message.blocks)


def test_an_incident_is_shown_without_buttons_and_with_its_timeline() -> None:
    expect_message(
        "show", detail(a_view(acknowledged()), EVENTS, reopen_window=WINDOW, link_to_card="<https://x.y|card>")
    )


def test_a_resolved_incident_is_shown_with_its_links() -> None:
    message = detail(a_view(resolved(Resolution.RECOVERED)), EVENTS, reopen_window=WINDOW)
    assert "Dashboard" in str(message.blocks)


def test_a_long_timeline_fits() -> None:
    events = [an_event(EventKind.NOTED, actor=f"key:{'<' * 100}", text="<" * 2500)] * 40
    assert problems_in_message(asdict(detail(a_view(), events, reopen_window=WINDOW))) == []


def test_the_help_is_as_it_was_looked_at_and_every_example_works() -> None:
    expect_message("help", help_text())


def test_every_verb_is_in_the_help() -> None:
    assert all(f"/incident {verb}" in str(help_text().blocks) for verb in Verb)
    assert isinstance(parse("resolve 12 rolled back"), Command)
