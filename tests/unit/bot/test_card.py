import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from bot.blocks.buttons import Other, buttons
from bot.blocks.card import card
from bot.message import Message
from incidents.model import EventKind, IncidentView, Links, Place, Resolution
from sandbox.blockkit import problems_in_message
from tests.unit.bot.samples import (
    ALICE,
    BOB,
    WINDOW,
    a_series,
    a_view,
    acknowledged,
    an_episode,
    an_event,
    an_incident,
    minutes,
    resolved,
)
from tests.unit.bot.snapshots import expect_message
from tests.unit.bot.states import COMING, NOTE, STATES

SNOOZED = a_view(an_incident(snoozed_until=minutes(60), snoozed_by=BOB))


def shown(view: IncidentView) -> Message:
    return card(view, reopen_window=WINDOW)


def as_json(message: Message) -> str:
    return json.dumps(asdict(message), ensure_ascii=False)


def link_to(channel: str, ts: str) -> str | None:
    return f"https://sandbox.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def labels(view: IncidentView) -> list[str]:
    """What the buttons say, then what the ⋯ menu says."""
    *pressed, more = shown(view).blocks[-1]["elements"]
    return [element["text"]["text"] for element in [*pressed, *more["options"]]]


@pytest.mark.parametrize("name", STATES)
def test_the_card_of_each_state_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"card-{name}", shown(STATES[name]))


@pytest.mark.parametrize("name", COMING)
def test_what_comes_next_stands_beside_who_has_it(name: str) -> None:
    told = card(STATES[name], reopen_window=WINDOW, coming=COMING[name])
    expect_message(f"card-{name}-escalating", told)


def test_the_card_of_what_was_merged_leads_to_the_other_ones_card() -> None:
    told = card(STATES["merged"], reopen_window=WINDOW, link_to=link_to)
    expect_message("card-merged-and-linked", told)
    [opens, undo] = told.blocks[-1]["elements"]
    assert (opens["text"]["text"], opens["url"]) == ("Open INC-140", "https://sandbox.slack.com/archives/C1/p17001")
    assert undo["text"]["text"] == "Undo merge"


@pytest.mark.parametrize("resolution", Resolution)
def test_every_resolution_has_words_and_a_card_that_slack_takes(resolution: Resolution) -> None:
    message = shown(a_view(resolved(resolution)))
    assert problems_in_message(asdict(message)) == []
    expect_message(f"card-resolved-{resolution.value}", message)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (a_view(), ["Acknowledge", "Resolve", "Why?", "Assign", "Snooze", "Add note", "Mark noise", "More"]),
        (
            a_view(acknowledged()),
            ["Resolve", "Add note", "Why?", "Unacknowledge", "Assign", "Snooze", "Mark noise", "More"],
        ),
        (SNOOZED, ["Wake now", "Resolve", "Why?", "Extend snooze", "Assign", "Add note", "Mark noise", "More"]),
        (
            a_view(acknowledged(snoozed_until=minutes(60), snoozed_by=BOB)),
            ["Wake now", "Resolve", "Why?", "Extend snooze", "Assign", "Add note", "Mark noise", "More"],
        ),
        (a_view(resolved(Resolution.RECOVERED)), ["Reopen", "Why?", "Add summary", "Add note", "Mark noise", "More"]),
        (
            a_view(resolved(Resolution.RECOVERED, snoozed_until=minutes(60))),
            ["Reopen", "Why?", "Add summary", "Add note", "Mark noise", "More"],
        ),
        (a_view(resolved(Resolution.NOISE)), ["It's real", "Why?", "Add summary", "Add note", "More"]),
    ],
)
def test_only_what_is_valid_now_can_be_pressed(view: IncidentView, expected: list[str]) -> None:
    assert labels(view) == expected


