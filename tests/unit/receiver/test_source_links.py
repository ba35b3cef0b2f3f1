"""Only what can be nothing but a web address becomes a link."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.model import Links
from receiver.sources import links as links_module
from receiver.sources.links import links, web_url


@pytest.mark.parametrize(
    "url",
    [
        "https://grafana.example/d/1?x=1&y=%20#f",
        "http://localhost:3000/",
        "HTTPS://G.example/",
        "https://봉수.example/d",
    ],
)
def test_an_absolute_web_address_is_kept_as_it_is(url: str) -> None:
    assert web_url(url) == url


@pytest.mark.parametrize(
    "value",
    [
        None, "", 7, [], "?orgId=1", "/d/1", "grafana.example/d/1", "//grafana.example/d", "javascript:alert(1)",
        "ftp://x.example/", "data:text/html,x", "https://", "https:///path", "http://[broken", "https://x.example/a b",
        "https://x.example/\n", "\thttps://x.example/", "https://x.example/\x00", "https://x.example/\ud800",
        "https://x.example/" + "a" * 3000, "https://x.example/\u2028",
    ],
)  # fmt: skip
def test_anything_else_is_no_link(value: Any) -> None:
    assert web_url(value) is None


def test_a_link_of_three_thousand_characters_fits() -> None:
    url = "https://x.example/".ljust(3000, "a")
    assert web_url(url) == url


def test_each_link_comes_from_its_own_place() -> None:
    told = {f"{name}URL": f"https://x.example/{name}" for name in ("dashboard", "panel", "silence", "generator")}
    assert links(told, {"runbook_url": "https://x.example/runbook"}) == Links(
        dashboard="https://x.example/dashboard",
        panel="https://x.example/panel",
        runbook="https://x.example/runbook",
        silence="https://x.example/silence",
        source="https://x.example/generator",
    )


def test_without_links_there_are_none() -> None:
    assert links({"dashboardURL": "", "panelURL": None}, {}) == Links()


@settings(database=None, deadline=None, derandomize=True, max_examples=500)
@given(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["https://", "http://", "HTTP://", "https:", "//", "ftp://", ""]),
        st.text("a.-:9[]@%é\u2028 \n", max_size=12),
        st.text("/?#a[]\\@: \x7f\x00é", max_size=12),
    )
)
def test_the_fast_way_takes_nothing_that_the_careful_one_would_not(url: str) -> None:
    if links_module._PLAIN.fullmatch(url):
        assert links_module._UNFIT.search(url) is None
        assert links_module._has_a_host(url)


def test_grafanas_links_go_the_fast_way() -> None:
    url = "https://grafana.example:3000/alerting/silence/new?alertmanager=grafana&matcher=__alert_rule_uid__%3Dx"
    assert links_module._PLAIN.fullmatch(url)
