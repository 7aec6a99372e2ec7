"""The checks of verification, run on PostgreSQL: both databases run the same texts."""

from __future__ import annotations

import pytest

from gateway.stores.engine import ledger_pages
from gateway.stores.postgres import PostgresStore
from tests import pg
from tests.stores.engine import test_consistency
from tests.stores.engine.test_consistency import TAMPERINGS, check_findings, fill

test_what_only_looks_like_a_document_of_the_store_is_no_finding = (
    test_consistency.test_what_only_looks_like_a_document_of_the_store_is_no_finding
)
test_verification_does_not_hold_the_ledger_in_memory = (
    test_consistency.test_verification_does_not_hold_the_ledger_in_memory
)


@pytest.mark.parametrize(("sql", "problem"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
async def test_tampering_is_found(
    cluster: pg.Cluster, database: str, store: PostgresStore, sql: str, problem: str
) -> None:
    await fill(store)
    cluster.sql(sql, database)
    await check_findings(store, problem)


@pytest.mark.parametrize("size", [1, 2, 11, 12])
async def test_the_ledger_is_verified_page_by_page(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    await fill(store)
    monkeypatch.setattr(ledger_pages, "PAGE", size)
    assert await store.verify() == (11, [])
    assert len([entry async for entry in store.ledger()]) == 11