def test_what_was_merged_leads_to_the_other_and_back() -> None:
    merged = a_view(resolved(Resolution.MERGED, merged_into_id=9))
    told = [buttons(merged), buttons(merged, merged_into=Other("INC-140", None))]
    assert [[one["text"]["text"] for one in block["elements"]] for block in told] == [["Undo merge"]] * 2
    leads = buttons(merged, merged_into=Other("INC-140", "https://slack.example.com/archives/C1/p1"))
    assert [one["text"]["text"] for one in leads["elements"]] == ["Open INC-140", "Undo merge"]
    assert problems_in_message({"text": "merged", "blocks": [leads]}) == []


def test_the_newest_words_on_its_end_stand_on_the_card_whatever_was_noted_since() -> None:
    summary = an_event(EventKind.NOTED, text="rolled <back>", is_closing=True)
    for incident in (resolved(Resolution.RECOVERED), resolved(Resolution.NOISE, noise_reason="flaky")):
        told = as_json(shown(a_view(incident, last_note=NOTE, closing=summary)))
        assert "rolled &lt;back&gt;" in told
        assert "flaky" not in told
    closing = an_event(EventKind.RESOLVED, note="gone")
    assert "gone" in as_json(shown(a_view(resolved(Resolution.MANUAL), last_note=NOTE, closing=closing)))


@pytest.mark.parametrize("name", STATES)
def test_at_most_three_buttons_and_one_of_them_coloured(name: str) -> None:
    elements = shown(STATES[name]).blocks[-1]["elements"]
    pressed = [element for element in elements if element["type"] == "button"]
    assert 1 <= len(pressed) <= 3
    assert sum("style" in element for element in pressed) <= 1
    assert all(1 <= len(element["options"]) <= 5 for element in elements if element["type"] == "overflow")


def test_resolving_asks_back_only_while_series_fire() -> None:
    def asks(view: IncidentView) -> bool:
        return "confirm" in shown(view).blocks[-1]["elements"][0]

    assert asks(a_view(acknowledged(), firing=2))
    assert not asks(a_view(acknowledged(), firing=0))


def test_the_notification_is_a_sentence_that_says_what_where_and_who() -> None:
    assert shown(a_view()).text == (
        "CRITICAL INC-142 is active: Checkout 5xx above 5 %, checkout in prod-a/pay, nobody has it."
    )
    assert shown(a_view(acknowledged())).text.endswith(f"<@{ALICE}> has it.")


def test_the_sentence_says_what_a_reader_must_not_take_it_for() -> None:
    assert shown(STATES["test"]).text == (
        "TEST INC-142 is active: Notification test, a test from Grafana that closes itself."
    )
    assert "checkout in prod-a/pay, whether all is well is not known, nobody has it." in shown(STATES["no-data"]).text
    assert "whether all is well is not known" in shown(STATES["blind"]).text


@pytest.mark.parametrize(
    ("cluster", "shown_as"),
    [
        ("prod-a", "checkout · prod-a/pay · since"),
        ("1@grafana.example.com", "checkout · pay · via example.com · since"),
        ("1@http://10.0.0.7:3000", "checkout · pay · via http://10.0.0.7:3000 · since"),
        ("7@grafana", "checkout · pay · via grafana, org 7 · since"),
        ("kubernetes-admin@kubernetes", "checkout · kubernetes-admin@kubernetes/pay · since"),
        ("1@<!here>", "checkout · pay · via &lt;!here&gt; · since"),
        ("", "checkout · pay · since"),
    ],
)
def test_a_sender_that_stands_in_for_a_cluster_is_shown_as_such(cluster: str, shown_as: str) -> None:
    assert shown_as in as_json(shown(a_view(an_incident(place=Place(cluster, "pay", "checkout")))))


def test_the_values_are_those_of_the_series_that_is_named_first() -> None:
    series = (a_series("small", value_peak=6.0), a_series("large", value_fired=-50.0, value_peak=-90.0, value_now=-1.0))
    assert "large, small +1\\nlarge: -50 → peak -90 → -1" in as_json(shown(a_view(series=series)))


def test_a_single_series_and_its_values_fit_on_one_line() -> None:
    view = a_view(firing=1, resolved=0, series=(a_series("pod-a"),))
    assert "1 firing: pod-a | 5.2 → peak 14 → 12\\n" in as_json(shown(view))


