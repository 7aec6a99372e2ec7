"""Verification finds tables that disagree, with words of its own for each case."""

from __future__ import annotations

import asyncio
import sqlite3
import tracemalloc
from typing import Final

import pytest

from gateway.core.line_commands import Claim, Reserve, SetBounds
from gateway.core.values import TenantId
from gateway.stores import DatabaseStore, SqliteStore
from gateway.stores.engine.consistency import MOST_FINDINGS
from tests.stores.commands import BY, LINE, TENANT, issue, number_for, provide_main, void
from tests.stores.conftest import MakeStore
from tests.stores.test_documents import invoiced

ENTRIES: Final = 8000
"""Several pages of the ledger."""
BYTES_OF_AN_ENTRY: Final = 1000
"""The least that Python needs for the row of an entry."""

TAMPERINGS = {
    "an entry changed": (
        "UPDATE ledger SET reason = 'x' WHERE line = 'invoice' AND \"index\" = 2",
        "does not match its hash",
    ),
    "the last entry cut off": (
        "DELETE FROM ledger WHERE line = 'invoice' AND \"index\" = 10",
        "number 1 under key 'key-1' is void",
    ),
    "a whole chain gone": ("DELETE FROM ledger WHERE line = 'invoice'", "under key 'key-1' is issued without an entry"),
    "a line moved": ("UPDATE counters SET next_number = 77", "the chain ends at 8, but the line stands at 77"),
    "a number renumbered": (
        "UPDATE issued SET number = 9 WHERE number = 2",
        "has an entry that gives it out, but is not issued",
    ),
    "a number gone": (
        "DELETE FROM issued WHERE number = 2",
        "number 2 under key 'key-2' has an entry that gives it out, but is not issued",
    ),
    "a number under another key": (
        "UPDATE issued SET key = 'x' WHERE number = 2",
        "number 2 under key 'x' is issued without",
    ),
    "a number made up": (
        "INSERT INTO issued VALUES (1, 'invoice', 50, 'demo', 'new', '', false, false, NULL)",
        "number 50 under key 'new'",
    ),
    "a void undone": (
        "UPDATE issued SET voided = false",
        "number 1 under key 'key-1' has the entry 'void' but is not void",
    ),
    "a void made up": ("UPDATE issued SET voided = true", "number 2 under key 'key-2' is void without an entry"),
    "a reserved number given out": (
        "UPDATE issued SET reserved = false, key = 'x' WHERE number = 6",
        "number 6 under key 'x' is issued without an entry",
    ),
    "a reserved number gone": (
        "DELETE FROM issued WHERE number = 6",
        "number 6 under key 'r-6' has the entry 'reserve' but is not reserved",
    ),
    "a used number reserved again": (
        "UPDATE issued SET reserved = true WHERE number = 7",
        "number 7 under key 'key-7' has an entry that gives it out, but is not issued",
    ),
    "a reservation made up": (
        "UPDATE issued SET reservation_key = 'x' WHERE number = 2",
        "number 2 under key 'x' is reserved without an entry",
    ),
    "other bounds": (
        "UPDATE counters SET last_number = 999",
        "the chain ends with the bounds 1..99, but those of the line are 1..999",
    ),
    "a document's number": (
        "UPDATE documents SET number = 9 WHERE id = 1",
        "document 1 has number 9, which was not given to it",
    ),
    "a document's status": (
        "UPDATE documents SET status = 'void' WHERE id = 1",
        "document 1 has number 4, which was not given",
    ),
    "a document's tenant": (
        "UPDATE documents SET tenant = 'other' WHERE id = 1",
        "number 4 was given to 'document:1', which",
    ),
    "a document gone": (
        "DELETE FROM documents WHERE id = 2",
        "number 5 was given to 'document:2', which does not have it",
    ),
    "a document without its number": (
        "UPDATE documents SET number = NULL WHERE id = 2",
        "number 5 was given to 'document:2', which does not have it",
    ),
    "another document's number": (
        "UPDATE issued SET document = 'document:2' WHERE number = 4",
        "number 4 was given to 'document:2', which does not have it",
    ),
}
"""A change to a store that `fill` has filled, and a part of the finding that verification must then report."""
OTHERS_DOCUMENTS = ("document:", "document:x1", "document:1x", "Document:1", "document 1", "document:-1")


async def fill(store: DatabaseStore) -> None:
    """Give out three numbers for documents kept elsewhere (the first is then void) and two for documents of the store.

    Reserve two more, of which a document uses the second, and set bounds.
    """
    await provide_main(store)
    for number in (1, 2, 3):
        assert await number_for(store, f"key-{number}") == number
    await asyncio.gather(store.execute(invoiced("a")), store.execute(invoiced("b")))
    for number in (6, 7):
        assert (await store.execute(Reserve(TENANT, LINE, f"r-{number}", BY))).issued.number == number
    await store.execute(Claim(TENANT, LINE, 7, "key-7", "", BY))
    await store.execute(SetBounds(TENANT, LINE, 1, 99, BY))
    await store.execute(void(1))
    assert await store.verify() == (11, [])


async def check_findings(store: DatabaseStore, problem: str) -> None:
    """Verification reports the problem for all tenants and for the tenant it concerns, but not for another tenant."""
    for tenant in (None, TENANT):
        findings = (await store.verify(tenant))[1]
        assert problem in "; ".join(finding.problem for finding in findings)
        assert {finding.chain for finding in findings} == {LINE}
    assert (await store.verify(TenantId("nobody")))[1] == []


def tamper(store: SqliteStore, sql: str) -> None:
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(("sql", "problem"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
async def test_tampering_is_found(make_store: MakeStore, sql: str, problem: str) -> None:
    store = await make_store()
    await fill(store)
    await store.close()
    tamper(store, sql)
    await check_findings(await make_store(read_only=True), problem)


async def test_what_only_looks_like_a_document_of_the_store_is_no_finding(store: DatabaseStore) -> None:
    await provide_main(store)
    for number, document in enumerate(OTHERS_DOCUMENTS):
        await store.execute(issue(f"key-{number}", document=document))
    assert (await store.verify())[1] == []


async def test_verification_does_not_hold_the_ledger_in_memory(store: DatabaseStore) -> None:
    await provide_main(store)
    await asyncio.gather(*(number_for(store, f"key-{number}") for number in range(ENTRIES)))
    tracemalloc.start()
    try:
        assert await store.verify() == (ENTRIES + 1, [])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < ENTRIES * BYTES_OF_AN_ENTRY / 2


async def test_so_many_findings_of_one_kind_are_enough(make_store: MakeStore) -> None:
    store = await make_store()
    await provide_main(store)
    await asyncio.gather(*(store.execute(issue(f"key-{number}")) for number in range(MOST_FINDINGS + 5)))
    await store.close()
    tamper(store, "DELETE FROM ledger WHERE operation = 'issue'")
    findings = (await (await make_store(read_only=True)).verify())[1]
    assert sum("without an entry" in finding.problem for finding in findings) == MOST_FINDINGS
