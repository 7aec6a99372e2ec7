"""A tenant made at run time is pinned to another store by an operator, and changed by a gateway, at the same time."""

from __future__ import annotations

import asyncio
import json

from gateway.core.values import TenantId
from gateway.stores import DatabaseStore, open_transfer
from gateway.stores.engine.conditions import tenant_is
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.postgres.condition_rows import row_names
from gateway.stores.postgres.locking import advisory_lock
from gateway.tenants.tenant import changed_body, pinned_body
from tests import pg
from tests.multi_store.places import opened

MADE = TenantId("made")
ROUNDS = 20


async def changed(store: DatabaseStore, number: int) -> None:
    """Change the tenant as a gateway does."""
    while True:
        record = await store.tenant_records.tenant(MADE)
        assert record is not None
        if await store.tenant_records.change_tenant(record, changed_body(record.body, {"n": number})):
            return


async def test_both_changes_are_kept(urls: dict[str, str]) -> None:
    store, operator = await opened(urls["east"]), await open_transfer(urls["east"], write=True)
    try:
        await store.tenant_records.add_tenant(KeptTenant(MADE, "{}", "2024-01-01"))
        for number in range(ROUNDS):
            version = await store.tenant_records.version()
            pin = f"store-{number}"
            await asyncio.gather(
                operator.keep(MADE, lambda body, pin=pin: pinned_body(body, pin)),  # type: ignore[misc]
                changed(store, number),
            )
            record = await store.tenant_records.tenant(MADE)
            assert record is not None
            assert json.loads(record.body) == {"n": number, "store": pin}
            assert await store.tenant_records.version() != version
        await operator.keep(TenantId("nobody"), lambda _: "{}")
        assert len(await store.tenant_records.tenants()) == 1
    finally:
        await operator.close()
        await store.close()


async def test_no_gateway_changes_the_tenant_while_it_is_pinned(urls: dict[str, str], cluster: pg.Cluster) -> None:
    store, operator = await opened(urls["east"]), await open_transfer(urls["east"], write=True)
    (name,) = row_names([tenant_is(MADE, {})])
    free: list[bool] = []

    def looked(body: str) -> str:
        """Asks whether the lock could be had, in another session."""
        text = f"SELECT pg_try_advisory_xact_lock({advisory_lock(name)})"
        free.append(cluster.sql(text, database=pg.name_of(urls["east"]))[0][0])
        return body

    try:
        await store.tenant_records.add_tenant(KeptTenant(MADE, "{}", "2024-01-01"))
        await operator.keep(MADE, looked)
        assert free == [False]
        looked("")
        assert free == [False, True]
    finally:
        await operator.close()
        await store.close()
