"""In which store a tenant's numbers are, so that no gateway begins them anew in another one (ADR-37)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores.engine.committed_state import NO_END, OWN_IDS
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.fences import Fence, TenantMisplacedError

_EVERY_ID: Final = f"1 {NO_END}"
NOWHERE: Final = ""
"""The pin of a tenant that must not be served from the store it names."""


class NoStore:
    """Stands where a tenant's store would be, while the tenant must not be served. Everything raises StoreUnavailableError."""

    def __getattr__(self, name: str) -> Any:
        raise StoreUnavailableError("the tenant is pinned to a store that does not have its numbers")


async def check_placement(stores: Mapping[str, DatabaseStore], pinned: str, tenant: TenantId) -> None:
    """Make sure that a tenant may be served from the store that it is pinned to, also when that store has nothing of it yet.

    Raises TenantMisplacedError when another store has its numbers, or knows where they went; StoreUnavailableError when
    the pinned store has nothing, and one of the others cannot be asked.
    """
    if pinned not in stores:
        text = f"it is pinned to store {pinned!r}, which is not configured; there are: {', '.join(stores)}"
        raise TenantMisplacedError(tenant, text, is_configured=False)
    if len(stores) == 1:
        return
    own, _ = await stores[pinned].tenant_records.standing(tenant)
    if own:
        return
    others = [name for name in stores if name != pinned]
    standings = await asyncio.gather(*(stores[name].tenant_records.standing(tenant) for name in others))
    for name, (has_series, fence) in zip(others, standings, strict=True):
        text = problem_of(pinned, name, has_series, fence)
        if text:
            raise TenantMisplacedError(tenant, text)


async def doubled(stores: Mapping[str, DatabaseStore]) -> dict[TenantId, list[str]]:
    """The tenants that more than one store has numbers of, with the stores' names. Raises StoreUnavailableError."""
    found: dict[TenantId, list[str]] = {}
    for name, store in stores.items():
        for tenant in await store.tenant_records.owners():
            found.setdefault(tenant, []).append(name)
    return {tenant: names for tenant, names in sorted(found.items()) if len(names) > 1}


async def take_ids(stores: Mapping[str, DatabaseStore], spans: Mapping[str, range]) -> None:
    """Note in each store which ids it may make up, unless that is noted (ADR-40). Raises StoreUnavailableError."""
    for name, store in stores.items():
        span = f"{spans[name].start} {spans[name].stop}"
        known = (await store.noted(OWN_IDS)).get(OWN_IDS)
        while (known or _EVERY_ID) != span and not await store.renote(OWN_IDS, known, span):
            known = (await store.noted(OWN_IDS)).get(OWN_IDS)


def problem_of(pinned: str, other: str, has_series: bool, fence: Fence | None) -> str:
    """Why a tenant must not begin in `pinned`, as another store knows, for people; "" when it may."""
    if fence is not None and fence.state == "moved":
        gone = fence.other
        return "" if gone == pinned else f"it is pinned to store {pinned!r}, but was moved from {other!r} to {gone!r}"
    if fence is not None and fence.state == "arriving":
        return ""
    if has_series:
        return (
            f"it is pinned to store {pinned!r}, but its numbers are in store {other!r}: pin it there (`store: {other}`), "
            f"or move it with `invoice-gateway tenant move`"
        )
    return ""
