"""How tenants may be called: their short names stand in file names, commands and metrics."""

import pytest

from incidents.errors import InvalidInput
from incidents.tenants.model import DEFAULT, Tenant, checked_name, checked_slug


@pytest.mark.parametrize("slug", ["acme", "a1", "team-7", "a" * 32, "default"])
def test_short_names_are_plain(slug: str) -> None:
    assert checked_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    ["", "a", "Acme", "7up", "-a", "a-", "a--b", "a_b", "a.b", "../x", "a/b", "acme\n", "ácme", "a" * 33, "example"],
)
def test_what_would_break_a_file_name_or_mean_two_things_is_refused(slug: str) -> None:
    with pytest.raises(InvalidInput):
        checked_slug(slug)


def test_a_name_is_one_line() -> None:
    assert checked_name("  Acme \n Inc. ") == "Acme Inc."
    for wrong in ("", "   ", "x" * 256, "a\x00b"):
        with pytest.raises(InvalidInput):
            checked_name(wrong)


def test_the_first_tenant_is_the_default_whatever_it_is_called() -> None:
    assert DEFAULT.is_default
    assert not Tenant(2, "acme", "default").is_default
