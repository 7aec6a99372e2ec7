"""Sockets and names for what goes out. Every address is checked when its socket is made, so nothing can change in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

Check: TypeAlias = Callable[[str, str, int], str | None]
"""Why a request to a host must not go to an address and port; None when it may."""
LookUp: TypeAlias = Callable[[str, int], list[tuple[Any, ...]]]
"""The addresses of a name, as `socket.getaddrinfo` gives them. Blocking."""

GOING_TO: Final[ContextVar[str]] = ContextVar("outbound_host")
"""The host in the URL of the request that the running task sends."""
LOOK_UP_THREADS: Final = 8


class DestinationRefusedError(Exception):
    """A request must not go there. It is no OSError, so that nobody takes it for a failure to connect and tries again."""


def system_look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    """Ask the system for a name's addresses."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Names(AbstractResolver):
    """Looks names up in threads of its own, because a name server that hangs must not delay anything else."""

    def __init__(self, check: Check, look_up: LookUp = system_look_up) -> None:
        self._check = check
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(LOOK_UP_THREADS, thread_name_prefix="outbound-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name to which a request may go. Raises OSError, DestinationRefusedError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._look_up, host, port)
        usable: list[ResolveResult] = []
        reason = f"{host} has no address"
        for own_family, _, proto, _, address in found:
            if family not in (socket.AF_UNSPEC, own_family):
                continue
            why = self._check(host, address[0], port)
            reason = why or reason
            if why is None:
                entry = ResolveResult(
                    hostname=host,
                    host=address[0],
                    port=port,
                    family=own_family,
                    proto=proto,
                    flags=socket.AI_NUMERICHOST,
                )
                usable.append(entry)
        if not usable:
            raise DestinationRefusedError(reason)
        return usable

    async def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)


def connector(names: Names, check: Check, *, connections: int, per_host: int) -> TCPConnector:
    """Connections that are kept for one allow-list: a connection that one tenant may use is not lent to another.

    connections, per_host: how many at a time, in all and to one host and port.
    """

    def new_socket(address_info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, address = address_info
        why = check(GOING_TO.get(), address[0], address[1])
        if why is not None:
            raise DestinationRefusedError(why)
        return socket.socket(family, kind, proto)

    return TCPConnector(
        resolver=names,
        use_dns_cache=False,
        family=socket.AF_UNSPEC,
        limit=connections,
        limit_per_host=per_host,
        happy_eyeballs_delay=None,  # one address after the other, in the task that sends
        socket_factory=new_socket,
    )
