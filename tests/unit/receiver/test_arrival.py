"""What is remembered of a request."""

import pytest

from receiver.arrival import Arrival, kept_headers, told_by_url


def test_no_secret_is_among_the_headers_that_are_kept() -> None:
    told = {
        "authorization": "Bearer s3same", "Proxy-Authorization": "x", "Cookie": "x", "X-Api-Key": "x",
        "X-Grafana-Alerting-Signature": "x", "X-Something-New": "x",
        "content-type": "application/json", "USER-AGENT": "Grafana", "X-Forwarded-For": "192.0.2.7",
    }  # fmt: skip
    assert kept_headers(told) == {
        "Content-Type": "application/json",
        "User-Agent": "Grafana",
        "X-Forwarded-For": "192.0.2.7",
    }


def test_header_values_are_fit_to_be_stored() -> None:
    assert kept_headers({"User-Agent": "a\udce9\x00" + "b" * 2000})["User-Agent"] == "a��" + "b" * 996 + "…"


def test_each_request_has_an_id_of_its_own() -> None:
    assert Arrival("grafana", {}).request_id != Arrival("grafana", {}).request_id


def test_the_hash_is_of_the_raw_bytes() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Arrival("grafana", {}).rejected("why").body_sha256 == empty


def test_with_defaults_of_the_url_it_is_the_hash_of_another_message() -> None:
    labels = [{}, {"cluster": "a"}, {"cluster": "b"}, {"phase": "a"}, {"cluster": "a", "phase": "b"}]
    hashes = [Arrival("grafana", {}, told, raw=b"{}").rejected("why").body_sha256 for told in labels]
    assert len(set(hashes)) == len(labels)
    turned = Arrival("grafana", {}, {"phase": "b", "cluster": "a"}, raw=b"{}").rejected("why")
    assert turned.body_sha256 == hashes[-1]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"cluster": "a", "Cluster": "b", "token": "s3same", "team": "pay"}, {"cluster": "a"}),
        ({"service": " a\n b\x00\ud800 "}, {"service": "a b��"}),
        ({"namespace": "x" * 5000}, {"namespace": "x" * 189 + "…"}),
        ({"phase": "  ", "severity": ""}, {}),
    ],
)
def test_only_what_can_be_a_default_is_taken_from_a_url(query: dict[str, str], told: dict[str, str]) -> None:
    assert told_by_url(query) == told
