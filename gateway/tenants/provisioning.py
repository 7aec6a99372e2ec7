"""Makes sure that a tenant's store has what the tenant begins with, or keeps the tenant from being served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import structlog

from gateway.core.commands import ListSeries
from gateway.core.values import SeriesId, TenantId
from gateway.stores.engine.fences import TenantFencedError, TenantMisplacedError
from gateway.stores.placement import NOWHERE, check_placement
from gateway.stores.router import StoreRouter
from gateway.tenants.beginning import Beginnings
from gateway.tenants.tenant import Tenant

log = structlog.get_logger("tenants")

_NOT_BEGUN = (
    "it is marked `production: true`, and store {!r} holds nothing of it any more: its numbers would begin anew; bring the "
    "store's content back, or begin it with `invoice-gateway store init`"
)


async def provide(
    store: StoreRouter, pins: dict[TenantId, str], tenant: Tenant, begun: Beginnings | None = None
) -> Tenant:
    """Pin the tenant to its store, and make sure of its series and catalogue there.

    begun: where to note that the tenant begins; a production tenant must not (ADR-56). None when somebody wants it to begin.

    Raises TenantFencedError, TenantMisplacedError, StoreError, StoreUnavailableError.
    """
    name = tenant.section.store_name
    await check_placement(store.stores, name, tenant.id)
    if begun is not None and await begun.is_beginning(store, name, tenant.id):
        if tenant.section.production:
            raise TenantMisplacedError(tenant.id, _NOT_BEGUN.format(name))
        begun.note(name, tenant.id)
    pins[tenant.id] = name
    ids = await store.provision(tenant.id, tenant.specs())
    await store.seed_catalogue(tenant.id, tenant.items)
    if tenant.is_configured:
        await _warn_of_numbers(store, tenant, ids)
    return replace(tenant, series=ids, trouble="")


async def _warn_of_numbers(store: StoreRouter, tenant: Tenant, ids: Mapping[str, SeriesId]) -> None:
    """Warn where the configuration has another first number than the one with which a line has begun (ADR-9).

    The store's line goes on as it is. Where it began is in the first entry of its ledger.
    """
    specs = [spec for spec in tenant.specs() if spec.numbers]
    if not specs:
        return
    views = {view.series.id: view for view in (await store.read(ListSeries(tenant.id))).views}
    for spec in specs:
        series = ids[spec.key]
        for line, number in spec.numbers:
            first = await store.tenant_records.ledger_page(tenant.id, limit=1, series=series, line=line)
            if not first or first[0].after != number:
                now = views[series].next_number(line) if series in views else None
                log.warning(
                    "numbers of the configuration are not applied: the line stands already",
                    tenant=tenant.id,
                    series=spec.key,
                    line=line,
                    configured=number,
                    next_number=now,
                    advice="`invoice-gateway series set` changes a line that stands",
                )


async def provide_or_withhold(
    store: StoreRouter, pins: dict[TenantId, str], tenant: Tenant, begun: Beginnings
) -> Tenant:
    """Provide a tenant, or withhold it when its store must not serve it (ADR-37).

    A withheld tenant keeps its credentials, so that its clients get "unavailable" in their dialect. A tenant whose store is
    not configured here is unknown to every dialect, because nothing could keep it apart from the default store.
    """
    try:
        return await provide(store, pins, tenant, begun)
    except (TenantFencedError, TenantMisplacedError) as error:
        log.error("tenant not served", tenant=tenant.id, store=tenant.section.store_name, reason=str(error))
        if isinstance(error, TenantMisplacedError):
            pins[tenant.id] = NOWHERE
            if not error.is_configured:
                return replace(tenant, series={}, trouble=str(error))
        # Credentials bind to series, so dialects need some. Negative ids exist in no store.
        made_up = {spec.key: SeriesId(-place) for place, spec in enumerate(tenant.specs(), 1)}
        return replace(tenant, series=made_up, trouble=str(error))
