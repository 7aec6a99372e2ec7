"""Where clients reach the dialects: from the host name and path of a request to the dialect that answers it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.spi.adapter import addresses_of
from gateway.spi.exchange import Exchange
from gateway.spi.hosts import HostTable
from gateway.spi.pages import SEGMENT, Pages, is_reserved, owner_in
from gateway.web.origin import is_host

_REMEMBERED: Final = 1024
_LONGEST_PATH: Final = 256
_LONGEST_HOST: Final = 262
"""A full name and a port."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Where clients reach a dialect (ADR-10, ADR-59).

    exchange: the dialect with its life cycle of requests.
    prefix: what its paths begin with; "" for the root.
    public_url: the address for contracts and links; "" when each request says.
    hosts: says which host names belong to the dialect, whatever the path. They change with the dialect's settings.
    """

    exchange: Exchange
    prefix: str = ""
    public_url: str = ""
    hosts: Callable[[], Collection[str]] = tuple

    def path_below(self, path: str) -> str | None:
        """The path without the prefix; None for a path that does not have it."""
        if not self.prefix:
            return path
        if path.startswith(self.prefix) and path[len(self.prefix) : len(self.prefix) + 1] in {"", "/"}:
            return path[len(self.prefix) :] or "/"
        return None


class Route(NamedTuple):
    """Where a request leads.

    mount: None when no dialect answers.
    path: as the dialect knows it.
    prefix: what stood in front of that.
    origin: the address by which clients reach the mount; "" when it depends on more than the Host header.
    """

    mount: Mount | None
    path: str
    prefix: str
    origin: str


class Routes:
    """Finds the mount of a request.

    mounts: in the order in which they are asked.
    depends_on_peer: whether a proxy may report another address than the Host header.
    known: routes that were found before, by Host header and path; look here first.
    """

    def __init__(self, mounts: Sequence[Mount], *, depends_on_peer: bool = False) -> None:
        self._mounts = tuple(mounts)
        self._pages = {mount.exchange.name: _pages_of(mount) for mount in self._mounts}
        self._nobody = Mount(Exchange("", Pages(), 1, 1_000_000))
        self._depends_on_peer = depends_on_peer
        self.known: dict[tuple[str, str], Route] = {}
        self.forget()

    def forget(self) -> None:
        """Forget which paths and hosts belong to which dialect, because the dialects have changed."""
        self.known.clear()
        self._known_hosts: dict[str, tuple[Mount | None, bool]] = {}
        self._hosts = HostTable((mount, mount.hosts()) for mount in self._mounts)
        self.addresses = self._known_addresses()

    def _known_addresses(self) -> dict[str, tuple[Mount | None, str]]:
        """Where the addresses that dialects name lead, on a host that nobody owns."""
        own = [f"{mount.prefix}{path}" for mount in self._mounts for path in addresses_of(mount.exchange.dialect)]
        return {path: self._asked(path) for path in own}

    def find(self, host: str, path: str) -> Route:
        """Find the route of a request and remember it. The bounds keep strangers from filling the memory.

        host: with its port, as the client wrote it.
        path: as sent, percent-encoded.
        """
        mount, is_usable = self._known_hosts.get(host) or self._look_at(host)
        page = self._page(mount, path) if SEGMENT in path or "%" in path else None
        if page is not None:  # on every host (ADR-67)
            mount, inner = page
        elif mount is not None:  # every path on a vendor's host is the vendor's, with the prefix or without (ADR-59)
            inner = mount.path_below(path) or path
        else:
            mount, inner = self.addresses.get(path) or self._asked(path)
        prefix = mount.prefix if mount and (inner != path or page) else ""
        route = Route(mount, inner, prefix, self._fixed_origin(mount, host if is_usable else "", prefix))
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        if len(path) <= _LONGEST_PATH:
            self.known[host, path] = route
        return route

    def _look_at(self, host: str) -> tuple[Mount | None, bool]:
        """Who owns a host, and whether the header can stand in an address; remembered, because each path asks anew."""
        found = self._hosts.owner(host), is_host(host)
        if len(self._known_hosts) >= _REMEMBERED:
            self._known_hosts.clear()
        if len(host) <= _LONGEST_HOST:
            self._known_hosts[host] = found
        return found

    def _page(self, owner: Mount | None, path: str) -> tuple[Mount, str] | None:
        """Whose page a path is, and the path without prefix; None for a path that dialects may claim.

        owner: of the host. Only pages of that dialect are there, and below a prefix only those of the dialect that has it.
        """
        if is_reserved(path):
            return self._pages_at(path, owner), path
        for mount in self._mounts if owner is None else (owner,):
            inner = mount.path_below(path) if mount.prefix else None
            if inner is not None and is_reserved(inner):
                return self._pages_at(inner, mount), inner
        return None

    def _pages_at(self, path: str, only: Mount | None) -> Mount:
        name = owner_in(path)
        return self._pages.get(name, self._nobody) if only is None or only.exchange.name == name else self._nobody

    def _fixed_origin(self, mount: Mount | None, host: str, prefix: str) -> str:
        """The address of a mount when it depends on the Host header only; otherwise "".

        host: "" for a header that names no host.
        """
        if mount is not None and mount.public_url:
            return mount.public_url
        if self._depends_on_peer or not host:
            return ""
        return f"http://{host}{prefix}"

    def _asked(self, path: str) -> tuple[Mount | None, str]:
        """The first mount whose dialect claims the path."""
        below: tuple[Mount | None, str] = None, path
        for mount in self._mounts:
            inner = mount.path_below(path)
            if inner is None:
                continue
            if mount.exchange.dialect.claims(inner):
                return mount, inner
            # Below a prefix of its own, the dialect also answers unknown paths, with its own 404 (ADR-10). The
            # search goes on, because a mount behind this one may claim the path.
            if mount.prefix:
                below = mount, inner
        return below


def _pages_of(mount: Mount) -> Mount:
    """The mount of a dialect's pages. Their requests live as those of the dialect, and are counted apart from them."""
    own = mount.exchange
    pages = Pages(lambda: own.dialect)
    exchange = Exchange(own.name, pages, own.deadline_seconds, own.max_in_flight, watch=own.watch)
    return Mount(exchange, mount.prefix, mount.public_url)
