"""Which installation sent it?"""

from typing import Any

import pytest

from incidents.rules.cluster import is_fallback
from receiver.sources.sender import sender


@pytest.mark.parametrize(
    ("org", "url", "told"),
    [
        (1, "https://grafana.example.com/", "1@grafana.example.com"),
        (1, "http://grafana.example.com", "1@grafana.example.com"),
        (2, "https://example.com/grafana//?x=1#y", "2@example.com/grafana"),
        (0, "http://localhost:3000/", "0@localhost:3000"),
        (None, "https://grafana.example.com/", "@grafana.example.com"),
        (7, "", "7@"),
        (7, None, "7@"),
        (None, "", ""),
        (None, "https://", ""),
        (True, [], ""),
        ("1", 5, ""),
        (-1, {}, ""),
        (10**30, None, ""),
        (1, "https://admin:s3same@grafana.example.com/x", "1@grafana.example.com/x"),
        (1, "grafana.example.com", "1@grafana.example.com"),
        (1, "https://a\x00b\ud800\n.example", "1@a\ufffdb\ufffd .example"),
    ],
)
def test_organisation_and_address_make_the_sender(org: Any, url: Any, told: str) -> None:
    assert sender(org, url) == told


def test_a_sender_is_as_long_as_a_cluster_may_be() -> None:
    assert len(sender(1, "https://" + "a" * 5000)) == 190


def test_whoever_reads_it_as_a_cluster_knows_it_for_a_stand_in() -> None:
    assert all(is_fallback(sender(org, url)) for org, url in [(1, "https://a.example"), (1, ""), (None, "a.example")])
