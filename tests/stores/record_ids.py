"""Ids that stores make up for customers, whoever saves at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.core.catalogue import Customer, Product
from gateway.core.catalogue_records import CUSTOMER, PRODUCT, catalogue_naming, record_of
from gateway.core.commands import Expect, SaveCatalogue
from gateway.core.record_commands import Action, CountRecords, GetRecordUsage, SaveRecord, SaveRecords, SearchRecords
from gateway.core.records import RecordUsage
from gateway.core.values import TenantId
from gateway.stores import DatabaseStore
from tests.core.record_cases import BY, OURS

THEIRS = TenantId("theirs")


def new(*names: str, tenant: TenantId = OURS) -> SaveRecords:
    """New customers without an id."""
    items = tuple(SaveRecord(record_of(tenant, Customer(0, name), new=True)) for name in names)
    return SaveRecords(tenant, CUSTOMER, items, BY)


async def assert_ids_are_above_all(stores: Sequence[DatabaseStore]) -> None:
    """Stores of one database: the highest id plus 1, for each tenant and kind, also of 40 at a time, also after deletions."""
    first, last = stores[0], stores[-1]
    await first.execute(SaveCatalogue(OURS, BY, (Customer(500, "by hand"), Customer(7, "by hand"))))
    async with asyncio.timeout(60):
        done = await asyncio.gather(*(stores[place % len(stores)].execute(new("a", "b")) for place in range(20)))
    assert sorted(int(record.id) for answer in done for record in answer.records) == list(range(501, 541))
    assert all(int(second.id) == int(first.id) + 1 for first, second in (answer.records for answer in done))
    removal = SaveRecord(CUSTOMER.record(OURS, "540"), Expect.EITHER, action=Action.DELETE)
    await last.execute(SaveRecords(OURS, CUSTOMER, (removal,), BY))
    explicit = SaveRecord(record_of(OURS, Customer(600, "by hand")))
    await first.execute(SaveRecords(OURS, CUSTOMER, (explicit,), BY))
    assert [record.id for record in (await last.execute(new("c"))).records] == ["601"]
    assert [record.id for record in (await last.execute(new("d", tenant=THEIRS))).records] == ["1"]
    await assert_deleted_ones_are_gone(last)


async def assert_deleted_ones_are_gone(store: DatabaseStore) -> None:
    """A deleted customer is a tombstone: no read but a list of deleted ones has it."""
    named = await catalogue_naming(store, OURS, [540, 601])
    assert {own: customer.name for own, customer in named.customers.items()} == {601: "c"}
    buried = await store.read(SearchRecords(OURS, CUSTOMER, only_deleted=True))
    assert [record.id for record in buried.records] == ["540"]
    counts = [await store.read(CountRecords(OURS, CUSTOMER, with_deleted=dead)) for dead in (False, True)]
    assert [counted.count for counted in counts] == [43, 44]
    usage = await store.read(GetRecordUsage(OURS, CUSTOMER.name))
    assert (usage.records, usage.tombstones, usage.last_id) == (43, 1, 601)
    assert await store.read(GetRecordUsage(OURS, PRODUCT.name)) == RecordUsage()
    await assert_the_last_one_stays_unknown(store)


async def assert_the_last_one_stays_unknown(store: DatabaseStore) -> None:
    """A tenant whose customers are all deleted does not know any id; one that never had one takes them all."""
    await store.execute(SaveCatalogue(THEIRS, BY, exactly=True))
    deleted, never = (
        await catalogue_naming(store, THEIRS, [1], [1]),
        await catalogue_naming(store, TenantId("new"), [1]),
    )
    assert (deleted.may_refer_to(Customer, 1), deleted.may_refer_to(Product, 1)) == (False, True)
    assert never.may_refer_to(Customer, 1)
