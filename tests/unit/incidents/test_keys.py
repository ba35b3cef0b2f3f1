"""What makes an incident the same incident, and a series the same series."""

import hashlib

import pytest

from incidents import keys
from incidents.keys import incident_key, series_key
from incidents.model import Place


def sha256(literal: str) -> str:
    return hashlib.sha256(literal.encode()).hexdigest()


def test_the_incident_key_is_the_hash_of_a_json_array() -> None:
    expected = sha256('["r1","prod-a","pay","checkout","prod"]')
    assert incident_key("r1", Place("prod-a", "pay", "checkout", "prod")) == expected


def test_the_incident_key_never_changes_between_versions() -> None:
    assert incident_key("r1", Place()) == "1f98a24634a876b7e527479b887f7c8dad658c0c7b5acb1211950f7e79519d01"


def test_letters_of_any_script_are_hashed_as_they_are() -> None:
    assert incident_key("봉수", Place()) == sha256('["봉수","","","",""]')


def test_the_series_key_is_the_hash_of_source_rule_and_fingerprint() -> None:
    assert series_key("grafana", "r1", "f00d") == sha256('["grafana","r1","f00d"]')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Place("a", "b"), Place("ab", "")),
        (Place("a", ""), Place("", "a")),
        (Place('a","b'), Place("a", "b")),
        (Place("Abc"), Place("abc")),
        (Place("abc "), Place("abc")),
    ],
)
def test_different_places_are_never_confused(one: Place, other: Place) -> None:
    assert incident_key("r1", one) != incident_key("r1", other)


def test_a_cluster_that_the_labels_do_not_tell_keeps_like_series_of_two_senders_apart() -> None:
    assert series_key("grafana", "r1", "f00d", "1@a.example") == sha256('["grafana","r1","f00d","1@a.example"]')
    assert series_key("grafana", "r1", "f00d", "") == series_key("grafana", "r1", "f00d")


@pytest.mark.parametrize("length", [1, 100_000])
def test_the_same_parts_have_the_same_key_each_time(length: int) -> None:
    uid, expected = "r" * length, sha256(f'["grafana","{"r" * length}","f00d"]')
    assert [series_key("grafana", uid, "f00d") for _ in range(3)] == [expected] * 3


def test_of_what_is_remembered_nothing_is_long() -> None:
    """Senders say how long it is: what they send would stay in memory."""
    keys._remembered.cache_clear()
    for uid in ("r1", "a long uid" * 100):
        series_key("grafana", uid, "f00d")
    assert keys._remembered.cache_info().currsize == 1
