"""Why a request must not go to an address: what no list allows, and what the list does not name (ADR-66)."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Collection
from typing import Final

from gateway.spi.destinations import Address, AllowList, Network

_NEVER: Final[dict[str, tuple[Network, ...]]] = {
    reason: tuple(map(ipaddress.ip_network, texts))
    for reason, texts in {
        "a link-local address": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
        "an address of a cloud's metadata": (
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::254/128",
            "fd20:ce::254/128",
        ),
        "no address of a single machine": ("0.0.0.0/8", "::/128", "224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),
    }.items()
}
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


def refusal(allowed: AllowList, host: str, address: str, port: int, own_ports: Collection[int] = ()) -> str | None:
    """Why a request must not go to an address, for people; None when it may.

    host: the name in the URL, or the address itself.
    address: the very address that is connected to.
    own_ports: ports on which this machine is administered.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    every = [found, *_embedded(found)]
    for one in every:
        for reason, networks in _NEVER.items():
            if any(one in network for network in networks):
                return f"{address} is {reason}"
    if port in own_ports and any(map(_is_own, every)):
        return f"{address}:{port} is where this gateway is administered"
    if any(map(allowed.has_address, every)):
        return None
    if allowed.has_name(host):
        return f"{host} has the address {address} of this machine" if any(own.is_loopback for own in every) else None
    return f"{host} is not on the list of allowed hosts"


def _embedded(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if address.version == 4:
        return []
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        return [last]
    if address in _COMPATIBLE and int(address) > 1:  # ::1 and :: are addresses of their own
        return [last]
    return [own for own in (address.ipv4_mapped, address.sixtofour) if own is not None]


def _is_own(address: Address) -> bool:
    """Whether an address is one of this machine: only such an address can be bound."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((str(address), 0))
        return True
    return False
