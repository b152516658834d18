"""Where notices may go: to an address of the open internet, never into our own network by the back door."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from campaign.errors import UsageError

LONGEST_URL = 2000
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = frozenset({"localhost"})


def checked_url(url: str, *, loopback: bool) -> SplitResult:
    """The parts of an address that notices may go to, as far as it tells by itself.

    loopback  this machine counts too, and needs no TLS
    raises    UsageError
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or len(url) > LONGEST_URL or not url.isascii() or any(each.isspace() for each in url):
        raise UsageError(f"--url {url[:100]!r} is not an address; write for example https://example.com/campaigns")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--url holds a name or a password; leave them out: every notice is signed with the secret")
    local = loopback and _is_loopback(host)
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise UsageError(f"--url {url[:100]} is not https, so anybody could read along; give an https address")
    literal = _literal(host)
    if literal is not None and not may_be_reached(literal, loopback=loopback):
        raise UsageError(f"--url {url[:100]} is an address of a private network; give a public one")
    return parts


async def resolved(parts: SplitResult, *, loopback: bool) -> str:
    """The IP address to connect to: looked up once and then kept to, so that no second answer leads elsewhere.

    raises  UsageError when any address of the name is not of the open internet; OSError when there is none
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if not may_be_reached(address, loopback=loopback):
            raise UsageError(f"{parts.hostname} leads into a private network ({address}); give a public address")
    return str(addresses[0])


def may_be_reached(address: IPv4Address | IPv6Address, *, loopback: bool) -> bool:
    """Whether an IP address is one of the open internet; an older address inside a newer one counts. Pure."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return may_be_reached(inner, loopback=loopback)
    if loopback and address.is_loopback:
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return host in _LOCAL_NAMES or (literal is not None and literal.is_loopback)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
