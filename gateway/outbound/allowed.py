"""Where the requests of a dialect for a tenant may go, as the configuration says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from gateway.config.model import DialectSection, TenantSection
from gateway.core.values import TenantId
from gateway.spi.destinations import AllowList, allow_list


@lru_cache(maxsize=1024)
def _read(entries: tuple[str, ...]) -> AllowList:
    return allow_list(entries)


class AllowLists:
    """A tenant's own list takes the place of its dialect's, and that one the place of the list for all.

    for_all: entries for dialects and tenants without a list of their own.
    dialects: sections of the configuration, by name.
    section: of a tenant; None when there is no such tenant.
    """

    def __init__(
        self,
        for_all: Sequence[str],
        dialects: Mapping[str, DialectSection],
        section: Callable[[TenantId], TenantSection | None],
    ) -> None:
        self._for_all = tuple(for_all)
        self._dialects = dialects
        self._section = section

    def of(self, tenant: TenantId, dialect: str) -> AllowList:
        """Where requests of a dialect for a tenant may go."""
        own, served = self._section(tenant), self._dialects.get(dialect)
        for section in (own, served):
            if section is not None and section.outbound_hosts is not None:
                return _read(tuple(section.outbound_hosts))
        return _read(self._for_all)
