"""Snapshots, reset and seed, as clients of the dialects and the ledger see them; production tenants refuse them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.values import TenantId
from tests.admin.actions import ask_dialects, document, issue, made, resurs
from tests.admin.conftest import Admin
from tests.admin.test_tenants import EVERY


async def everything(admin: Admin, own: str) -> Any:
    """Everything that can be read of a tenant's state, except the ledger."""
    return {
        name: (await admin.get(f"{own}/{name}")).body
        for name in ("series", "documents", "catalogue", "snapshots", "gaps")
    }


async def test_restoring_brings_back_what_was_there(admin: Admin) -> None:
    tenant = await made(admin, catalogue={"customers": [{"id": 1, "name": "Åse"}]})
    own = f"/v1/tenants/{tenant['id']}"
    await issue(admin, tenant, "a")
    await document(admin, tenant, customer=1)
    saved = await admin.post(f"{own}/snapshots", {"name": "clean"})
    assert (saved.status, saved.body["name"]) == (201, "clean")
    assert saved.body["rows"] > 0
    before = await everything(admin, own)

    await issue(admin, tenant, "b", "c")
    await resurs(admin, tenant, "setInvoiceSequence", 900)
    await admin.post(f"{own}/series", {"name": "Extra"})
    await admin.put(f"{own}/catalogue", {})
    assert await everything(admin, own) != before

    restored = await admin.post(f"{own}/snapshots/clean/restore", {"reason": "next test"})
    assert [series["counters"][0]["next_number"] for series in restored.body["series"]] == [3]
    assert await everything(admin, own) == before
    assert (await admin.get(f"{own}/ledger/verification")).body["sound"]
    chain = (await admin.get(f"{own}/ledger?kind=series")).body["items"]
    assert [(entry["operation"], entry["reason"]) for entry in chain] == [
        ("create", ""),
        ("restore", "snapshot clean: next test"),
    ]
    assert await ask_dialects(admin, tenant) == EVERY
    assert await issue(admin, tenant, "d") == [3]


async def test_a_reset_begins_anew_with_what_the_tenant_was_made_with(admin: Admin) -> None:
    tenant = await made(
        admin,
        series=[{"key": "main", "prefix": "A-", "numbers": {"invoice": 444}}],
        catalogue={"products": [{"id": 5, "name": "Boat"}]},
    )
    own = f"/v1/tenants/{tenant['id']}"
    before = await everything(admin, own)
    await document(admin, tenant, customer=1)
    await admin.patch(f"{own}/series/main", {"name": "Renamed", "prefix": None})
    await admin.post(f"{own}/series", {"name": "main", "default": True})
    await admin.put(f"{own}/catalogue", {})
    await admin.post(f"{own}/reset", {"reason": "next test"})
    assert await everything(admin, own) == before
    assert before["series"]["items"][0]["counters"][0]["next_number"] == 444
    ledger = (await admin.get(f"{own}/ledger")).body["items"]
    assert [(entry["operation"], entry["reason"]) for entry in ledger] == [
        ("set", "reset: next test"),
        ("create", "reset: next test"),
    ]
    assert await ask_dialects(admin, tenant) == EVERY


async def test_a_catalogue_with_every_list_goes_out_and_comes_back(admin: Admin) -> None:
    """Through the admin port, a snapshot, and the file's own checks: nothing is lost, added, or rounded."""
    path = "/v1/tenants/demo"
    years = [{"id": 2024, "start": "2024-01-01", "end": "2025-01-01", "locked": True}]
    whole = {**(await admin.get(f"{path}/catalogue")).body, "fiscal_years": years}
    assert (await admin.put(f"{path}/catalogue", whole)).body == whole
    assert [name for name, items in whole.items() if not items] == []
    assert whole["currencies"][1] == {"id": 2, "symbol": "SEK", "rate": "97.35", "unit": 100}
    await admin.post(f"{path}/snapshots", {"name": "whole"})
    await admin.put(f"{path}/catalogue", {})
    await admin.post(f"{path}/snapshots/whole/restore", {"reason": "next test"})
    assert (await admin.get(f"{path}/catalogue")).body == whole


async def test_the_configured_tenant_is_reset_to_its_configuration(admin: Admin) -> None:
    await admin.put("/v1/tenants/demo/catalogue", {})
    await admin.put("/v1/tenants/demo/series/main/counters/invoice", {"next_number": 77})
    assert (await admin.post("/v1/tenants/demo/reset")).body["series"][0]["counters"] == []
    assert len((await admin.get("/v1/tenants/demo/catalogue")).body["customers"]) == 5


async def test_reset_and_restoration_end_faults_and_moved_clocks(admin: Admin) -> None:
    tenant = await made(admin)
    own, name = f"/v1/tenants/{tenant['id']}", TenantId(tenant["id"])
    await admin.post(f"{own}/snapshots", {"name": "s"})
    for path in ("reset", "snapshots/s/restore"):
        await admin.post(f"{own}/clock/freeze")
        await admin.post("/v1/faults", {"tenant": tenant["id"], "action": {"kind": "reset"}})
        await admin.post(f"{own}/{path}")
        assert (await admin.get(f"{own}/clock")).body["mode"] == "running"
        assert admin.gateway.faults.rules(name) == []


