"""Which addresses an outgoing call may lead to. Pure.

Without leave only to global unicast; with it to private and loopback ones, too; to a cloud's metadata never, since
whoever reads that has the machine's credentials. An IPv6 address that carries an IPv4 one is judged by that.

Sources: https://www.iana.org/assignments/iana-ipv4-special-registry, iana-ipv6-special-registry,
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import socket
from collections.abc import Mapping, Sequence
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from yarl import URL

from jobs.outgoing.errors import Refused

Address = IPv4Address | IPv6Address
_Networks = Mapping[IPv4Network | IPv6Network, str]


def _networks(told: Mapping[str, str]) -> _Networks:
    return {ip_network(one): why for one, why in told.items()}


_METADATA = _networks(
    dict.fromkeys(
        (
            "169.254.0.0/16",  # AWS, Google, Azure, OpenStack: 169.254.169.254; AWS' tasks: 169.254.170.2
            "100.100.100.200/32",  # Alibaba
            "168.63.129.16/32",  # Azure
            "192.0.0.192/32",  # Oracle
            "fd00:ec2::254/128",  # AWS
            "fd20:ce::254/128",  # Google
        ),
        "the machine's metadata",
    )
)
_LOCAL = _networks(
    {
        "10.0.0.0/8": "a private address",
        "172.16.0.0/12": "a private address",
        "192.168.0.0/16": "a private address",
        "fc00::/7": "a private address",
        "100.64.0.0/10": "a carrier's private address",
        "127.0.0.0/8": "the machine itself",
        "::1/128": "the machine itself",
    }
)
"""What ``allow_private`` gives leave to."""
_RESERVED = _networks(
    {
        "0.0.0.0/8": "no address at all",
        "192.0.0.0/24": "a reserved address",
        "192.0.2.0/24": "an address for examples",
        "192.88.99.0/24": "a reserved address",
        "198.18.0.0/15": "an address for benchmarks",
        "198.51.100.0/24": "an address for examples",
        "203.0.113.0/24": "an address for examples",
        "224.0.0.0/4": "a multicast address",
        "240.0.0.0/4": "a reserved address",
        "::/128": "no address at all",
        "ff00::/8": "a multicast address",
        "fe80::/10": "a link's own address",
        "2001::/23": "a reserved address",
        "2001:db8::/32": "an address for examples",
        "3fff::/20": "an address for examples",
    }
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_MAPPED, _NAT64, _6TO4 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")


def refuse_url(url: str, *, allow_private: bool) -> URL:
    """The URL, of http(s) and with a host. Raises Refused, also where its host is an address that may not be called."""
    try:
        told = URL(url)
        host, _ = told.raw_host, told.port
    except (ValueError, TypeError) as error:
        raise Refused(f"it is no URL ({error})", "write one such as https://example.com/hook") from error
    if told.scheme not in {"http", "https"}:
        raise Refused(f"'{told.scheme}' is neither http nor https", "write one such as https://example.com/hook")
    if not host:
        raise Refused("it has no host", "write one such as https://example.com/hook")
    if told.raw_user is not None or told.raw_password is not None:
        raise Refused("it holds a user or a password", "leave out what stands before the @")
    literal = written_address(host)
    if literal is not None:
        refuse([literal], allow_private=allow_private)
    return told


def written_address(host: str) -> Address | None:
    """The address that this host is; None: it is a name. Raises Refused where an address is spelled in an odd way."""
    if "%" in host:
        raise Refused("it names a network interface", "leave out what stands behind the %")
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        odd = IPv4Address(socket.inet_aton(host))
    except (OSError, AddressValueError):
        return None
    raise Refused(f"'{host}' is an odd way to write {odd}", f"write {odd}")


def refuse(found: Sequence[Address], *, allow_private: bool) -> None:
    """Raises Refused unless all of them may be called: of a name that has several, the resolver could take any."""
    for one in found:
        why = _why_not(one, allow_private=allow_private)
        if why is not None:
            may_be_meant = _why_not(one, allow_private=True) is None
            mend = "write allow_private: true if it is meant" if may_be_meant else ""
            raise Refused(f"it leads to {one}, {why}", mend)


def _why_not(one: Address, *, allow_private: bool) -> str | None:
    real = _real(one)
    if why := _within(real, _METADATA):
        return why
    if why := _within(real, _LOCAL):
        return None if allow_private else why
    if why := _within(real, _RESERVED):
        return why
    return "no public address" if isinstance(real, IPv6Address) and real not in _GLOBAL_V6 else None


def _within(one: Address, networks: _Networks) -> str | None:
    return next((why for network, why in networks.items() if one in network), None)


def _real(one: Address) -> Address:
    """The IPv4 address inside, where a router would take it out."""
    if isinstance(one, IPv4Address):
        return one
    if one in _MAPPED or one in _NAT64:
        return IPv4Address(int(one) & 0xFFFFFFFF)
    return IPv4Address(int(one) >> 80 & 0xFFFFFFFF) if one in _6TO4 else one
