"""Two processes decide on one row of the store's own at once: the second one sees what the first one has done."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from gateway.core.values import TenantId
from gateway.stores.engine.conditions import note_is, tenant_is
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.staging import MetaNoted, StoreChange, TenantKept
from gateway.stores.postgres import PostgresStore
from tests.stores.commands import TENANT
from tests.stores.engine.test_conditions import submit
from tests.stores.postgres.conftest import MakePostgres

FAR = datetime(2100, 1, 1, tzinfo=UTC)
ROUNDS = 10


async def two(make_store: MakePostgres) -> tuple[PostgresStore, PostgresStore]:
    return await make_store(), await make_store()


async def test_a_token_is_used_up_in_one_process_only(make_store: MakePostgres) -> None:
    """Also when both have it in memory, where it is good for a second without asking the database."""
    one, other = await two(make_store)
    for number in range(ROUNDS):
        await one.put("code", f"{number}", TENANT, {}, FAR)
        assert await other.get("code", f"{number}") is not None
        if number % 2:
            used = [await store.drop("code", f"{number}") for store in (one, other)]
        else:
            used = await asyncio.gather(*(store.drop("code", f"{number}") for store in (one, other)))
        assert sorted(used) == [False, True]


async def test_one_of_two_who_make_a_row_has_made_it(make_store: MakePostgres) -> None:
    one, other = await two(make_store)
    for number in range(ROUNDS):
        tenant = TenantId(f"t{number}")
        change: StoreChange = TenantKept(KeptTenant(tenant, "{}", "2024-01-01"))
        made = await asyncio.gather(*(submit(own, change, on=(tenant_is(tenant, None),)) for own in (one, other)))
        assert sorted(made) == ["done", "failed"]
    assert one.stats.replays == other.stats.replays == one._stats.races == other._stats.races == 0


async def test_one_of_two_who_replace_a_row_has_replaced_it(make_store: MakePostgres) -> None:
    one, other = await two(make_store)
    value: str | None = None
    for number in range(ROUNDS):
        on = (note_is("n", value),)
        done = await asyncio.gather(
            *(submit(own, MetaNoted("n", f"{place}/{number}"), on=on) for place, own in enumerate((one, other)))
        )
        value = (await one.noted("n"))["n"]
        assert sorted(done) == ["done", "failed"]
        assert value == f"{done.index('done')}/{number}"


async def test_rows_in_any_order_are_locked_in_one(make_store: MakePostgres) -> None:
    one, other = await two(make_store)
    names = [f"n{place}" for place in range(4)]
    for name in names:
        await one.note(name, "0")
    on = [note_is(name, "0") for name in names]
    jobs = [submit(one, on=tuple(on)) for _ in range(ROUNDS)] + [submit(other, on=(*on[::-1],)) for _ in range(ROUNDS)]
    assert set(await asyncio.gather(*jobs)) == {"done"}
    assert one._stats.deadlocks == other._stats.deadlocks == 0
