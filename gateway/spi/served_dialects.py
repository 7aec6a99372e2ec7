"""The dialects as they are served: built from settings and the credentials of all tenants, and built anew when those change.

A dialect is never changed (ADR-24). A new one takes its place in the exchange, and what the old one remembered goes with it.
A request that is being answered stays with the dialect that began it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gateway.core.ports import Clock, SequenceService, TokenVault
from gateway.spi.adapter import Adapter, Bound, Context, Dialect
from gateway.spi.hosts import vendor_hosts

if TYPE_CHECKING:  # the command line builds dialects, too, and answers no request
    from gateway.spi.exchange import Exchange


class CredentialsTakenError(Exception):
    """A dialect cannot be built: credentials lead to more than one tenant, or to a series that is not there.

    The text is the dialect's, for people.
    """

    def __init__(self, dialect: str, text: str) -> None:
        super().__init__(f"{dialect}: {text}")
        self.dialect = dialect
        self.text = text


class ServedDialects:
    """The enabled dialects.

    adapters, settings, current: by name of the dialect.
    exchanges: where a new dialect takes the old one's place.
    on_swap: called after a dialect was replaced.
    more_hosts: host names that the configuration gives to a dialect besides those of its vendor.
    """

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        settings: Mapping[str, BaseModel],
        service: SequenceService,
        vault: TokenVault,
        clock: Clock,
        more_hosts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.adapters = dict(adapters)
        self.settings = dict(settings)
        self.exchanges: dict[str, Exchange] = {}
        self.current: dict[str, Dialect] = {}
        self.on_swap: list[Callable[[], None]] = []
        self._service = service
        self._vault = vault
        self._clock = clock
        self.more_hosts = more_hosts

    def build(self, name: str, bound: Sequence[Bound[Any]], settings: BaseModel | None = None) -> Dialect:
        """Make a dialect, without serving it. Raises CredentialsTakenError."""
        chosen = self.settings[name] if settings is None else settings
        try:
            hosts = self.hosts(name, chosen)
            return self.adapters[name].build(Context(chosen, bound, self._service, self._vault, self._clock, hosts))
        except ValueError as error:
            raise CredentialsTakenError(name, str(error)) from error

    def hosts(self, name: str, settings: BaseModel | None = None) -> Sequence[str]:
        """The host names that belong to a dialect: its vendor's, as its settings name them, and those of the configuration."""
        return (*vendor_hosts(self.adapters[name], settings or self.settings[name]), *self.more_hosts.get(name, ()))

    def swap(self, name: str, dialect: Dialect, settings: BaseModel | None = None) -> None:
        """Serve this dialect from now on."""
        self.current[name] = dialect
        if settings is not None:
            self.settings[name] = settings
        if name in self.exchanges:
            self.exchanges[name].dialect = dialect
        for tell in self.on_swap:
            tell()
