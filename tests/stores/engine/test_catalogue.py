"""Catalogues in the store: kept exactly, in memory at once, filled by the configuration first and then left to the clients."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from gateway.core.catalogue import (
    EMPTY,
    SECTIONS,
    Account,
    Address,
    Addresses,
    Catalogue,
    CatalogueItem,
    Contact,
    Currency,
    Customer,
    CustomerCategory,
    DeliveryMethod,
    Department,
    Employee,
    FiscalYear,
    ItemKey,
    PaymentMethod,
    Product,
    ProductCategory,
    Project,
    StampSeries,
    TaxCode,
    Template,
    TypeGroup,
    VoucherSeries,
    VoucherType,
)
from gateway.core.catalogue_records import KINDS
from gateway.core.catalogue_records import item_of as item_of_record
from gateway.core.commands import SaveCatalogue
from gateway.core.record_commands import SearchRecords
from gateway.core.values import TenantId
from gateway.stores import SqliteStore
from gateway.stores.engine.rows import item_of, item_row
from gateway.stores.engine.tenant_rows import Contents
from tests.stores.commands import BY, TENANT
from tests.stores.conftest import MakeStore

OTHER = TenantId("other")
RICH: tuple[CatalogueItem, ...] = (
    Customer(
        7,
        "Ångström & Conceição",
        "987 654 325",
        "a@example",
        "b@example",
        "+47",
        "7080000000005",
        14,
        Addresses(post=Address("n", "s", "0150", "Oslo", "Oslo", "", "NO"), invoice=Address(country="PT")),
        {"dialect": {"CreditLimit": Decimal("1.50"), "Since": dt.datetime(2012, 1, 1, tzinfo=dt.UTC)}},
        "E-7",
        ("c@example",),
        ("+47 1", "+47 2"),
    ),
    Product(
        8, "Båt", "BÅT-1", Decimal("24500.00"), Decimal("0.10"), 1, Decimal(25), {"dialect": {"Stock": None}}, 2, "7038"
    ),
    ProductCategory(2, "Båter", "10", 1),
    CustomerCategory(3, "Venner", False),
    Contact(4, "Åse", "d@example", "+47 3", (7, 9), {"dialect": {"Role": "x"}}),
    TypeGroup(1, "Varesalg", Decimal("25.00"), 103, True),
    TaxCode(103, "Utgående", "3", Decimal(25), 3000),
    PaymentMethod(1, "Faktura"),
    DeliveryMethod(1, "Post"),
    Template(
        "6f1c1f0e-6c1f-4c55-9a3e-0b6a5d0f7a01",
        "Standard",
        "a.xml",
        "nb",
        "NO",
        True,
        True,
        dt.datetime(2012, 3, 1, 8, tzinfo=dt.UTC),
        (7, 8),
    ),
    Project(10, "Ny slipp"),
    Department(1, "Verksted"),
    Employee(1, "Åse", "ase@example"),
    Account(1, 3000, "Salg", 103, True),
    Currency(1, "SEK", Decimal("97.35"), 100),
    VoucherSeries(1, 10000),
    VoucherType(1, 0, "Bilag", 1),
    FiscalYear(2024, dt.date(2024, 1, 1), dt.date(2025, 1, 1), True),
    StampSeries("2b7e1516-28ae-4d2a-a6ab-f7158809cf4f", "Skanner", 100000, 199999),
)


def save(*items: CatalogueItem, remove: tuple[ItemKey, ...] = (), tenant: TenantId = TENANT) -> SaveCatalogue:
    return SaveCatalogue(tenant, BY, items, remove)


async def whole(store: SqliteStore, tenant: TenantId = TENANT) -> Catalogue:
    """The catalogue with all customers and products."""
    found = [await store.read(SearchRecords(tenant, kind, limit=1000)) for kind in KINDS.values()]
    return store.catalogue(tenant).with_changes(item_of_record(one) for page in found for one in page.records)


def test_there_is_an_item_of_every_kind_here() -> None:
    assert [type(item) for item in RICH] == list(SECTIONS)


def test_a_row_reads_as_the_item_it_was_made_from() -> None:
    for item in RICH:
        tenant, section, own, body = item_row(TENANT, item)
        assert (tenant, own) == (TENANT, str(item.id))
        assert item_of(section, body) == item
        assert repr(item_of(section, body)).replace("mappingproxy", "") == repr(item).replace("mappingproxy", "")


def test_fields_of_another_version_do_no_harm() -> None:
    assert item_of("projects", '{"id":1,"colour":"red"}') == Project(1)


async def test_kept_over_a_restart(make_store: MakeStore) -> None:
    store = await make_store()
    assert store.catalogue(TENANT) == EMPTY
    await store.execute(save(*RICH))
    await store.execute(save(Customer(9, "Nine"), tenant=OTHER))
    await store.execute(save(Project(11), remove=((Project, 10), (Employee, 1), (Employee, 99))))
    before = await whole(store), await whole(store, OTHER)
    await store.close()
    again = await make_store()
    assert (await whole(again), await whole(again, OTHER)) == before
    assert (list(before[0].customers), list(before[0].products)) == ([7], [8])
    assert not again.catalogue(TENANT).customers
    assert list(before[0].projects) == [11]
    assert before[0].employees == {}
    assert [item.id for item in before[1].items()] == [9]


async def test_what_comes_together_is_kept_in_its_order(make_store: MakeStore) -> None:
    """Within one group: an item saved then removed is gone, and an item removed then saved is there."""
    store = await make_store()
    await store.execute(save(Project(1, "old"), Project(2, "old")))
    commits = store.stats.commits
    await asyncio.gather(
        *map(
            store.execute,
            [
                save(Project(1, "new")),
                save(remove=((Project, 1),)),
                save(remove=((Project, 2),)),
                save(Project(2, "new")),
                save(Project(3)),
                save(remove=((Project, 3),)),
            ],
        )
    )
    assert store.stats.commits == commits + 1
    assert store.catalogue(TENANT).projects == {2: Project(2, "new")}
    await store.close()
    assert (await make_store()).catalogue(TENANT).projects == {2: Project(2, "new")}


async def test_exactly_this_is_what_there_is_when_it_is_decided(store: SqliteStore) -> None:
    """Also what came in just before, in the same group, is gone."""
    await store.execute(save(Project(1), Customer(1, "One")))
    exactly = SaveCatalogue(TENANT, BY, (Project(2), Customer(1, "Other")), exactly=True)
    _, answer, _ = await asyncio.gather(*map(store.execute, [save(Project(3)), exactly, save(Project(4))]))
    assert answer.catalogue == EMPTY.with_changes([Project(2)])
    assert await whole(store) == EMPTY.with_changes((*exactly.items, Project(4)))
    assert (await store.execute(SaveCatalogue(TENANT, BY, exactly=True))).catalogue == EMPTY


async def test_the_answer_is_the_catalogue(store: SqliteStore) -> None:
    answer = await store.execute(save(Project(1)))
    assert answer.catalogue == store.catalogue(TENANT)


async def test_a_reader_of_the_file_sees_it(make_store: MakeStore) -> None:
    store = await make_store()
    await store.execute(save(*RICH))
    looking = await make_store(read_only=True)
    assert await whole(looking) == await whole(store) == EMPTY.with_changes(RICH)


# Seeds


async def test_a_seed_is_applied_once(make_store: MakeStore) -> None:
    store = await make_store()
    assert await store.seed_catalogue(TENANT, RICH)
    commits = store.stats.commits
    assert not await store.seed_catalogue(TENANT, tuple(reversed(RICH)))
    assert store.stats.commits == commits
    await store.close()
    again = await make_store()
    assert not await again.seed_catalogue(TENANT, RICH)
    assert set(map(item_key_of, (await whole(again)).items())) == set(map(item_key_of, RICH))


def item_key_of(item: CatalogueItem) -> ItemKey:
    return type(item), item.id


async def test_what_clients_changed_outlives_an_unchanged_seed(make_store: MakeStore) -> None:
    store = await make_store()
    seed = (Project(1, "seeded"), Project(2, "seeded"), Project(3, "seeded"))
    await store.seed_catalogue(TENANT, seed)
    await store.execute(save(Project(1, "edited"), Project(4, "added"), remove=((Project, 3),)))
    await store.close()
    again = await make_store()
    await again.seed_catalogue(TENANT, seed)
    assert [(p.id, p.name) for p in again.catalogue(TENANT).projects.values()] == [
        (1, "edited"),
        (2, "seeded"),
        (4, "added"),
    ]


async def test_an_edited_seed_replaces_by_id_and_leaves_the_rest(store: SqliteStore) -> None:
    await store.seed_catalogue(TENANT, (Project(1, "first"), Project(2, "first")))
    await store.execute(save(Project(1, "edited"), Project(4, "added")))
    assert await store.seed_catalogue(TENANT, (Project(1, "second"), Project(5, "second")))
    assert [(p.id, p.name) for p in store.catalogue(TENANT).projects.values()] == [
        (1, "second"),
        (2, "first"),
        (4, "added"),
        (5, "second"),
    ]


async def test_a_seed_that_another_task_has_just_applied_is_not_applied_over_what_clients_did_since(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = (Project(1, "seeded"),)
    asked = store._applied_seed

    async def meanwhile(tenant: TenantId) -> str | None:
        applied = await asked(tenant)
        monkeypatch.undo()
        assert await store.seed_catalogue(tenant, seed)
        await store.execute(save(Project(1, "edited")))
        return applied

    monkeypatch.setattr(store, "_applied_seed", meanwhile)
    assert not await store.seed_catalogue(TENANT, seed)
    assert store.catalogue(TENANT).projects == {1: Project(1, "edited")}
    await store.tenant_records.replace(TENANT, Contents())
    assert await store.seed_catalogue(TENANT, seed), "what was replaced as a whole begins anew"


async def test_seeds_are_each_tenants_own(store: SqliteStore) -> None:
    assert await store.seed_catalogue(TENANT, (Project(1),))
    assert await store.seed_catalogue(OTHER, (Project(1),))
    assert not await store.seed_catalogue(TenantId("third"), ())
    assert store.catalogue(TenantId("third")) == EMPTY
