"""The host names that belong to a dialect as a whole: those of its vendor, and those that the configuration adds (ADR-59)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Generic, Protocol, TypeVar, cast

from pydantic import BaseModel

from gateway.spi.adapter import Adapter

T = TypeVar("T")

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_PATTERN = re.compile(rf"\.?{_LABEL}(?:\.{_LABEL})*\.?")


class NamesHosts(Protocol):
    """An adapter whose vendor has host names of its own."""

    def hosts(self, settings: BaseModel, /) -> Collection[str]:
        """The vendor's host names, each in the form that `read_host` takes.

        settings: those of the dialect.
        """
        ...


def vendor_hosts(adapter: Adapter, settings: BaseModel) -> Collection[str]:
    """The host names that an adapter declares; none when it declares none."""
    return cast("NamesHosts", adapter).hosts(settings) if hasattr(adapter, "hosts") else ()


class HadHostsSetting(Protocol):
    """An adapter whose settings named its hosts before `dialects.<name>.hosts` did."""

    @property
    def former_hosts_setting(self) -> str:
        """The name of that setting. Where it is still given, the hosts in it count as if they stood in the new place."""
        ...


def former_hosts_setting(adapter: Adapter) -> str:
    """The setting that once named an adapter's hosts; "" when there was none."""
    return cast("HadHostsSetting", adapter).former_hosts_setting if hasattr(adapter, "former_hosts_setting") else ""


def host_name(host: str) -> str:
    """The name in a Host header: in lower case, without a port and without the dot that ends a full name."""
    name = host.partition(":")[0] if not host.startswith("[") else host
    return name.rstrip(".").lower()


def read_host(text: str) -> str:
    """A host name as it is compared. ".example.com" stands for every name below example.com.

    Raises ValueError for what is no host name, such as an address with a port.
    """
    if not _PATTERN.fullmatch(text):
        raise ValueError("must be a host name without scheme, port and path, or a dot and the name that it ends with")
    return text.rstrip(".").lower()


class HostTable(Generic[T]):
    """Who owns a host name. A whole name ranks before an ending, a long ending before a short one.

    owned: the host names of each owner. Of two owners with the same one, the first has it.
    """

    def __init__(self, owned: Iterable[tuple[T, Collection[str]]]) -> None:
        self._whole: dict[str, T] = {}
        endings: dict[str, T] = {}
        for owner, hosts in owned:
            for host in map(read_host, hosts):
                (endings if host.startswith(".") else self._whole).setdefault(host, owner)
        self._endings = sorted(endings.items(), key=lambda pair: -len(pair[0]))

    def owner(self, host: str) -> T | None:
        """The owner of the name in a Host header; None for a name that nobody owns."""
        name = host_name(host)
        if name in self._whole:
            return self._whole[name]
        return next((owner for ending, owner in self._endings if name.endswith(ending)), None)


def disputed_hosts(
    declared: Iterable[tuple[str, Collection[str]]], configured: Iterable[tuple[str, Collection[str]]]
) -> Iterator[tuple[str, str, str]]:
    """The host names that a dialect has and another one owns already: the later dialect, the owner, and the name.

    declared: dialects and the host names of their vendors, which cover every name below an ending.
    configured: dialects and the host names that the configuration adds. A name below an ending of another dialect is good.
    """
    vendors = [(dialect, tuple(map(read_host, hosts))) for dialect, hosts in declared]
    table = HostTable(vendors)
    first: dict[str, str] = {}
    for dialect, hosts in vendors:
        for host in hosts:
            if first.setdefault(host, dialect) != dialect:
                yield dialect, first[host], host
    for dialect, more in configured:
        for host in map(read_host, more):
            owner = first.get(host) or table.owner(host) or first.setdefault(host, dialect)
            if owner != dialect:
                yield dialect, owner, host
