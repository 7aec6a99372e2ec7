"""The data port of several workers. The supervisor reserves it and opens the sockets on which the workers listen.

Each worker number has a socket of its own (SO_REUSEPORT), so that the kernel spreads connections evenly. On one socket
for all workers, the worker that wakes up first would take a whole burst of connections. The supervisor keeps the socket of
a number open while a new worker replaces the old one: the new worker accepts the connections that wait in its queue.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any, Final, TypeAlias

from gateway.server.errors import ListenError

Listeners: TypeAlias = tuple[socket.socket, ...]
"""The sockets of one worker number: one for each address of the host. Nearly every host has one address."""
_Address: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]

_ON: Final = 1


class SharedPort:
    """The data port, reserved for as long as the supervisor runs. Raises ListenError when somebody else has it.

    number: the port. The system chooses it when the configuration says 0.
    """

    def __init__(self, host: str, port: int) -> None:
        self.number = port
        self._addresses: list[_Address] = []
        self._reserved: list[socket.socket] = []
        try:
            for address in _addresses_of(host):
                self._reserve(address)
        except OSError as error:
            self.close()
            raise ListenError(f"cannot listen on {host}:{self.number} (port): {error.strerror or error}") from None

    def _reserve(self, address: _Address) -> None:
        """Bind and do not listen: the port stays reserved while no worker runs, and no connection waits for nobody."""
        with _bound(address, self.number, socket.SO_REUSEADDR) as probe:  # fails if a stranger shares the port, too
            self.number = probe.getsockname()[1]
        self._reserved.append(_bound(address, self.number, socket.SO_REUSEPORT))
        self._addresses.append(address)

    def open(self) -> Listeners:
        """Bind the sockets of one worker number. They get connections as soon as a worker listens on them."""
        return tuple(_bound(address, self.number, socket.SO_REUSEPORT) for address in self._addresses)

    def close(self) -> None:
        """Give up the reservation."""
        while self._reserved:
            self._reserved.pop().close()


def _addresses_of(host: str) -> list[_Address]:
    """Every address of a host, as the event loop of a single process resolves it. An empty host means all addresses."""
    found = socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return [(family, name) for family, _, _, _, name in dict.fromkeys(found) if _is_supported(family)]


def _is_supported(family: socket.AddressFamily) -> bool:
    """False where the system knows a name's IPv6 address but has no IPv6."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM):
        return True
    return False


def _bound(address: _Address, port: int, sharing: int) -> socket.socket:
    """A bound socket. sharing: the option that lets other sockets bind the port as well."""
    family, (name, _, *scope) = address
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, sharing, _ON)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, _ON)  # as the event loop of a single process does
        bound.bind((name, port, *scope))
    except OSError:
        bound.close()
        raise
    return bound
