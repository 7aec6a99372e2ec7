"""Series, lines, documents, catalogue, ledger and gaps over HTTP."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from gateway.admin.resources import ledger_walk
from gateway.core.documents import Line
from gateway.stores.router import RoutedTenantRecords
from tests.admin.actions import document, issue, made, void
from tests.admin.conftest import Admin


@pytest.fixture
async def tenant(admin: Admin) -> Any:
    """A tenant for this test alone."""
    return await made(admin)


@pytest.fixture
def own(tenant: Any) -> str:
    """The path of that tenant."""
    return f"/v1/tenants/{tenant['id']}"


LINES: list[tuple[list[dict[str, Any]], int, Any]] = [
    ([{"next_number": 444}], 200, 444),
    ([{"next_number": 444}, {"next_number": 444}], 200, 444),
    ([{"next_number": 444}, {"next_number": 443}], 409, "NumberBehind"),
    ([{"next_number": 444}, {"next_number": 443, "policy": {"allow_lower": True}}], 200, 443),
    ([{"next_number": 444}, {"next_number": None}], 200, None),
    ([{"next_number": 444}, {"next_number": None, "policy": {"allow_clear": False}}], 409, "ClearNotAllowed"),
    ([{"next_number": 2**63 - 2}], 200, 2**63 - 2),
    ([{"next_number": 2**63 - 1}], 422, "next_number"),
    ([{"next_number": -1}], 422, "next_number"),
    ([{"next_number": 1.5}], 422, "next_number"),
    ([{}], 422, "next_number"),
]


@pytest.mark.parametrize(("bodies", "status", "expected"), LINES)
async def test_setting_a_line(admin: Admin, own: str, bodies: list[Any], status: int, expected: Any) -> None:
    path = f"{own}/series/main/counters/invoice"
    for body in bodies:
        answered = await admin.put(path, body)
    assert answered.status == status
    if status == 200:
        assert answered.body["next_number"] == expected
        assert (await admin.get(path)).body == answered.body
    elif status == 409:
        assert answered.body["refusal"]["name"] == expected
    else:
        assert [error["field"] for error in answered.body["errors"]] == [expected]


async def test_a_line_in_use_is_locked_where_the_policy_says_so(admin: Admin, tenant: Any, own: str) -> None:
    await issue(admin, tenant, "a")
    path = f"{own}/series/main/counters/receipt"
    locked = await admin.put(path, {"next_number": 5, "policy": {"allow_when_issued": False}})
    facts = {"series": tenant["series"][0]["id"], "issued": 1}
    assert locked.body["refusal"] == {"name": "SeriesInUse", "facts": facts}
    assert (await admin.put(path, {"next_number": 5})).status == 200


async def test_who_moved_a_line_and_why_is_in_the_ledger(admin: Admin, own: str) -> None:
    body = {"next_number": 444, "reason": "taken over from the old system"}
    await admin.put(f"{own}/series/main/counters/invoice", body, headers={"X-Request-ID": "ticket-7"})
    entry = (await admin.get(f"{own}/ledger?kind=invoice")).body["items"][0]
    shown = {name: entry[name] for name in ("operation", "before", "after", "dialect", "request_id", "reason")}
    assert shown == {
        "operation": "set",
        "before": None,
        "after": 444,
        "dialect": "admin",
        "request_id": "ticket-7",
        "reason": "taken over from the old system",
    }


async def test_series_are_made_and_changed(admin: Admin, tenant: Any, own: str) -> None:
    made_one = await admin.post(
        f"{own}/series", {"name": "Shop", "key": "shop", "prefix": "S", "numbers": {"receipt": 3}}
    )
    assert (made_one.status, made_one.body["key"], made_one.body["default"]) == (201, "shop", False)
    changed = (await admin.patch(f"{own}/series/shop", {"name": "Web", "prefix": None, "default": True})).body
    assert (changed["name"], changed["prefix"], changed["default"]) == ("Web", None, True)
    assert (await admin.get(f"{own}/series/{changed['id']}")).body == changed
    assert (await admin.get(f"{own}/series/main")).body["default"] is False
    taken = await admin.post(f"{own}/series", {"name": "Web"})
    assert taken.body["refusal"] == {"name": "NameTaken", "facts": {"name": "Web"}}
    listed = (await admin.get(f"{own}/series?limit=1")).body
    rest = (await admin.get(f"{own}/series?cursor={listed['next']}")).body
    assert [series["key"] for series in listed["items"] + rest["items"]] == ["main", "shop"]
    counters = (await admin.get(f"{own}/series/shop/counters")).body["items"]
    assert [counter["kind"] for counter in counters] == ["receipt"]


async def test_documents_are_found(admin: Admin, tenant: Any, own: str) -> None:
    lines = (Line("Oars", Decimal("2"), Decimal("1250.00"), vat_rate=Decimal(25)),)
    ids = [await document(admin, tenant, customer=n, stage=f"s{n % 2}", lines=lines) for n in range(1, 6)]
    whole = (await admin.get(f"{own}/documents")).body["items"]
    assert [own["id"] for own in whole] == ids
    assert [own["number"] for own in whole] == [1, 2, 3, 4, 5]
    assert whole[0]["lines"][0]["unit_price"] == "1250.00"
    assert (await admin.get(f"{own}/documents/{ids[2]}")).body == whole[2]

    async def found(query: str) -> list[int]:
        return [own["customer"] for own in (await admin.get(f"{own}/documents?{query}")).body["items"]]

    assert await found("customer=2&customer=4") == [2, 4]
    assert await found("stage=s1") == [1, 3, 5]
    assert await found("stage=s1&number=3") == [3]
    assert await found("status=draft") == []
    assert await found("status=issued&series=main&kind=invoice&limit=2") == [1, 2]
    assert await found("registered_after=2020-01-01T00:00:00Z&changed_after=2020-01-01T00:00:00") == [1, 2, 3, 4, 5]
    assert await found("registered_after=2999-01-01T00:00:00%2B02:00") == []
    first = (await admin.get(f"{own}/documents?limit=3")).body
    rest = (await admin.get(f"{own}/documents?limit=3&cursor={first['next']}")).body
    assert [own["id"] for own in first["items"] + rest["items"]] == ids
    assert rest["next"] is None
    other = await made(admin)
    assert (await admin.get(f"/v1/tenants/{other['id']}/documents/{ids[0]}")).problem == "document-unknown"


async def test_the_catalogue_goes_out_as_it_came_in(admin: Admin, own: str) -> None:
    demo = (await admin.get("/v1/tenants/demo/catalogue")).body
    assert (await admin.put(f"{own}/catalogue", demo)).body == demo
    assert (await admin.get(f"{own}/catalogue")).body == demo
    smaller = {"customers": demo["customers"][:1]}
    replaced = (await admin.put(f"{own}/catalogue", smaller)).body
    assert replaced["customers"] == demo["customers"][:1]
    assert all(not items for name, items in replaced.items() if name != "customers")


async def test_the_ledger_in_pages_is_the_whole_ledger(admin: Admin, tenant: Any, own: str) -> None:
    await issue(admin, tenant, "a", "b", "c")
    await void(admin, tenant, 2)
    whole = (await admin.get(f"{own}/ledger")).body["items"]
    assert [entry["operation"] for entry in whole] == ["issue", "issue", "issue", "void", "create"]
    paged: list[Any] = []
    cursor = ""
    while True:
        page = (await admin.get(f"{own}/ledger?limit=2{cursor}")).body
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert paged == whole
    only = (await admin.get(f"{own}/ledger?series=main&kind=series")).body["items"]
    assert [entry["operation"] for entry in only] == ["create"]


async def test_the_ledger_is_exported_in_three_forms(admin: Admin, tenant: Any, own: str) -> None:
    await issue(admin, tenant, *(f'key {n}, "quoted"' for n in range(3)))
    whole = (await admin.get(f"{own}/ledger")).body["items"]
    as_json = await admin.get(f"{own}/ledger/export?format=json")
    assert as_json.body == whole
    as_lines = await admin.get(f"{own}/ledger/export")
    assert [json.loads(line) for line in as_lines.text.splitlines()] == whole
    as_csv = await admin.get(f"{own}/ledger/export?format=csv&kind=invoice")
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [(row["key"], row["number"]) for row in rows] == [(e["key"], str(e["number"])) for e in whole[:3]]
    empty = await made(admin, series=[{"key": "a"}])
    assert (await admin.get(f"/v1/tenants/{empty['id']}/ledger/export?format=json&kind=invoice")).body == []


async def test_an_export_is_written_page_by_page(admin: Admin, tenant: Any, own: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("gateway.admin.resources.ledger_walk.PAGE", 2)
    await issue(admin, tenant, *(str(n) for n in range(7)))
    exported = (await admin.get(f"{own}/ledger/export?format=json")).body
    assert exported == (await admin.get(f"{own}/ledger")).body["items"]
    assert len(exported) == 8


async def test_a_broken_ledger_is_told_of(admin: Admin, tenant: Any, own: str) -> None:
    await issue(admin, tenant, "a", "b")
    assert (await admin.get(f"{own}/ledger/verification")).body == {"sound": True, "entries": 3, "problems": []}
    contents = await admin.gateway.store.tenant_records.contents(tenant["id"])
    rows = dict(contents.rows)
    rows["ledger"] = [row for row in rows["ledger"] if row[12] != "x" and row[7] != 1]
    await admin.gateway.store.tenant_records.replace(tenant["id"], type(contents)(rows))
    verified = (await admin.get(f"{own}/ledger/verification")).body
    assert verified["sound"] is False
    assert any("index 2 follows 0" in problem["problem"] for problem in verified["problems"])


async def test_every_hole_is_explained(admin: Admin, tenant: Any, own: str) -> None:
    path = f"{own}/series/main/counters/invoice"
    await admin.put(path, {"next_number": 10})
    await issue(admin, tenant, "a", "b", start=None)
    await admin.put(path, {"next_number": 20, "reason": "a block for the shop"})
    await issue(admin, tenant, "c", start=None)
    await void(admin, tenant, 11)
    await admin.put(path, {"next_number": None, "reason": "oops"})
    await admin.put(path, {"next_number": 25})
    gaps = (await admin.get(f"{own}/gaps")).body
    assert gaps["lines"] == [
        {
            "series": tenant["series"][0]["id"],
            "series_key": "main",
            "line": "invoice",
            "kind": "invoice",
            "start": 10,
            "end": 25,
            "held": 2,
            "held_ahead": 0,
            "missing": 13,
        }
    ]
    explained = [(gap["first"], gap["last"], gap["reason"], gap["entry"]["reason"]) for gap in gaps["items"]]
    assert explained == [(11, 11, "void", ""), (12, 19, "set", "a block for the shop"), (21, 24, "clear", "")]
    first = (await admin.get(f"{own}/gaps?limit=2")).body
    rest = (await admin.get(f"{own}/gaps?limit=2&cursor={first['next']}")).body
    assert first["items"] + rest["items"] == gaps["items"]
    only = (await admin.get(f"{own}/gaps?reason=void&reason=unknown&series=main&line=invoice")).body
    assert [gap["first"] for gap in only["items"]] == [11]
    assert (await admin.get(f"{own}/gaps?kind=receipt")).body == {"lines": [], "items": [], "next": None}


@pytest.mark.parametrize("puts_back", [1, 100])
async def test_a_state_put_back_while_the_ledger_is_read_makes_no_hole(
    admin: Admin, tenant: Any, own: str, monkeypatch: pytest.MonkeyPatch, puts_back: int
) -> None:
    monkeypatch.setattr(ledger_walk, "PAGE", 2)
    await issue(admin, tenant, "a")
    await admin.post(f"{own}/snapshots", {"name": "early"})
    await issue(admin, tenant, *"bcdefgh")
    true_page, left = RoutedTenantRecords.ledger_page, [puts_back]

    async def ledger_page(records: RoutedTenantRecords, *words: Any) -> Any:
        page = await true_page(records, *words)
        if left[0] and page and page[0].chain.line == "invoice":
            left[0] -= 1
            assert (await admin.post(f"{own}/snapshots/early/restore")).status == 200
        return page

    monkeypatch.setattr(RoutedTenantRecords, "ledger_page", ledger_page)
    answer = await admin.get(f"{own}/gaps")
    if puts_back == 1:
        assert answer.body["items"] == []
        assert [(line["start"], line["end"]) for line in answer.body["lines"]] == [(1, 2)]
    else:
        assert answer.status == 503


async def test_no_hole_where_none_is(admin: Admin, tenant: Any, own: str) -> None:
    await issue(admin, tenant, *"abc")
    assert (await admin.get(f"{own}/gaps")).body["items"] == []


CURSORS = ["x", "W10", "WyJhIl0", "WzFd.", "", "eyJhIjoxfQ", "WzkyMjMzNzIwMzY4NTQ3NzU4MDgsImEiLDFd"]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_made_up_cursor_is_refused(admin: Admin, own: str, cursor: str) -> None:
    answered = await admin.get(f"{own}/ledger?cursor={cursor}")
    assert (answered.status, answered.body["errors"][0]["field"]) == (422, "cursor")
