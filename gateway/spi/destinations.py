"""Lists of where requests may go: names and networks (ADR-66).

A network on a list allows every request to an address in it, under any name. A name allows the addresses that it has at the
moment of connecting, but for those of this machine: the owner of the name decides its addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.spi.hosts import host_name, read_host

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCALHOST: Final = "localhost"
LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class AllowList:
    """Where requests may go.

    names: whole host names in lower case; one that begins with a dot stands for every name that ends with it.
    networks: addresses.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def has_name(self, host: str) -> bool:
        """Whether a host name is on the list."""
        name = host_name(host)
        return any(name == own or (own.startswith(".") and name.endswith(own)) for own in self.names)

    def has_address(self, address: Address) -> bool:
        """Whether an address is on the list."""
        return any(address in network for network in self.networks)


def allow_list(entries: Iterable[str]) -> AllowList:
    """Read the entries of a list: host names, addresses, networks, `localhost`. Raises ValueError with a text for people."""
    names: set[str] = set()
    networks: list[Network] = []
    for entry in entries:
        if entry == LOCALHOST:
            networks += LOOPBACK
            continue
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]")))
        except ValueError:
            names.add(read_host(entry))
    return AllowList(frozenset(names), tuple(networks))


def read_destination(text: str) -> str:
    """An entry as it is kept. Raises ValueError for what is neither a host name nor an address or network."""
    try:
        allow_list([text])
    except ValueError:
        raise ValueError("must be a host name, an address or a network, like .example.com or 10.0.0.0/8") from None
    return text
