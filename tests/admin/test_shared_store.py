"""Two gateways on one PostgreSQL database: clients of one see what is done through the admin port of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from gateway.config.loading import load_config
from gateway.core.commands import SaveDocument, SaveDocuments
from gateway.core.documents import Document
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import Origin, TenantId
from gateway.server.wiring import Gateway
from gateway.simulation import clock
from gateway.stores.postgres import PostgresStore
from gateway.tenants import directory
from gateway.tenants.directory import TenantDirectory
from gateway.tenants.tenant import Tenant
from tests import pg
from tests.admin.actions import ask_dialects, document, invoicexpress, issue, made, resurs
from tests.admin.conftest import Admin
from tests.admin.test_tenants import EVERY, REFUSED
from tests.conftest import GatewayServer, example_config
from tests.stores.postgres.conftest import cluster, database
from tests.until import until

__all__ = ["cluster", "database"]


@pytest.fixture
async def both(cluster: pg.Cluster, database: str, tmp_path: Path, aiohttp_client: Any) -> AsyncIterator[list[Admin]]:
    """Two gateways, each with its own admin port and data port."""
    admins: list[Admin] = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        example_config(folder, {"journal": {"mode": "off"}})
        config, document_ = load_config(folder / "config.yaml", {"store": cluster.url(database)})
        gateway = await Gateway(config, document_).__aenter__()
        data = await aiohttp_client(GatewayServer(gateway))
        gateway.data_url = str(data.make_url("/")).rstrip("/")
        admins.append(Admin(await aiohttp_client(TestServer(gateway.admin_application())), data, gateway))
    yield admins
    for admin in admins:
        await admin.gateway.__aexit__(None, None, None)


async def test_a_tenant_is_served_everywhere_when_the_answer_comes(both: list[Admin]) -> None:
    one, other = both
    assert isinstance(one.gateway.store.default, PostgresStore)
    tenant = await made(one, profile="strict")
    assert [await ask_dialects(admin, tenant) for admin in both] == [EVERY, EVERY]
    assert (await other.get(f"/v1/tenants/{tenant['id']}")).body["profile"] == "strict"
    await one.patch(f"/v1/tenants/{tenant['id']}", {"profile": "vendor"})
    while (await other.get(f"/v1/tenants/{tenant['id']}")).body["profile"] != "vendor":
        await asyncio.sleep(0.02)
    assert (await other.delete(f"/v1/tenants/{tenant['id']}?purge=true")).status == 204
    assert [await ask_dialects(admin, tenant) for admin in both] == [REFUSED, REFUSED]
    assert [(await admin.get("/v1/tenants/demo/ledger/verification")).body["sound"] for admin in both] == [True, True]


async def test_one_id_is_given_once(both: list[Admin]) -> None:
    answers = await asyncio.gather(*(admin.post("/v1/tenants", {"id": "same"}) for admin in both))
    assert sorted(answer.status for answer in answers) == [201, 409]
    (created,) = [answer.body for answer in answers if answer.status == 201]
    assert [await ask_dialects(admin, created) for admin in both] == [EVERY, EVERY]


async def test_credentials_given_twice_at_once_lead_to_one_tenant(both: list[Admin]) -> None:
    account = {"account": "shop", "api_key": "shop-key", "default_host": True}
    wanted = [{"id": name, "dialects": {"invoicexpress": account}} for name in ("first", "second")]
    answers = await asyncio.gather(*(admin.post("/v1/tenants", body) for admin, body in zip(both, wanted, strict=True)))
    made_ones = [answer.body["id"] for answer in answers if answer.status == 201]
    for admin in both:
        while await served_by(admin, made_ones) != 1:  # the other gateway does not know the tenant yet
            await asyncio.sleep(0.02)
        assert await invoicexpress(admin, "shop-key") == 200


async def served_by(admin: Admin, names: list[str]) -> int:
    """How many of the tenants get an answer from InvoiceXpress without a problem."""
    shown = [await admin.get(f"/v1/tenants/{name}") for name in names]
    return sum(own.status == 200 and own.body["dialects"]["invoicexpress"]["problem"] == "" for own in shown)


async def test_state_is_replaced_for_both(both: list[Admin]) -> None:
    one, other = both
    tenant = await made(one, catalogue={"customers": [{"id": 1, "name": "Åse"}]})
    own = f"/v1/tenants/{tenant['id']}"
    assert await issue(one, tenant, "a") == [1]
    await document(other, tenant, customer=1)
    assert (await one.post(f"{own}/snapshots", {"name": "s"})).status == 201
    before = (await other.get(f"{own}/series")).body
    assert await issue(other, tenant, "b", "c") == [3, 4]
    restored = await other.post(f"{own}/snapshots/s/restore")
    assert restored.status == 200
    assert (await one.get(f"{own}/series")).body == before
    assert await issue(one, tenant, "d") == [3]
    assert await issue(other, tenant, "e") == [4]
    assert (await one.post(f"{own}/reset")).body["series"][0]["counters"] == []
    assert await issue(other, tenant, "f") == [1]
    for admin in both:
        assert (await admin.get(f"{own}/ledger/verification")).body["sound"]
        assert (await admin.get(f"{own}/documents")).body["items"] == []
        assert (await admin.get(f"{own}/gaps")).body["items"] == []
        exported = await admin.get(f"{own}/ledger/export?format=json")
        assert exported.body == (await admin.get(f"{own}/ledger")).body["items"]


async def test_numbers_given_out_while_the_state_is_replaced(both: list[Admin]) -> None:
    """Whichever wins, no number is given twice on the line of the final state, and the ledger verifies."""
    one, other = both
    tenant = await made(one)
    own = f"/v1/tenants/{tenant['id']}"
    await issue(one, tenant, *(f"a{n}" for n in range(5)))
    await one.post(f"{own}/snapshots", {"name": "s"})

    async def give(admin: Admin, name: str) -> None:
        for n in range(30):
            await issue(admin, tenant, f"{name}{n}")

    async def restore() -> None:
        for _ in range(5):
            assert (await other.post(f"{own}/snapshots/s/restore")).status == 200

    await asyncio.gather(give(one, "x"), give(other, "y"), restore())
    assert (await one.get(f"{own}/ledger/verification")).body == (await other.get(f"{own}/ledger/verification")).body
    verified = (await one.get(f"{own}/ledger/verification")).body
    assert verified["problems"] == []
    assert (await one.get(f"{own}/gaps")).body["items"] == []


async def test_what_clients_of_another_gateway_made_until_it_noticed_is_purged_too(
    both: list[Admin], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    tenant = await made(one)
    own = TenantId(tenant["id"])
    waited = TenantDirectory._until_everywhere
    drafts: list[int] = []

    async def beside_a_client(directory: TenantDirectory) -> None:
        drafts.append(await draft(other, own))
        await waited(directory)

    monkeypatch.setattr(TenantDirectory, "_until_everywhere", beside_a_client)
    assert (await one.delete(f"/v1/tenants/{own}?purge=true")).status == 204
    assert drafts
    assert (await one.gateway.store.default.tenant_records.contents(own)).count == 0


async def draft(admin: Admin, tenant: TenantId) -> int:
    """A document without a number; returns its id."""
    saved: Any = await admin.gateway.store.execute(
        SaveDocuments(tenant, (SaveDocument(Document(tenant)),), Origin("test", "tester", "r"))
    )
    return int(saved.saved[0].document.id)


async def test_a_purge_beside_the_creation_of_the_same_tenant_takes_no_series_from_it(
    both: list[Admin], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    kept = TenantDirectory._keep

    async def after_a_purge(directory: TenantDirectory, tenant: Tenant) -> None:
        await other.gateway.directory._remove_all(tenant.id)
        await kept(directory, tenant)
        await other.gateway.directory._remove_all(tenant.id)

    monkeypatch.setattr(TenantDirectory, "_keep", after_a_purge)
    tenant = await made(one)
    assert [await ask_dialects(admin, tenant) for admin in both] == [EVERY, EVERY]
    assert await issue(other, tenant, "a") == [1]
    assert (await other.get(f"/v1/tenants/{tenant['id']}")).body["series"] == tenant["series"]


@pytest.mark.parametrize("what", ["restore", "save"])
async def test_nothing_is_written_for_a_tenant_that_another_gateway_has_purged(
    both: list[Admin], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one, other = both
    tenant = await made(one)
    own = f"/v1/tenants/{tenant['id']}"
    await one.post(f"{own}/snapshots", {"name": "s"})
    records: Any = one.gateway.store.tenant_records
    read = "snapshot" if what == "restore" else "contents"
    reading = getattr(records, read)

    async def then_purged(*asked: Any) -> Any:
        found = await reading(*asked)
        assert (await other.delete(f"{own}?purge=true")).status == 204
        return found

    monkeypatch.setattr(records, read, then_purged)
    async with one.gateway.directory._lock:  # so that it cannot notice the deletion
        path, body = ("/s/restore", None) if what == "restore" else ("", {"name": "t"})
        answered = await one.post(f"{own}/snapshots{path}", body)
    assert (answered.status, answered.problem) == (404, "tenant-unknown")
    store = one.gateway.store.default.tenant_records
    left = [(await store.contents(TenantId(tenant["id"]))).count, await store.snapshots(TenantId(tenant["id"]))]
    assert left == [0, []]


async def test_a_gateway_that_does_not_know_the_time_stamps_nothing(
    both: list[Admin], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    tenant, production = await made(one), await made(one, production=True)
    passed = clock.steady_seconds
    async with other.gateway.clock._lock:  # so that it cannot compare
        monkeypatch.setattr(clock, "steady_seconds", lambda: passed() + clock.BLIND_SECONDS)
        assert await resurs(other, tenant, "setInvoiceSequence", 5) == 500
        with pytest.raises(StoreUnavailableError, match="not compared"):
            await issue(other, tenant, "a")
        assert await resurs(other, tenant, "peekInvoiceSequence") == 200
        assert await resurs(other, production, "setInvoiceSequence", 5) == 200
        monkeypatch.undo()

    async def knows() -> bool:
        return await resurs(other, tenant, "setInvoiceSequence", 5) == 200

    await until(knows)


async def test_a_gateway_that_cannot_follow_does_not_say_that_a_tenant_is_unknown(
    both: list[Admin], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = both
    passed = directory.steady_seconds
    async with other.gateway.directory._lock:  # so that it cannot follow
        tenant = await made(one)
        own = f"/v1/tenants/{tenant['id']}"
        assert (await other.get(own)).status == 404
        assert await resurs(other, tenant, "peekInvoiceSequence") == 401
        monkeypatch.setattr(directory, "steady_seconds", lambda: passed() + directory.BLIND_SECONDS)
        for path in (own, f"{own}/series", "/v1/tenants"):
            answered = await other.get(path)
            assert (answered.status, answered.problem) == (503, "store-unavailable"), path
        assert await resurs(other, tenant, "peekInvoiceSequence") == 500
        assert (await other.get("/v1/tenants/demo")).status == 200
        monkeypatch.undo()

    async def knows() -> bool:
        return await resurs(other, tenant, "peekInvoiceSequence") == 200

    await until(knows)
    assert (await other.get(own)).status == 200


async def test_a_tenant_made_again_has_a_clock_that_runs(both: list[Admin]) -> None:
    """An earlier one of its id may have been deleted while another gateway moved its clock."""
    one, other = both
    await one.gateway.clock.freeze(TenantId("again"))
    await made(other, id="again")
    for admin in both:
        assert admin.gateway.clock.state(TenantId("again")).mode == "running"
        assert (await admin.get("/v1/tenants/again/clock")).body["mode"] == "running"
