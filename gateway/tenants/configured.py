"""From the checked configuration: its tenants, its stores (not opened yet) and its dialects (not built yet).

The server and the command line both begin with these. Nothing here needs a web server.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.config.model import Config
from gateway.config.validated import Plan
from gateway.core.ports import Clock
from gateway.core.records import RecordQuota
from gateway.core.values import TenantId
from gateway.spi.served_dialects import ServedDialects
from gateway.spi.watch import Watch
from gateway.stores import open_store
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.router import StoreRouter
from gateway.tenants.tenant import Tenant


def served_dialects(checked: Plan, store: StoreRouter, clock: Clock, watch: Watch | None = None) -> ServedDialects:
    """The enabled dialects, none of them built yet."""
    watch = watch or Watch()
    service, vault = watch.watched_service(store), watch.watched_vault(store)
    return ServedDialects(checked.adapters, checked.settings, service, vault, clock, checked.hosts)


def configured_tenants(checked: Plan) -> list[Tenant]:
    """The tenants of the configuration. Their series may still be missing in the store."""
    return [
        Tenant(
            TenantId(section.id),
            section,
            {
                name: binding
                for name, pairs in checked.bindings.items()
                for tenant, binding in pairs
                if tenant == section.id
            },
            checked.catalogues.get(TenantId(section.id), ()),
        )
        for section in checked.config.tenants
    ]


def pins_of(config: Config) -> dict[TenantId, str]:
    """The name of the store of each tenant of the configuration."""
    return {TenantId(tenant.id): tenant.store_name for tenant in config.tenants}


def new_store(
    config: Config,
    clock: Clock,
    pins: Mapping[TenantId, str] | None = None,
    *,
    read_only: bool = False,
    only: str | None = None,
) -> StoreRouter:
    """The stores of the configuration, not yet opened.

    pins: the name of the store for each tenant; from the configuration when not given.
    read_only: open the stores without writing to them.
    only: use this store alone, for every tenant.
    """
    stores: dict[str, DatabaseStore] = {
        name: open_store(
            section.url.get_secret_value(),
            clock=clock,
            auto_migrate=config.auto_migrate if section.auto_migrate is None else section.auto_migrate,
            read_only=read_only,
            record_quota=RecordQuota(config.limits.max_records, config.limits.max_record_bytes),
            max_queued=section.max_queued_commands or config.limits.max_queued_commands,
        )
        for name, section in config.store_sections().items()
        if only in (None, name)
    }
    if only is not None:
        return StoreRouter(stores, {}, default=only)
    return StoreRouter(stores, pins_of(config) if pins is None else pins)