async def test_a_reset_ends_sessions_and_a_restoration_brings_them_back(admin: Admin) -> None:
    tenant = await made(admin)
    own, name = f"/v1/tenants/{tenant['id']}", TenantId(tenant["id"])
    store = admin.gateway.store
    expires = admin.gateway.clock.now().replace(year=2999)
    await store.put("session", "secret", name, {}, expires)
    await admin.post(f"{own}/snapshots", {"name": "s"})
    await admin.post(f"{own}/reset")
    assert await store.get("session", "secret") is None
    await admin.post(f"{own}/snapshots/s/restore")
    assert await store.get("session", "secret") == (name, {})


async def test_seeding_adds_to_what_is_there(admin: Admin) -> None:
    tenant = await made(admin, catalogue={"customers": [{"id": 1, "name": "Åse"}]})
    own = f"/v1/tenants/{tenant['id']}"
    await issue(admin, tenant, "a")
    seeded = await admin.post(
        f"{own}/seed",
        {
            "series": [
                {"key": "main", "suffix": "/A", "numbers": {"invoice": 444, "credit_note": 2}},
                {"key": "second", "name": "Second", "default": True},
            ],
            "catalogue": {"customers": [{"id": 2, "name": "Bo"}]},
            "reason": "acceptance",
        },
    )
    first, second = seeded.body["series"]
    assert (first["suffix"], first["default"], second["default"]) == ("/A", False, True)
    assert {own["kind"]: own["next_number"] for own in first["counters"]} == {"invoice": 444, "credit_note": 2}
    names = [customer["name"] for customer in (await admin.get(f"{own}/catalogue")).body["customers"]]
    assert names == ["Åse", "Bo"]
    gaps = (await admin.get(f"{own}/gaps?series=main")).body["items"]
    assert [(gap["first"], gap["last"], gap["entry"]["reason"]) for gap in gaps] == [(2, 443, "acceptance")]


async def test_a_seed_with_a_taken_name_changes_nothing(admin: Admin) -> None:
    tenant = await made(admin)
    own = f"/v1/tenants/{tenant['id']}"
    before = await everything(admin, own)
    series = [{"key": "main", "numbers": {"invoice": 5}}, {"key": "other", "name": "main"}]
    answered = await admin.post(f"{own}/seed", {"series": series})
    assert (answered.problem, answered.body["refusal"]["name"]) == ("refused", "NameTaken")
    assert await everything(admin, own) == before


async def test_snapshots_are_kept_by_name(admin: Admin) -> None:
    tenant = await made(admin)
    own = f"/v1/tenants/{tenant['id']}/snapshots"
    for name in ("b", "a", "c"):
        await admin.post(own, {"name": name})
    first = (await admin.get(f"{own}?limit=2")).body
    rest = (await admin.get(f"{own}?limit=2&cursor={first['next']}")).body
    assert [head["name"] for head in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert (await admin.post(own, {"name": "a"})).problem == "snapshot-exists"
    await issue(admin, tenant, "x")
    replaced = (await admin.post(own, {"name": "a", "replace": True})).body
    assert replaced["rows"] > first["items"][0]["rows"]
    assert (await admin.delete(f"{own}/b")).status == 204
    assert (await admin.get(f"{own}/b")).problem == "snapshot-unknown"
    assert (await admin.get(f"{own}/a")).body == replaced


REFUSED = [
    ("POST", "snapshots", {"name": "s"}),
    ("DELETE", "snapshots/s", None),
    ("POST", "snapshots/s/restore", None),
    ("POST", "reset", None),
    ("POST", "seed", {}),
    ("POST", "clock/freeze", None),
    ("POST", "clock/travel", {"by_seconds": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED])
async def test_production_tenants_are_left_alone(admin: Admin, method: str, path: str, body: Any) -> None:
    tenant = await made(admin, production=True)
    await issue(admin, tenant, "a")
    own = f"/v1/tenants/{tenant['id']}"
    before = (await admin.get(f"{own}/ledger")).body
    answered = await admin.ask(method, f"{own}/{path}", body)
    assert (answered.status, answered.problem) == (409, "production-tenant")
    assert tenant["id"] in answered.body["detail"]
    assert (await admin.get(f"{own}/ledger")).body == before


async def test_a_production_tenant_is_spared_by_faults(admin: Admin) -> None:
    tenant = await made(admin, production=True)
    rule = {"tenant": tenant["id"], "action": {"kind": "reset"}}
    assert (await admin.post("/v1/faults", rule)).problem == "production-tenant"
    arrival = {"at": "arrival", "action": {"kind": "reset"}}
    assert (await admin.post("/v1/faults", arrival)).problem == "production-tenant"
