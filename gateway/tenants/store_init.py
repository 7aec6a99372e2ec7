"""Makes the stores of a configuration, and begins production tenants in them because somebody asks for it (ADR-56)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from pydantic import ValidationError

from gateway.clock import SystemClock
from gateway.config.model import TenantSection
from gateway.config.validated import Plan
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores.errors import StoreError
from gateway.stores.router import StoreRouter
from gateway.stores.watermark.start import refuse_missing, watermarked
from gateway.tenants.beginning import beginning, holdings, take_own_ids
from gateway.tenants.configured import configured_tenants, new_store, pins_of
from gateway.tenants.provisioning import provide
from gateway.tenants.sections import first_items
from gateway.tenants.tenant import Tenant


@dataclass(frozen=True, slots=True)
class StoreBegun:
    """What was done with one store.

    store: its name.
    address: for people.
    made: there was no store before.
    tenants: the production tenants that have begun.
    """

    store: str
    address: str
    made: bool
    tenants: list[str]


async def begin(checked: Plan, *, accept: bool = False) -> list[StoreBegun]:
    """Make the stores that do not exist, and begin every production tenant that no store has anything of.

    Those are the tenants of the configuration, and those made at run time whose store has lost them. What is there stays as
    it is.

    accept: begin also in a store that is older than the watermark.

    Raises StoreError.
    """
    if not accept:
        await refuse_missing(checked.config)
    pins = pins_of(checked.config)
    store = new_store(checked.config, SystemClock(), pins)
    await store.start()
    try:
        async with watermarked(checked.config, store.stores, accept=accept):
            begun = await _begin(checked, store, pins)
        return [
            StoreBegun(name, own.name, made=own.is_new, tenants=begun.get(name, []))
            for name, own in store.stores.items()
        ]
    except StoreUnavailableError as error:
        raise StoreError(str(error)) from error
    finally:
        await store.close()


async def _begin(checked: Plan, store: StoreRouter, pins: dict[TenantId, str]) -> dict[str, list[str]]:
    """Begin tenants. Returns them by the name of their store."""
    await take_own_ids(checked.config, store)
    held = await holdings(store)
    begun: dict[str, list[str]] = {}
    for tenant in [*configured_tenants(checked), *await _kept(checked, store)]:
        if tenant.section.production and beginning([tenant.section], held):
            await provide(store, pins, tenant)
            begun.setdefault(tenant.section.store_name, []).append(tenant.id)
    return begun


async def _kept(checked: Plan, store: StoreRouter) -> list[Tenant]:
    """The tenants that were made at run time, except those that the configuration hides."""
    configured = {tenant.id for tenant in checked.config.tenants}
    found = []
    for record in await store.tenant_records.tenants():
        if record.id not in configured:
            with contextlib.suppress(ValidationError):  # another version has written it; a start leaves it out, too
                section = TenantSection.model_validate_json(record.body)
                found.append(Tenant(record.id, section, {}, first_items(section), created=record.created))
    return found
