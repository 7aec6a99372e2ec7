"""A tenant's data is in the tenant's store and in no other; what concerns all tenants covers all stores."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from gateway.core.catalogue import Project
from gateway.core.commands import GetDocuments, ListSeries, SaveCatalogue
from gateway.core.documents import DocumentId
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import TenantId
from gateway.stores import open_store
from gateway.stores.errors import StoreError
from gateway.stores.router import StoreRouter
from tests import pg
from tests.admin.actions import BY, ask_dialects, document, issue, login, made, resurs
from tests.admin.conftest import Admin
from tests.admin.test_tenants import EVERY
from tests.conftest import EXAMPLE
from tests.multi_store.conftest import MakeSeveral

SOON = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
async def admin(make_several: MakeSeveral, tmp_path: Path, cluster: pg.Cluster, database: str) -> Admin:
    """A gateway with stores on both databases."""
    return await make_several(
        {
            "stores": {
                "east": {"url": cluster.url(database)},
                "west": {"url": f"sqlite:///{tmp_path / 'west.db'}"},
            }
        }
    )


def composed(admin: Admin) -> StoreRouter:
    store = admin.gateway.store
    assert isinstance(store, StoreRouter)
    return store


async def holders(admin: Admin, tenant: Any) -> set[str]:
    """The names of the stores that hold anything of a tenant."""
    found = set()
    for name, store in admin.gateway.store.stores.items():
        contents = await store.tenant_records.contents(TenantId(tenant["id"]))
        if contents.count:
            found.add(name)
    return found


async def test_a_single_store_has_a_router_and_no_name(make_several: MakeSeveral) -> None:
    admin = await make_several({})
    assert isinstance(admin.gateway.store, StoreRouter)
    assert (await (await admin.client.get("/readyz")).json()) == {"status": "ready"}


@pytest.mark.parametrize("store", ["default", "east", "west"])
async def test_everything_of_a_tenant_is_in_its_store(admin: Admin, store: str) -> None:
    tenant = await made(admin, store=store)
    own = TenantId(tenant["id"])
    assert tenant["store"] == (await admin.get(f"/v1/tenants/{own}")).body["store"] == store
    assert await ask_dialects(admin, tenant) == EVERY
    assert await issue(admin, tenant, "a", "b") == [1, 2]
    number = await document(admin, tenant, customer=7)
    assert await resurs(admin, tenant, "setInvoiceSequence", 90) == 200
    await admin.gateway.store.execute(SaveCatalogue(own, BY, (Project(7, "Åse"),)))
    assert (await admin.post(f"/v1/tenants/{own}/snapshots", {"name": "s"})).status == 201
    assert await holders(admin, tenant) == {store}

    assert (await admin.get(f"/v1/tenants/{own}/gaps")).body["lines"][0]["held"] == 3
    assert (await admin.get(f"/v1/tenants/{own}/ledger/verification")).body["sound"] is True
    assert len((await admin.get(f"/v1/tenants/{own}/ledger")).body["items"]) >= 5
    assert list(admin.gateway.store.catalogue(own).projects) == [7]
    (read,) = (await admin.gateway.store.read(GetDocuments(own, (DocumentId(number),)))).documents
    assert read.number == 3
    assert (await admin.post(f"/v1/tenants/{own}/snapshots/s/restore")).status == 200
    assert await holders(admin, tenant) == {store}
    assert (await admin.delete(f"/v1/tenants/{own}?purge=true")).status == 204
    assert await holders(admin, tenant) == set()


async def test_an_unknown_store_is_refused(admin: Admin) -> None:
    answered = await admin.post("/v1/tenants", {"store": "north"})
    assert answered.status in {400, 422}
    assert "there are: default, east, west" in answered.text
    assert (await admin.get("/v1/tenants")).body["items"][-1]["id"] == "demo"


async def test_a_tenant_left_in_another_store_is_not_begun_anew(admin: Admin) -> None:
    tenant = await made(admin, id="once", store="east")
    await issue(admin, tenant, "a", "b")
    assert (await admin.delete("/v1/tenants/once")).status == 204
    refused = await admin.post("/v1/tenants", {"id": "once", "store": "west"})
    assert (refused.status, refused.problem) == (409, "tenant-exists")
    assert "its numbers are in store 'east'" in refused.text
    again = await made(admin, id="once", store="east")
    assert await issue(admin, again, "c") == [3]


async def test_tokens_are_found_whatever_store_has_them(admin: Admin) -> None:
    store = admin.gateway.store
    tenants = {name: TenantId((await made(admin, store=name))["id"]) for name in ("default", "east", "west")}
    for name, tenant in tenants.items():
        await store.put("session", f"secret {name}", tenant, {"in": name}, SOON)
    for _ in range(2):
        for name, tenant in tenants.items():
            assert await store.get("session", f"secret {name}") == (tenant, {"in": name})
            held = [own for own, one in store.stores.items() if await one.get("session", f"secret {name}")]
            assert held == [name]
        composed(admin)._token_stores.clear()  # as after a restart
    assert await store.get("session", "nobody's") is None
    assert [await store.drop("session", "secret east") for _ in range(2)] == [True, False]
    assert not await store.drop("session", "nobody's")
    assert await store.get("session", "secret east") is None


async def test_a_token_that_changes_its_store_is_good_in_one_only(admin: Admin) -> None:
    store = admin.gateway.store
    east, west = [TenantId((await made(admin, store=name))["id"]) for name in ("east", "west")]
    await store.put("session", "secret", east, {"n": 1}, SOON)
    assert await store.replace("session", "secret", west, {"n": 2}, SOON)
    assert await store.get("session", "secret") == (west, {"n": 2})
    assert await store.stores["east"].get("session", "secret") is None
    composed(admin)._token_stores.clear()  # as in another process
    assert await store.get("session", "secret") == (west, {"n": 2})
    both = [store.drop("session", "secret"), store.replace("session", "secret", east, {"n": 3}, SOON)]
    dropped, replaced = await asyncio.gather(*both)
    assert dropped != replaced
    assert (await store.get("session", "secret") is None) == dropped


async def test_all_stores_are_looked_at_together(admin: Admin) -> None:
    for name in ("default", "east", "west"):
        await issue(admin, await made(admin, store=name), "a", "b")
    count, findings = await admin.gateway.store.verify()
    assert findings == []
    assert count == len([entry async for entry in admin.gateway.store.ledger()])
    assert {entry.tenant async for entry in admin.gateway.store.ledger() if entry.operation == "issue"} == {
        tenant["id"] for tenant in (await admin.get("/v1/tenants")).body["items"] if tenant["source"] == "store"
    }
    metrics = await (await admin.client.get("/metrics")).text()
    for name in ("default", "east", "west"):
        assert f'invoice_gateway_store_commits{{store="{name}"}}' in metrics
    health = (await admin.get("/v1/health")).body
    stores = [(one["name"], one["ready"], one["tenants"]) for one in health["stores"]]
    assert stores == [("default", True, 2), ("east", True, 1), ("west", True, 1)]
    assert await (await admin.client.get("/readyz")).json() == {
        "status": "ready",
        "stores": {"default": "ready", "east": "ready", "west": "ready"},
    }


async def test_a_restarted_gateway_finds_them_where_they_were(make_several: MakeSeveral, tmp_path: Path) -> None:
    west = {"stores": {"west": {"url": f"sqlite:///{tmp_path / 'west.db'}"}}}
    first = await make_several(west)
    tenant = await made(first, store="west")
    assert await issue(first, tenant, "a") == [1]
    await first.gateway.__aexit__(None, None, None)
    second = await make_several(west)
    assert await ask_dialects(second, tenant) == EVERY
    assert await issue(second, tenant, "b") == [2]
    assert await holders(second, tenant) == {"west"}


@pytest.mark.parametrize("gone", ["default", "west"])
async def test_another_pin_alone_is_not_a_move(make_several: MakeSeveral, tmp_path: Path, gone: str) -> None:
    """The dialects answer "unavailable" for this tenant, and all other tenants are served."""
    (demo,) = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["tenants"]
    stores = {"stores": {"west": {"url": f"sqlite:///{tmp_path / 'west.db'}"}}}
    other = "west" if gone == "default" else "default"
    first = await make_several({**stores, "tenants": [{**demo, "store": gone}]})
    await first.gateway.__aexit__(None, None, None)

    second = await make_several({**stores, "tenants": [{**demo, "store": other}]})
    shown = (await second.get("/v1/tenants/demo")).body
    assert f"its numbers are in store '{gone}'" in shown["problem"]
    async with second.data.get("/sequences.xml", params={"api_key": "demo-key"}) as response:
        assert response.status >= 500
    with pytest.raises(StoreUnavailableError):
        await second.gateway.store.read(ListSeries(TenantId("demo")))
    assert await ask_dialects(second, await made(second)) == EVERY
    assert (await second.gateway.store.stores[other].tenant_records.contents(TenantId("demo"))).count == 0


async def test_a_tenant_of_a_store_that_is_not_configured_is_nobodys(make_several: MakeSeveral, tmp_path: Path) -> None:
    west = {"stores": {"west": {"url": f"sqlite:///{tmp_path / 'west.db'}"}}}
    first = await make_several(west)
    tenant = await made(first, store="west")
    await first.gateway.__aexit__(None, None, None)
    second = await make_several({})
    shown = (await second.get(f"/v1/tenants/{tenant['id']}")).body
    assert "store 'west', which is not configured; there are: default" in shown["problem"]
    assert await login(second, tenant["dialects"]["twentyfoursevenoffice"]["endpoints"][0]["credentials"]) == 401
    with pytest.raises(StoreUnavailableError):
        await second.gateway.store.read(ListSeries(TenantId(tenant["id"])))


async def test_a_store_that_is_down_takes_only_its_tenants_with_it(
    make_several: MakeSeveral, own_cluster: pg.Cluster
) -> None:
    quick = {"deadline_seconds": 2, "commit_seconds": 2, "connect_timeout": 2}
    admin = await make_several({"stores": {"east": {"url": own_cluster.url(**quick)}}})
    near, far = await made(admin), await made(admin, store="east")
    assert await issue(admin, far, "a") == [1]
    own_cluster.kill()
    assert await ask_dialects(admin, near) == EVERY
    assert await resurs(admin, near, "setInvoiceSequence", 5) == 200
    statuses = await ask_dialects(admin, far)
    assert all(status >= 400 for status in statuses.values()), statuses
    assert statuses["resurs"] >= 500 <= statuses["invoicexpress"]
    with pytest.raises(StoreUnavailableError):
        await admin.gateway.store.get("session", "unknown")
    degraded = await admin.client.get("/readyz")
    assert degraded.status == 200
    assert await degraded.json() == {"status": "degraded", "stores": {"default": "ready", "east": "unavailable"}}
    answers = [(await admin.client.get(f"/readyz?store={name}")).status for name in ("default", "east", "north")]
    assert answers == [200, 503, 404]
    assert (await admin.get("/v1/health")).body["status"] == "degraded"

    own_cluster.start()
    while (await admin.client.get("/readyz?store=east")).status != 200:
        await asyncio.sleep(0.05)
    assert await issue(admin, far, "b") == [2]
    assert await ask_dialects(admin, far) == EVERY


async def test_a_store_that_cannot_be_opened_stops_the_start(make_several: MakeSeveral, tmp_path: Path) -> None:
    (tmp_path / "not-a-store").write_bytes(b"text, not a database" * 100)
    with pytest.raises(StoreError, match=r"store 'west': .* is damaged, or is not a store"):
        await make_several({"stores": {"west": {"url": f"sqlite:///{tmp_path / 'not-a-store'}"}}})
    store = open_store(f"sqlite:///{tmp_path / 'gateway.db'}")  # nothing is left locked
    await store.start()
    await store.close()


async def test_numbers_in_two_stores_are_told_of(make_several: MakeSeveral, tmp_path: Path) -> None:
    """This happens after a copy made by hand: only a person can know which store is right."""
    stores = {"stores": {"west": {"url": f"sqlite:///{tmp_path / 'west.db'}"}}}
    first = await make_several(stores)
    await first.gateway.__aexit__(None, None, None)
    (tmp_path / "west.db").unlink()
    shutil.copy(tmp_path / "gateway.db", tmp_path / "west.db")
    with structlog.testing.capture_logs() as logs:
        await make_several(stores)
    errors = [(one["tenant"], one["stores"]) for one in logs if one["log_level"] == "error"]
    assert errors == [("demo", ["default", "west"])]
