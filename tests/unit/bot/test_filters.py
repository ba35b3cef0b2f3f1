"""The words behind ``/incident list`` and ``/incident stats``."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.command import ME, Command, Mistake, Verb
from bot.commands.filters import in_short, nearest, read_filter, read_period, typed
from bot.commands.parse import parse
from incidents.browse import PAST, Filter, Matching
from incidents.model import Severity, Status

WEEK = timedelta(days=7)
CRITICAL = frozenset({Severity.CRITICAL})


def about(*words: str, severities: frozenset[Severity] = frozenset()) -> Matching:
    return Matching(severities, words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filter()),
        ("open", Filter()),
        ("payments critical", Filter(matching=about("payments", severities=CRITICAL))),
        ("CRITICAL, Payments", Filter(matching=about("payments", severities=CRITICAL))),
        ("crit warn", Filter(matching=Matching(frozenset({Severity.CRITICAL, Severity.WARNING})))),
        ("mine", Filter(owner=ME)),
        ("me critical", Filter(matching=Matching(CRITICAL), owner=ME)),
        ("unassigned", Filter(unassigned=True)),
        ("acknowledged", Filter(statuses=frozenset({Status.ACKNOWLEDGED}))),
        ("active unassigned", Filter(statuses=frozenset({Status.ACTIVE}), unassigned=True)),
        ("snoozed", Filter(snoozed=True)),
        ("resolved 7d", Filter(statuses=PAST, within=WEEK)),
        ("7d resolved", Filter(statuses=PAST, within=WEEK)),
        ("resolved", Filter(statuses=PAST, within=WEEK)),
        ("resolved 90min", Filter(statuses=PAST, within=timedelta(minutes=90))),
        ("noise", Filter(statuses=PAST, noise=True, within=WEEK)),
        ("resolved noise 4w", Filter(statuses=PAST, noise=True, within=timedelta(weeks=4))),
        ("noise resolved 4w", Filter(statuses=PAST, noise=True, within=timedelta(weeks=4))),
        ("12h", Filter(within=timedelta(hours=12))),
        ("<@U0BOB|bob> payments", Filter(matching=about("payments"), owner="U0BOB")),
        ("5xx pay pay &lt;b&gt;", Filter(matching=about("5xx", "pay", "<b>"))),
        ("결제 prod-a/pay 10.0.0.7:3000", Filter(matching=about("결제", "prod-a/pay", "10.0.0.7:3000"))),
    ],
)
def test_words_in_any_order_are_a_filter(text: str, expected: Filter) -> None:
    assert read_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("active resolved", "either `active` or `resolved`"),
        ("snoozed noise", "either `snoozed` or `noise`"),
        ("mine <@U0BOB|bob>", "One person at a time"),
        ("mine unassigned", "One person at a time"),
        ("@bob", "“@bob” is no person: type @"),
        ("<!subteam^S0ONCALL|@oncall>", "“@oncall” is no person"),
        ("<#C0INCIDENTS|incidents>", "“#incidents” is no person"),
        ("<!channel>", "“&lt;!channel&gt;” is no person"),
        ("INC-12", "`/incident show INC-12`"),
        ("#12", "`/incident show 12`"),
        ("7x", "“7x” is no time"),
        ("0d", "“0d” is no time"),
        ("999999w", "“999999w” is no time"),
        ("7d 30d", "One time is enough"),
        ("a b c d e f", "5 words of 60 characters"),
        ("x" * 61, "5 words of 60 characters"),
    ],
)
def test_what_can_not_be_meant_is_a_mistake_that_says_what_to_write(text: str, problem: str) -> None:
    mistake = read_filter(text)
    assert isinstance(mistake, Mistake)
    assert problem in mistake.problem
    assert mistake.example == "/incident list payments critical"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Filter(within=WEEK)),
        ("30d", Filter(within=timedelta(days=30))),
        ("payments critical 30d", Filter(matching=about("payments", severities=CRITICAL), within=timedelta(days=30))),
    ],
)
def test_figures_are_of_a_time_and_of_what_it_is_about(text: str, expected: Filter) -> None:
    assert parse(f"stats {text}") == Command(Verb.STATS, filter=expected)


@pytest.mark.parametrize("text", ["mine", "resolved", "<@U0BOB|bob>", "unassigned 7d"])
def test_figures_of_people_or_states_are_refused(text: str) -> None:
    mistake = read_period(text)
    assert isinstance(mistake, Mistake)
    assert "who has an incident is not asked" in mistake.problem
    assert mistake.example == "/incident stats payments 30d"


@pytest.mark.parametrize(
    ("word", "keyword"), [("criticl", "critical"), ("unasigned", "unassigned"), ("resolvd", "resolved"), ("pay", None)]
)
def test_a_word_that_finds_nothing_may_have_been_a_keyword(word: str, keyword: str | None) -> None:
    assert nearest(Filter(matching=about(word))) == (None if keyword is None else (word, keyword))


@pytest.mark.parametrize("text", ["", "resolved payments 7d", "noise 4w", "mine critical", "active unassigned 12h"])
def test_a_filter_is_written_so_that_it_is_read_the_same(text: str) -> None:
    wanted = read_filter(text)
    assert isinstance(wanted, Filter)
    written = typed(Verb.LIST, wanted, by=ME).strip("`").removeprefix("/incident list")
    assert read_filter(written) == wanted


def test_what_somebody_else_has_is_written_with_a_mention_that_shows() -> None:
    assert typed(Verb.LIST, Filter(owner="U0BOB"), by="U0ALICE") == "/incident list <@U0BOB>"
    assert typed(Verb.LIST, Filter(owner="U0ALICE"), by="U0ALICE") == "`/incident list mine`"


@given(st.integers(1, 366 * 24 * 60))
def test_any_time_is_written_so_that_it_is_read_the_same(minutes: int) -> None:
    within = timedelta(minutes=minutes)
    assert read_filter(in_short(within)) == Filter(within=within)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_filter_or_a_mistake_and_mentions_nobody(text: str) -> None:
    read = read_filter(text)
    told = read.problem if isinstance(read, Mistake) else typed(Verb.LIST, read, by=ME)
    assert "<!" not in told
    assert "<#" not in told
