"""The address by which a client reaches the gateway. It goes into WSDLs and links, so it is checked and not trusted.

`X-Forwarded-*` counts only when the peer is a configured proxy.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from multidict import CIMultiDictProxy

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read the addresses of trusted proxies."""
    return tuple(ipaddress.ip_network(text) for text in texts)


@lru_cache(maxsize=1024)
def _is_trusted(peer: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _first(value: str | None) -> str:
    return value.split(",", 1)[0].strip() if value else ""


def client_address(peer: str, headers: CIMultiDictProxy[str], networks: tuple[Network, ...]) -> str:
    """The client's address: the peer, or behind trusted proxies the nearest untrusted hop of X-Forwarded-For."""
    if not _is_trusted(peer, networks):
        return peer
    hops = [hop.strip() for hop in headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    # From the right: each proxy appends the address that it saw. What stands further left is the client's own claim.
    for hop in reversed(hops):
        if not _is_trusted(hop, networks):
            return hop
    return hops[0] if hops else peer


def asked_host(peer: str, host: str, headers: CIMultiDictProxy[str], networks: tuple[Network, ...]) -> str:
    """The host that the client asked for: what a trusted proxy reports, else `host`."""
    return (_first(headers.get("X-Forwarded-Host")) if _is_trusted(peer, networks) else "") or host


def target_host(target: str) -> str:
    """The host and port in a request target of the absolute form; "" when there is none."""
    return target.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


def request_origin(
    peer: str, scheme: str, host: str, headers: CIMultiDictProxy[str], networks: tuple[Network, ...], fallback: str
) -> str:
    """scheme://host[:port] as the client wrote it. A Host that cannot be a host is replaced by `fallback`."""
    if networks and _is_trusted(peer, networks):
        forwarded = _first(headers.get("X-Forwarded-Proto"))
        scheme = forwarded if forwarded in {"http", "https"} else scheme
        host = asked_host(peer, host, headers, networks)
    return f"{scheme}://{host if is_host(host) else fallback}"


@lru_cache(maxsize=1024)
def is_host(text: str) -> bool:
    """True for what can stand in an address as host and port."""
    return _HOST.fullmatch(text) is not None
