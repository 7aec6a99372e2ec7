"""Claims, reservations, bounds and series of a dialect, as operators see them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.commands import IssueRequest, SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.line_commands import Claim, OpenSeries, Reserve
from gateway.core.values import CREDIT_NOTE, INVOICE, Bounds, TenantId
from tests.admin.actions import BY, issue, line_of, made
from tests.admin.conftest import Admin


@pytest.fixture
async def tenant(admin: Admin) -> Any:
    """A tenant for this test alone."""
    return await made(admin)


@pytest.fixture
def own(tenant: Any) -> str:
    """The path of that tenant."""
    return f"/v1/tenants/{tenant['id']}"


async def test_bounds_of_a_line(admin: Admin, tenant: Any, own: str) -> None:
    path = f"{own}/series/main/counters/stamp"
    bounded = (await admin.put(f"{path}/bounds", {"first": 100, "last": 101, "reason": "a range"})).body
    assert (bounded["line"], bounded["kind"], bounded["next_number"]) == ("stamp", "stamp", None)
    assert (bounded["first_number"], bounded["last_number"]) == (100, 101)
    refused = await admin.put(path, {"next_number": 99})
    assert (refused.status, refused.body["refusal"]["name"]) == (409, "NumberOutOfRange")
    assert (await admin.put(path, {"next_number": 101})).body["next_number"] == 101
    assert (await admin.put(f"{path}/bounds", {"last": 99})).status == 409
    assert (await admin.put(f"{path}/bounds", {"first": -1})).status == 422
    assert (await admin.put(f"{own}/series/main/counters/No!/bounds", {})).status == 422
    entries = (await admin.get(f"{own}/ledger?line=stamp")).body["items"]
    assert [(entry["operation"], entry["key"], entry["reason"]) for entry in entries] == [
        ("bounds", "100..101", "a range"),
        ("set", "", ""),
    ]
    made = (await admin.post(f"{own}/series", {"name": "Ranges", "bounds": {"stamp": {"first": 5, "last": 9}}})).body
    assert [(line["line"], line["first_number"], line["last_number"]) for line in made["counters"]] == [("stamp", 5, 9)]


async def test_what_is_held_and_what_is_reserved(admin: Admin, tenant: Any, own: str) -> None:
    store, owner, line = admin.gateway.store, TenantId(tenant["id"]), line_of(tenant)
    await issue(admin, tenant, "a", "b")
    await store.execute(Reserve(owner, line, "handed out", BY))
    for number in (8, 9, 20):
        await store.execute(Claim(owner, line, number, f"claim {number}", "", BY))
    note = Document(owner, kind=CREDIT_NOTE, series=line.series, line=INVOICE)
    await store.execute(SaveDocuments(owner, (SaveDocument(note, issue=IssueRequest("note")),), BY))
    gaps = (await admin.get(f"{own}/gaps")).body
    (summary,) = gaps["lines"]
    assert [summary[name] for name in ("start", "end", "held", "held_ahead", "missing")] == [1, 5, 6, 3, 1]
    assert [(gap["first"], gap["last"], gap["reason"], gap["entry"]["key"]) for gap in gaps["items"]] == [
        (3, 3, "reserved", "handed out"),
        (8, 9, "claimed", "claim 8"),
        (20, 20, "claimed", "claim 20"),
    ]
    assert (await admin.get(f"{own}/gaps?reason=reserved")).body["items"] == gaps["items"][:1]
    by_line = (await admin.get(f"{own}/documents?line=invoice&number=4")).body["items"]
    assert [(found["kind"], found["line"], found["number"]) for found in by_line] == [("credit_note", "invoice", 4)]
    assert (await admin.get(f"{own}/documents?line=credit_note")).body["items"] == []
    assert (await admin.get(f"{own}/ledger/verification")).body["sound"]


async def test_a_series_of_a_dialect(admin: Admin, tenant: Any, own: str) -> None:
    opening = OpenSeries(TenantId(tenant["id"]), "stamp", "resurs", BY, bounds={INVOICE: Bounds(1, 9)})
    await admin.gateway.store.execute(opening)
    shown = (await admin.get(f"{own}/series/stamp")).body
    assert (shown["owner"], shown["default"], shown["name"]) == ("resurs", False, "resurs/stamp")
    refused = await admin.patch(f"{own}/series/stamp", {"default": True})
    assert (refused.status, refused.body["refusal"]["name"]) == (409, "SeriesOwned")
