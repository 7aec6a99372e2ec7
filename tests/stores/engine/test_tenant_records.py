"""A store's records about tenants: tenants made at run time, all contents of one tenant, and snapshots."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.core.catalogue import Customer, Project
from gateway.core.commands import (
    CreateSeries,
    GetDocuments,
    Issue,
    IssueRequest,
    ListSeries,
    PeekNext,
    SaveCatalogue,
    SaveDocument,
    SaveDocuments,
    SetNext,
)
from gateway.core.documents import Document, DocumentId
from gateway.core.results import SeriesListed
from gateway.core.values import CREDIT_NOTE, INVOICE, Counter, CounterKey, Origin, SeriesId, TenantId
from gateway.stores import DatabaseStore
from gateway.stores.engine import tables
from gateway.stores.engine.conditions import ConditionFailedError, tenant_is
from gateway.stores.engine.initial_rows import FreshSeries, fresh_contents
from gateway.stores.engine.provisioning import SeriesSpec
from gateway.stores.engine.rows import KeptTenant
from gateway.stores.engine.tenant_records import TakenError
from gateway.stores.engine.tenant_rows import Contents
from tests.stores.commands import BY, FREE, TENANT, issue, number_for, peek, provide_main, set_next

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
OTHER = TenantId("other")
RESTORED = Origin("admin", "tester", "request-2", "put back")


async def lively(store: DatabaseStore) -> None:
    """A tenant that has something of every kind."""
    await provide_main(store)
    await store.seed_catalogue(TENANT, [Project(1, "Åse"), Customer(7, "Åse")])
    for key in "abc":
        await number_for(store, key)
    invoice = Document(TENANT, lines=(), customer=1)
    await store.execute(SaveDocuments(TENANT, (SaveDocument(invoice, issue=IssueRequest("d")),), BY))
    await store.put("session", "secret", TENANT, {"user": "u"}, NOW + timedelta(days=365 * 100))


async def fingerprint(store: DatabaseStore, tenant: TenantId = TENANT) -> Contents:
    return await store.tenant_records.contents(tenant)


async def test_tenants_are_kept_in_the_order_they_were_made(make_store: Any) -> None:
    store = await make_store()
    tenant_records = store.tenant_records
    assert await tenant_records.version() == ""
    await tenant_records.add_tenant(KeptTenant(TenantId("b"), "{}", "2024-01-01"))
    first = await tenant_records.version()
    await tenant_records.add_tenant(KeptTenant(TenantId("a"), '{"é": 1}', "2024-01-02"))
    assert [kept.id for kept in await tenant_records.tenants()] == ["b", "a"]
    assert await tenant_records.change_tenant(KeptTenant(TenantId("b"), "{}", "2024-01-01"), '{"x": 2}')
    await store.close()
    again = (await make_store()).tenant_records
    assert [kept.body for kept in await again.tenants()] == ['{"x": 2}', '{"é": 1}']
    assert await again.version() not in {"", first}
    assert await again.tenant(TenantId("b")) == KeptTenant(TenantId("b"), '{"x": 2}', "2024-01-01")
    assert await again.drop_tenant(KeptTenant(TenantId("b"), '{"x": 2}', "2024-01-01"))
    assert await again.tenant(TenantId("b")) is None
    assert [kept.id for kept in await again.tenants()] == ["a"]


async def test_a_tenant_is_not_made_twice(store: DatabaseStore) -> None:
    await store.tenant_records.add_tenant(KeptTenant(OTHER, "{}", "2024-01-01"))
    with pytest.raises(TakenError):
        await store.tenant_records.add_tenant(KeptTenant(OTHER, '{"second": true}', "2024-01-02"))
    assert [kept.body for kept in await store.tenant_records.tenants()] == ["{}"]


async def test_a_tenant_that_was_changed_meanwhile_is_neither_changed_nor_dropped(store: DatabaseStore) -> None:
    records = store.tenant_records
    first = KeptTenant(OTHER, "{}", "2024-01-01")
    await records.add_tenant(first)
    outcomes = await asyncio.gather(*(records.change_tenant(first, f'{{"n": {n}}}') for n in range(3)))
    assert sorted(outcomes) == [False, False, True]
    second = await records.tenant(OTHER)
    assert second is not None
    assert second.body == f'{{"n": {outcomes.index(True)}}}'
    version = await records.version()
    assert not await records.drop_tenant(first)
    assert await records.version() == version, "nothing has happened"
    assert await asyncio.gather(records.drop_tenant(second), records.change_tenant(second, "{}")) == [True, False]
    assert await records.tenants() == []
    again = first._replace(created="2024-01-02")
    await records.add_tenant(again)
    assert not await records.drop_tenant(first), "another tenant of the same id and body"
    assert await records.drop_tenant(again)


async def test_of_two_snapshots_of_one_name_at_once_one_is_kept(store: DatabaseStore) -> None:
    await provide_main(store)
    contents = await fingerprint(store)
    keep = store.tenant_records.keep_snapshot
    names = [f"s{n}" for n in range(5)]
    twice = [keep(TENANT, name, contents, NOW, replacing=False) for name in names for _ in range(2)]
    outcomes = await asyncio.gather(*twice, return_exceptions=True)
    assert sum(isinstance(outcome, TakenError) for outcome in outcomes) == len(names)
    assert [head.name for head in await store.tenant_records.snapshots(TENANT)] == names


async def test_a_state_is_replaced_only_while_its_tenant_is_the_one_that_was_meant(store: DatabaseStore) -> None:
    await lively(store)
    before = await fingerprint(store)
    records = store.tenant_records
    made = KeptTenant(TENANT, "{}", "2024-01-01")
    there, gone = tenant_is(TENANT, {"created": made.created}), tenant_is(TENANT, None)
    with pytest.raises(ConditionFailedError):
        await records.replace(TENANT, Contents(), conditions=(there,))
    await records.add_tenant(made)
    with pytest.raises(ConditionFailedError):
        await records.replace(TENANT, Contents(), conditions=(gone,))
    assert await fingerprint(store) == before
    await records.replace(TENANT, Contents(), conditions=(there,))
    assert (await fingerprint(store)).of(tables.series) == []


async def test_contents_come_back_as_they_were(make_store: Any) -> None:
    store = await make_store()
    await lively(store)
    before = await fingerprint(store)
    head = await store.tenant_records.keep_snapshot(TENANT, "clean", before, NOW)
    assert (head.rows, head.name) == (before.count, "clean")

    await number_for(store, "e")
    await store.execute(set_next(900))
    await store.execute(CreateSeries(TENANT, "Extra", BY))
    await store.execute(SaveCatalogue(TENANT, BY, (Project(2, "Bo"),)))
    await store.drop("session", "secret")
    kept = await store.tenant_records.snapshot(TENANT, "clean")
    assert kept == before
    await store.tenant_records.replace(TENANT, kept, RESTORED)

    await _is_as_before(store, before)
    await store.close()
    await _is_as_before(await make_store(), before)


async def _is_as_before(store: DatabaseStore, before: Contents) -> None:
    after = dict((await fingerprint(store)).rows)
    ledger = list(after.pop("ledger"))
    added = [row for row in ledger if row not in before.rows["ledger"]]
    assert [(row[4], row[12]) for row in added] == [("restore", "put back")]
    assert {**after, "ledger": [row for row in ledger if row not in added]} == dict(before.rows)
    assert await store.verify(TENANT) == (len(ledger), [])
    assert await peek(store) == 5
    assert [view.series.key for view in (await store.read(ListSeries(TENANT))).views] == ["main"]
    assert list(store.catalogue(TENANT).projects) == [1]
    assert await store.get("session", "secret") == (TENANT, {"user": "u"})
    (document,) = (await store.read(GetDocuments(TENANT, (DocumentId(1),)))).documents
    assert document.number == 4


async def test_numbers_go_on_after_a_restoration(store: DatabaseStore) -> None:
    await lively(store)
    before = await fingerprint(store)
    assert [await number_for(store, key) for key in "efg"] == [5, 6, 7]
    await store.tenant_records.replace(TENANT, before, RESTORED)
    assert [await number_for(store, key) for key in "gh"] == [5, 6]
    assert (await store.verify(TENANT))[1] == []


async def test_a_line_begun_after_what_is_restored_is_gone(store: DatabaseStore) -> None:
    await lively(store)
    before = await fingerprint(store)
    credit_notes = CounterKey(SeriesId(1), CREDIT_NOTE)
    await store.execute(SetNext(TENANT, credit_notes, 7, FREE, BY))
    await store.tenant_records.replace(TENANT, before, RESTORED)
    (view,) = (await store.read(ListSeries(TENANT))).views
    assert list(view.counters) == [INVOICE]
    assert (await store.read(PeekNext(TENANT, credit_notes))).counter == Counter(credit_notes)
    await store.tenant_records.replace(TENANT, Contents())
    assert (await store.read(ListSeries(TENANT))).views == ()
    assert (await store.verify(TENANT))[1] == []


async def test_what_waits_with_a_replacement_is_neither_lost_nor_mixed_with_it(store: DatabaseStore) -> None:
    await lively(store)
    before = await fingerprint(store)
    issues = [asyncio.ensure_future(store.execute(issue(f"x{n}"))) for n in range(5)]
    replaced = asyncio.ensure_future(store.tenant_records.replace(TENANT, before))
    later = [asyncio.ensure_future(store.execute(issue(f"y{n}"))) for n in range(5)]
    await asyncio.gather(*issues, replaced, *later)
    count, findings = await store.verify(TENANT)
    assert findings == []
    assert count >= len(before.rows["ledger"])


async def test_other_tenants_are_left_alone(store: DatabaseStore) -> None:
    await lively(store)
    await store.provision(OTHER, [("main", "Main", None, None, True)])
    await store.execute(Issue(OTHER, CounterKey(SeriesId(2), INVOICE), "k", "", BY, 7))
    theirs = await fingerprint(store, OTHER)
    await store.tenant_records.replace(TENANT, Contents())
    assert await fingerprint(store, OTHER) == theirs
    assert (await fingerprint(store)).count == 0
    assert (await store.verify())[1] == []


async def test_series_ids_are_never_used_again(make_store: Any) -> None:
    store = await make_store()
    await provide_main(store)
    before = await fingerprint(store)
    await store.tenant_records.replace(TENANT, Contents())
    await store.close()
    store = await make_store()
    assert await store.provision(OTHER, [("main", "Main", None, None, True)]) == {"main": 2}
    await store.tenant_records.replace(TENANT, before)
    assert (await store.verify())[1] == []


async def test_a_document_id_that_is_another_tenants_by_now_is_not_taken_from_it(store: DatabaseStore) -> None:
    await provide_main(store)
    mine = SaveDocument(Document(TENANT, id=DocumentId(77)))
    await store.execute(SaveDocuments(TENANT, (mine,), BY))
    before = await fingerprint(store)
    await store.tenant_records.replace(TENANT, Contents())
    await store.execute(SaveDocuments(OTHER, (SaveDocument(Document(OTHER, id=DocumentId(77))),), BY))
    with pytest.raises(TakenError):
        await store.tenant_records.replace(TENANT, before)
    assert (await fingerprint(store)).count == 0
    assert len((await store.read(GetDocuments(OTHER, (DocumentId(77),)))).documents) == 1


async def test_a_fresh_start_by_the_rules(store: DatabaseStore) -> None:
    await lively(store)
    series = [
        FreshSeries(SeriesId(1), SeriesSpec("main", "Main", "F-", numbers=((INVOICE, 444),))),
        FreshSeries(SeriesId(9), SeriesSpec("second", "Second", default=True)),
    ]
    await store.tenant_records.replace(TENANT, fresh_contents(TENANT, series, [Project(5, "New")], BY, NOW))
    first, second = (await store.read(ListSeries(TENANT))).views
    assert (first.series.id, first.series.prefix, first.series.is_default) == (1, "F-", False)
    assert (second.series.id, second.series.is_default) == (9, True)
    assert await number_for(store, "a") == 444
    assert list(store.catalogue(TENANT).projects) == [5]
    assert await store.seed_catalogue(TENANT, [Project(5, "New")]) is False
    assert (await store.verify(TENANT))[1] == []
    assert await store.get("session", "secret") is None


async def test_snapshots_have_names(store: DatabaseStore) -> None:
    tenant_records = store.tenant_records
    await provide_main(store)
    contents = await fingerprint(store)
    for name in ("one", "two", "one"):
        await tenant_records.keep_snapshot(TENANT, name, contents, NOW)
    assert [head.name for head in await tenant_records.snapshots(TENANT)] == ["one", "two"]
    assert await tenant_records.snapshots(OTHER) == []
    assert await tenant_records.snapshot(OTHER, "one") is None
    with pytest.raises(TakenError):
        await tenant_records.keep_snapshot(TENANT, "one", contents, NOW, replacing=False)
    assert [await tenant_records.drop_snapshot(TENANT, "one") for _ in range(2)] == [True, False]
    assert [head.name for head in await tenant_records.snapshots(TENANT)] == ["two"]


def test_a_snapshot_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        Contents.unpack(zlib.compress(json.dumps({"format": 99, "rows": {}}).encode()))


async def test_a_series_made_meanwhile_does_not_get_in_between(store: DatabaseStore) -> None:
    """The caller's list of series may be out of date when the replacement happens."""
    await provide_main(store)
    blind = replace(store.tenant_records, list_series=_nothing_listed)
    await store.execute(CreateSeries(TENANT, "Extra", BY, counters={INVOICE: 3}))
    await blind.replace(TENANT, Contents())
    assert (await fingerprint(store)).count == 0
    assert await store.verify() == (0, [])


async def _nothing_listed(query: ListSeries) -> Any:
    return SeriesListed(())


async def test_the_ledger_can_be_read_from_any_place(store: DatabaseStore) -> None:
    await lively(store)
    await store.provision(OTHER, [("main", "Main", None, None, True)])
    whole = [entry async for entry in store.ledger(TENANT)]
    assert await store.tenant_records.ledger_page(TENANT) == whole
    for place in range(len(whole)):
        chain = whole[place].chain
        after = (chain.series, chain.line, whole[place].index)
        assert await store.tenant_records.ledger_page(TENANT, after, limit=2) == whole[place + 1 : place + 3]
    assert await store.tenant_records.ledger_page(TENANT, line=INVOICE) == [e for e in whole if e.chain.line == INVOICE]
    assert await store.tenant_records.ledger_page(TENANT, series=SeriesId(2)) == []
