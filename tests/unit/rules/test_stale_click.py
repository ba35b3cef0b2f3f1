"""May a click from an older card still do what it says?"""

from incidents.model import Status
from incidents.rules.stale_click import Changed, Seen, outdated
from tests.building import an_acknowledged, an_incident

NOW = an_incident(version=9)


def test_who_named_the_incident_without_a_card_is_never_refused() -> None:
    assert outdated(None, NOW, firing=9) is None


def test_the_card_as_it_is_now_is_never_refused() -> None:
    assert outdated(Seen(version=9, status=Status.RESOLVED, episode=3), NOW, firing=9) is None


def test_an_older_version_alone_refuses_nothing() -> None:
    assert outdated(Seen(version=2, status=Status.ACTIVE, episode=1), NOW) is None


def test_another_state_is_told() -> None:
    seen = Seen(version=2, status=Status.ACTIVE, episode=1)
    assert outdated(seen, an_acknowledged(version=9)) == Changed("it is {status} now", {"status": "acknowledged"})


def test_another_episode_is_told_even_in_the_same_state() -> None:
    seen = Seen(version=2, status=Status.ACTIVE, episode=1)
    assert outdated(seen, an_incident(version=9, episode=2)) == Changed("it was resolved and has opened again")


def test_closing_over_series_that_began_to_fire_since_is_refused() -> None:
    seen = Seen(version=2, status=Status.ACTIVE, episode=1, firing=2)
    assert outdated(seen, NOW, firing=3) == Changed(
        "{firing} series fire now, {seen} did then", {"firing": 3, "seen": 2}
    )
    assert outdated(seen, NOW, firing=2) is None
    assert outdated(seen, NOW, firing=1) is None
