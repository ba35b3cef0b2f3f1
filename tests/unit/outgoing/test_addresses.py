"""Where an outgoing call may lead, however that is spelled."""

from ipaddress import ip_address

import pytest

from jobs.outgoing.addresses import refuse, refuse_url
from jobs.outgoing.errors import Refused

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
LOCAL = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2002:c0a8:101::1",
]
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "::ffff:100.100.100.200",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "::ffff:0.0.0.0",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "ff02::1",
    "fe80::1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "2001:db8::1",
    "2001::1",
    "3fff::1",
    "::127.0.0.1",
    "64:ff9b:1::1",
    "fec0::1",
    "4000::1",
]


def url(host: str) -> str:
    return f"http://[{host}]:8080/x" if ":" in host else f"http://{host}:8080/x"


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str, *, allow_private: bool) -> None:
    refuse([ip_address(address)], allow_private=allow_private)
    assert refuse_url(url(address), allow_private=allow_private).port == 8080


@pytest.mark.parametrize("address", LOCAL)
def test_a_private_one_only_with_leave(address: str) -> None:
    with pytest.raises(Refused, match="write allow_private: true if it is meant"):
        refuse([ip_address(address)], allow_private=False)
    with pytest.raises(Refused):
        refuse_url(url(address), allow_private=False)
    refuse([ip_address(address)], allow_private=True)
    refuse_url(url(address), allow_private=True)


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_what_is_no_host_never(address: str, *, allow_private: bool) -> None:
    with pytest.raises(Refused) as refused:
        refuse([ip_address(address)], allow_private=allow_private)
    assert "allow_private" not in str(refused.value)
    with pytest.raises(Refused):
        refuse_url(url(address), allow_private=allow_private)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254"])
def test_one_bad_address_among_good_ones_is_enough(address: str) -> None:
    with pytest.raises(Refused, match=address):
        refuse([ip_address("8.8.8.8"), ip_address(address)], allow_private=False)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("http://2130706433/", "odd way to write 127.0.0.1: write 127.0.0.1"),
        ("http://0x7f000001/", "odd way"),
        ("http://0x7f.1/", "odd way"),
        ("http://0177.0.0.1/", "odd way"),
        ("http://127.1/", "odd way"),
        ("http://0251.0376.0251.0376/", "odd way to write 169.254.169.254"),
        ("http://2852039166/", "odd way to write 169.254.169.254"),
        ("http://134744072/", "odd way to write 8.8.8.8"),
        ("http://0/", "odd way to write 0.0.0.0"),
        ("http://１２７.０.０.１/", "the machine itself"),
        ("http://127。0。0。1/", "the machine itself"),
        ("http://[::ffff:7f00:1]/", "the machine itself"),
        ("http://[0:0:0:0:0:ffff:a9fe:a9fe]/", "the machine's metadata"),
        ("http://[fe80::1%25eth0]/", ""),
        ("http://me:secret@example.com/", "a user or a password: leave out what stands before the @"),
        ("http://me@example.com/", "a user or a password"),
        ("http://8.8.8.8@127.0.0.1/", "a user or a password"),
        ("ftp://example.com/", "'ftp' is neither http nor https"),
        ("file:///etc/passwd", "'file' is neither"),
        ("gopher://127.0.0.1:6379/_x", "'gopher' is neither"),
        ("//example.com/", "'' is neither"),
        ("example.com/hook", "is neither http nor https"),
        ("", "'' is neither"),
        ("http://", ""),
        ("http:///x", ""),
        ("http://example.com:99999/", "it is no URL"),
        ("http://[::1/", "it is no URL"),
    ],
)
def test_what_can_not_be_called_is_said(told: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        refuse_url(told, allow_private=False)
    assert why in str(refused.value)


@pytest.mark.parametrize("told", ["https://example.com", "http://example.com:8080/a?b=c", "https://bücher.example/x"])
def test_a_name_is_looked_up_later(told: str) -> None:
    assert refuse_url(told, allow_private=False).host
