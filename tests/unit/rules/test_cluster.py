"""Which cluster is it, where nothing tells?"""

import pytest

from incidents.rules.cluster import cluster, is_fallback


def test_what_is_told_stands() -> None:
    assert cluster("prod-a", sender="1@grafana.example.com") == "prod-a"


def test_the_sender_stands_in() -> None:
    assert cluster("", sender="1@grafana.example.com") == "1@grafana.example.com"
    assert cluster("", sender="") == ""


@pytest.mark.parametrize("name", ["1@grafana.example.com", "@grafana.example.com/sub", "7@"])
def test_a_stand_in_can_be_told(name: str) -> None:
    assert is_fallback(name)


@pytest.mark.parametrize("name", ["", "prod-a", "1", "prod@seoul", "a1@x"])
def test_a_cluster_is_no_stand_in(name: str) -> None:
    assert not is_fallback(name)