def test_what_comes_next_is_told_in_each_state() -> None:
    def next_of(name: str) -> str:
        return as_json(shown(STATES[name]))

    assert "resolves by itself once all 3 recover" in next_of("active")
    assert "resolves by itself once it recovers" in next_of("active-one")
    assert "resolves by itself once the rule sees again" in next_of("no-data")
    assert "nothing fires, so resolve it if it is over" in next_of("active-bare")
    assert "wakes sooner if it gets graver" in next_of("snoozed")
    assert "stays open until 15 minutes are quiet" in next_of("flapping")
    assert "its alerts go to INC-140 while that is open" in next_of("merged")
    assert "|10:31 UTC>, or fires on at <!date^1767351060^{time}|10:51 UTC>" in next_of("closed-while-critical")
    assert "10:51" not in next_of("closed-while-firing")


def test_of_what_fell_silent_nobody_says_that_it_fires() -> None:
    told = as_json(shown(STATES["stale"]))
    assert "still firing" not in told
    assert "reopens if it fires by" in told


@pytest.mark.parametrize("name", [name for name, view in STATES.items() if not view.incident.is_open])
def test_a_resolved_card_keeps_to_three_lines(name: str) -> None:
    told, _ = shown(STATES[name]).blocks
    assert told["text"]["text"].count("\n") == 2


def test_words_written_when_it_was_over_explain_it_and_earlier_ones_do_not() -> None:
    assert "📝 <@U0BOB>: the pool was too small" in as_json(shown(STATES["recovered-and-explained"]))
    assert "📝" not in as_json(shown(a_view(resolved(Resolution.RECOVERED), last_note=NOTE)))


def test_links_that_are_too_long_in_all_are_left_out_one_by_one() -> None:
    links = as_json(shown(STATES["longest"]))
    assert links.count("|Dashboard>") == links.count("|Panel>") == 1
    assert "|Runbook>" not in links


@pytest.mark.parametrize("name", STATES)
def test_the_notification_is_one_full_sentence(name: str) -> None:
    text = shown(STATES[name]).text
    assert f"INC-{STATES[name].incident.number} " in text
    assert text.endswith(".")
    assert "\n" not in text


def test_no_label_can_mention_format_or_dress_up_a_link() -> None:
    told = as_json(shown(STATES["hostile"]))
    for forbidden in (
        "<!channel",
        "<!here",
        "<@U0ALICE> ",
        "<http://evil",
        "javascript:",
        "`c`",
        "\u202e",
        "*b*",
        "~d~",
    ):
        assert forbidden not in told
    assert "<https://x.example/%3E%7C%3C!here%3E|Runbook>" in told


def test_a_link_is_taken_from_the_first_series_that_has_it() -> None:
    series = (a_series("a", links=Links()), a_series("b", links=Links(runbook="https://wiki.example.com/b")))
    assert "<https://wiki.example.com/b|Runbook>" in as_json(shown(a_view(series=series)))


def test_only_the_words_of_this_closing_explain_it() -> None:
    closing = an_event(EventKind.RESOLVED, note="rolled back")
    closed, closed_again = resolved(Resolution.MANUAL), resolved(Resolution.MANUAL, episode=2)
    assert "rolled back" in as_json(shown(a_view(closed, last_note=closing)))
    assert "rolled back" not in as_json(shown(a_view(closed_again, last_note=closing)))
    assert "database" not in as_json(shown(a_view(closed, last_note=NOTE)))


def test_an_inherited_acknowledgement_has_no_response_time() -> None:
    episode = an_episode(acknowledged_at=None, acknowledged_by=None, inherited=True)
    assert "acknowledged before" in as_json(shown(a_view(resolved(Resolution.RECOVERED), episode=episode)))


def test_a_longer_window_moves_the_time_until_which_it_reopens() -> None:
    view = a_view(resolved(Resolution.RECOVERED))
    assert "10:31 UTC" in as_json(shown(view))
    assert "11:21 UTC" in as_json(card(view, reopen_window=timedelta(hours=1)))
