import pytest

from bongsu.settings import read_settings
from incidents.errors import InvalidInput
from receiver.api.origins import parse_origins


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://ops.example.com", ("https://ops.example.com",)),
        ("https://OPS.example.com, http://localhost:3000", ("https://ops.example.com", "http://localhost:3000")),
        ("http://[::1]:8080 http://[::1]:8080", ("http://[::1]:8080",)),
    ],
)
def test_origins_are_read_as_browsers_send_them(text: str, origins: tuple[str, ...]) -> None:
    assert parse_origins(text) == origins


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ops.example.com", "is no origin"),
        ("https://ops.example.com/", "without a path"),
        ("https://*.example.com", "is no origin"),
        ("ftp://ops.example.com", "is no origin"),
        ("null", "is no origin"),
        ("https://user@ops.example.com", "is no origin"),
        ("*, https://ops.example.com", "write it alone"),
        ("https://ops.example.com:443", "leave it out"),
        ("http://ops.example.com:80", "leave it out"),
    ],
)
def test_what_no_browser_would_send_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        parse_origins(text)
    assert refused.value.field == "BONGSU_API_CORS_ORIGINS"


def test_the_settings_of_the_api_come_from_the_environment() -> None:
    told = read_settings(
        {
            "BONGSU_API_REQUESTS_PER_SECOND": "5",
            "BONGSU_API_BURST": "10",
            "BONGSU_API_CORS_ORIGINS": "https://ops.example.com",
        }
    ).receiver
    assert (told.api_requests_per_second, told.api_burst) == (5, 10)
    assert told.api_cors_origins == ("https://ops.example.com",)


@pytest.mark.parametrize("name", ["BONGSU_API_REQUESTS_PER_SECOND", "BONGSU_API_BURST"])
def test_limits_are_whole_numbers_from_one(name: str) -> None:
    for told in ("0", "-1", "many", "1.5"):
        with pytest.raises(InvalidInput, match="whole number from 1"):
            read_settings({name: told})
