"""Tenants are made, changed and deleted while the gateway runs: every dialect serves them at once, and after a restart."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp.test_utils import TestClient, TestServer

from gateway.config.yaml_file import Document
from gateway.core.values import TenantId
from gateway.server.wiring import Gateway
from gateway.spi.adapter import generated_binding
from gateway.spi.registry import installed_adapters, load_adapter
from gateway.stores import open_store
from gateway.stores.engine.rows import KeptTenant
from tests.admin.actions import ask_dialects, invoicexpress, issue, made, resurs
from tests.admin.conftest import Admin, MakeAdmin
from tests.conftest import GatewayServer

EVERY = {"invoicexpress": 200, "qqsolutions": 200, "resurs": 200, "twentyfoursevenoffice": 200}
REFUSED = {"invoicexpress": 401, "qqsolutions": 400, "resurs": 401, "twentyfoursevenoffice": 401}


@pytest.mark.parametrize("name", sorted(installed_adapters()))
def test_every_adapter_makes_up_credentials_that_it_accepts(name: str) -> None:
    adapter = load_adapter(installed_adapters()[name])
    first = generated_binding(adapter, TenantId("t-1"), "main", random.Random(1))
    assert first is not None
    assert json.loads(json.dumps(first)) == first
    adapter.Binding.model_validate(first)
    assert generated_binding(adapter, TenantId("t-1"), "main", random.Random(1)) == first
    assert generated_binding(adapter, TenantId("t-1"), "main", random.Random(2)) != first


async def test_one_call_gives_working_credentials_for_every_dialect(admin: Admin) -> None:
    tenant = await made(admin)
    assert set(tenant["dialects"]) == set(EVERY)
    assert await ask_dialects(admin, tenant) == EVERY
    for dialect in tenant["dialects"].values():
        assert all(one["url"].startswith(admin.gateway.data_url) for one in dialect["endpoints"])


async def test_the_demo_tenant_goes_on_while_others_come_and_go(admin: Admin) -> None:
    first, second = await made(admin), await made(admin)
    assert await invoicexpress(admin, "demo-key") == 200
    assert await ask_dialects(admin, first) == EVERY
    await admin.delete(f"/v1/tenants/{first['id']}")
    assert await ask_dialects(admin, first) == REFUSED
    assert await ask_dialects(admin, second) == EVERY
    assert await invoicexpress(admin, "demo-key") == 200


async def test_all_dialects_of_a_tenant_share_its_number_line(admin: Admin) -> None:
    tenant = await made(admin, series=[{"key": "main", "numbers": {"invoice": 444}}])
    assert await resurs(admin, tenant, "setInvoiceSequence", 445) == 200
    series = (await admin.get(f"/v1/tenants/{tenant['id']}/series/main")).body
    assert [(own["kind"], own["next_number"]) for own in series["counters"]] == [("invoice", 445)]


async def test_only_what_is_asked_for(admin: Admin) -> None:
    own = {"accounts": [{"username": "shop", "password": "secret", "country": "NO", "series": "b"}]}
    tenant = await made(
        admin,
        id="mine",
        series=[{"key": "a"}, {"key": "b", "name": "Second", "prefix": "B-", "default": True}],
        catalogue={"customers": [{"id": 9, "name": "Åse"}]},
        dialects={"resurs": own, "invoicexpress": None},
    )
    assert set(tenant["dialects"]) == {"resurs", "invoicexpress"}
    assert tenant["dialects"]["resurs"]["binding"] == own
    assert await resurs(admin, tenant, "setInvoiceSequence", 7) == 200
    second = (await admin.get("/v1/tenants/mine/series/b")).body
    assert (second["default"], second["prefix"], second["counters"][0]["next_number"]) == (True, "B-", 7)
    catalogue = (await admin.get("/v1/tenants/mine/catalogue")).body
    assert [customer["name"] for customer in catalogue["customers"]] == ["Åse"]


async def test_secrets_are_shown_once_and_never_logged(admin: Admin, capsys: Any) -> None:
    structlog.reset_defaults()
    tenant = await made(admin)
    await admin.get(f"/v1/tenants/{tenant['id']}")
    await ask_dialects(admin, tenant)
    shown = [(await admin.get(path)).text for path in ("/v1/tenants", f"/v1/tenants/{tenant['id']}", "/v1/requests")]
    captured = capsys.readouterr()
    assert "tenant made" in captured.out + captured.err
    for secret in _secrets(tenant):
        assert all(secret not in text for text in (*shown, captured.out, captured.err))


def _secrets(tenant: Any) -> list[str]:
    binding = {name: own["binding"] for name, own in tenant["dialects"].items()}
    return [
        binding["resurs"]["accounts"][0]["password"],
        binding["invoicexpress"]["api_key"],
        binding["qqsolutions"]["clients"][0]["secret"],
        binding["qqsolutions"]["users"][0]["password"],
        binding["twentyfoursevenoffice"]["users"][0]["password"],
        binding["twentyfoursevenoffice"]["users"][0]["tokens"][0]["id"],
    ]


async def restarted(admin: Admin, aiohttp_client: Any) -> Admin:
    """The same store under a second gateway, after the first one has stopped."""
    before = admin.gateway
    await before._stack.aclose()
    gateway = Gateway(before.config, Document("restarted", {}))
    await gateway.__aenter__()
    data: TestClient = await aiohttp_client(GatewayServer(gateway))
    client = await aiohttp_client(TestServer(gateway.admin_application()))
    return Admin(client, data, gateway)


async def test_tenants_outlive_a_restart(make_admin: MakeAdmin, aiohttp_client: Any) -> None:
    admin = await make_admin()
    kept = await made(admin, profile="strict", replay_window_seconds=5, production=True)
    gone = await made(admin)
    await issue(admin, kept, "a", "b")
    await admin.delete(f"/v1/tenants/{gone['id']}")
    again = await restarted(admin, aiohttp_client)
    try:
        assert await ask_dialects(again, kept) == EVERY
        assert await ask_dialects(again, gone) == REFUSED
        shown = (await again.get(f"/v1/tenants/{kept['id']}")).body
        assert (shown["source"], shown["profile"], shown["replay_window_seconds"]) == ("store", "strict", 5)
        assert TenantId(kept["id"]) in again.gateway.production
        assert TenantId(kept["id"]) in again.gateway.watch.strict
        assert await issue(again, kept, "c") == [3]
    finally:
        await again.gateway.__aexit__(None, None, None)


async def test_a_tenant_that_fits_no_more_is_left_out_and_told_of(make_admin: MakeAdmin, aiohttp_client: Any) -> None:
    admin = await make_admin()
    account = {"username": "later-configured", "password": "x", "series": "main"}
    tenant = await made(admin, dialects={"resurs": {"accounts": [account]}, "invoicexpress": None})
    demo = admin.gateway.config.tenants[0]
    resurs_section = {"accounts": [{**account, "country": "SE"}]}
    changed = demo.model_copy(update={"resurs": resurs_section})
    config = admin.gateway.config.model_copy(update={"tenants": [changed]})
    object.__setattr__(admin.gateway, "config", config)
    again = await restarted(admin, aiohttp_client)
    try:
        shown = (await again.get(f"/v1/tenants/{tenant['id']}")).body
        assert "given twice" in shown["dialects"]["resurs"]["problem"]
        assert shown["dialects"]["invoicexpress"]["problem"] == ""
        assert await invoicexpress(again, tenant["dialects"]["invoicexpress"]["binding"]["api_key"]) == 200
    finally:
        await again.gateway.__aexit__(None, None, None)


async def test_deleting_keeps_the_numbers_unless_it_purges(admin: Admin) -> None:
    tenant = await made(admin, id="again")
    await issue(admin, tenant, "a", "b")
    await admin.post("/v1/tenants/again/snapshots", {"name": "s"})
    assert (await admin.delete("/v1/tenants/again")).status == 204
    assert (await admin.get("/v1/tenants/again")).problem == "tenant-unknown"
    tenant = await made(admin, id="again")
    assert await issue(admin, tenant, "c") == [3]
    assert (await admin.delete("/v1/tenants/again?purge=true")).status == 204
    tenant = await made(admin, id="again")
    assert await issue(admin, tenant, "d") == [1]
    assert (await admin.get("/v1/tenants/again/snapshots")).body["items"] == []
    assert (await admin.get("/v1/tenants/again/ledger/verification")).body["sound"]


async def test_deleting_ends_faults_clock_profile_and_replay(admin: Admin) -> None:
    tenant = await made(admin, profile="strict", replay_window_seconds=9)
    own = f"/v1/tenants/{tenant['id']}"
    await admin.post(f"{own}/clock/freeze")
    await admin.post("/v1/faults", {"tenant": tenant["id"], "action": {"kind": "reset"}})
    await admin.delete(own)
    gateway, name = admin.gateway, TenantId(tenant["id"])
    assert gateway.clock.states() == []
    assert gateway.faults.rules() == []
    assert name not in gateway.watch.strict
    assert gateway.replays.window(name) == 0


async def test_a_production_tenant_is_deleted_only_with_force_and_never_purged(admin: Admin) -> None:
    tenant = await made(admin, production=True)
    own = f"/v1/tenants/{tenant['id']}"
    assert (await admin.delete(own)).problem == "production-tenant"
    assert (await admin.delete(f"{own}?force=true&purge=true")).problem == "production-tenant"
    assert await ask_dialects(admin, tenant) == EVERY
    assert (await admin.delete(f"{own}?force=true")).status == 204
    assert await ask_dialects(admin, tenant) == REFUSED


async def test_a_refused_creation_leaves_nothing_behind(admin: Admin) -> None:
    taken = {"resurs": {"accounts": [{"username": "demo-se", "password": "x", "series": "main"}]}}
    answered = await admin.post("/v1/tenants", {"id": "clash", "dialects": taken})
    assert (answered.status, answered.problem) == (409, "credentials-taken")
    assert "demo-se" in answered.body["detail"]
    assert (await admin.get("/v1/tenants/clash")).status == 404
    tenant = await made(admin, id="clash")
    ledger = (await admin.get("/v1/tenants/clash/ledger")).body["items"]
    assert [entry["operation"] for entry in ledger] == ["create"]
    assert await ask_dialects(admin, tenant) == EVERY


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"id": "no spaces"}, "id"),
    ({"series": []}, "series"),
    ({"series": [{"key": "a"}, {"key": "a"}]}, ""),
    ({"series": [{"key": "a", "numbers": {"invoice": -1}}]}, "series.0.numbers.invoice"),
    ({"series": [{"key": "a", "numbers": {"series": 1}}]}, "series.0.numbers.series.[key]"),
    ({"catalogue": {"customers": [{"id": 1}]}}, "catalogue.customers.0.name"),
    ({"surprise": 1}, "surprise"),
    ({"dialects": {"morse": None}}, "dialects.morse"),
    ({"dialects": {"resurs": {"accounts": []}}}, "dialects.resurs.accounts"),
    ({"dialects": {"resurs": {"accounts": [{"username": "a"}]}}}, "dialects.resurs.accounts.0.password"),
    (
        {"dialects": {"resurs": {"accounts": [{"password_file": "/etc/passwd"}]}}},
        "dialects.resurs.accounts.0.password_file",
    ),
    ({"dialects": {"invoicexpress": {"account": "x", "api_key_env": "HOME"}}}, "dialects.invoicexpress.api_key_env"),
    ({"profile": "lenient"}, "profile"),
    ({"id": "\u0000"}, ""),
]


@pytest.mark.parametrize(("body", "field"), FIELDS, ids=[field or "whole" for _, field in FIELDS])
async def test_a_wrong_field_is_named(admin: Admin, body: dict[str, Any], field: str) -> None:
    answered = await admin.post("/v1/tenants", body)
    assert (answered.status, answered.problem) == (422, "invalid-request")
    assert field in [error["field"] for error in answered.body["errors"]]
    assert len((await admin.get("/v1/tenants")).body["items"]) == 1


async def test_what_was_given_is_not_repeated_in_a_problem(admin: Admin) -> None:
    account = {"username": "a:b", "password": ["hunter2"], "series": "main"}
    answered = await admin.post("/v1/tenants", {"dialects": {"resurs": {"accounts": [account]}}})
    assert answered.status == 422
    assert "hunter2" not in answered.text


async def test_changing_profile_and_replay_window(admin: Admin) -> None:
    tenant = await made(admin)
    own, name = f"/v1/tenants/{tenant['id']}", TenantId(tenant["id"])
    changed = (await admin.patch(own, {"profile": "strict", "replay_window_seconds": 3})).body
    assert (changed["profile"], changed["replay_window_seconds"]) == ("strict", 3)
    assert name in admin.gateway.watch.strict
    assert admin.gateway.replays.window(name) == 3
    changed = (await admin.patch(own, {"profile": "vendor"})).body
    assert (changed["profile"], changed["replay_window_seconds"]) == ("vendor", 3)
    assert name not in admin.gateway.watch.strict


async def test_tenants_are_listed_in_pages(admin: Admin) -> None:
    ids = sorted(["demo", *[(await made(admin, id=f"t{n}", dialects={}))["id"] for n in range(5)]])
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await admin.get(f"/v1/tenants?limit=2{cursor}")).body
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ids


async def test_addresses_are_those_that_the_caller_can_reach(make_admin: MakeAdmin) -> None:
    public = {"resurs": {"public_url": "https://bank.example/legacy"}, "qqsolutions": {"prefix": "/qq"}}
    admin = await make_admin({"dialects": public})
    admin.gateway.data_url = "http://0.0.0.0:7070"
    adapters = {own["name"]: own["url"] for own in (await admin.get("/v1/adapters")).body["items"]}
    assert adapters["resurs"] == "https://bank.example/legacy"
    assert adapters["qqsolutions"] == "http://127.0.0.1:7070/qq"
    assert adapters["invoicexpress"] == "http://127.0.0.1:7070"


async def test_the_file_of_the_store_is_private(tmp_path: Path) -> None:
    """Credentials of tenants that are made at run time are stored in clear text: other users must not read them."""
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    await store.start()
    try:
        files = sorted(tmp_path.glob("new.db*"))
        assert [oct(path.stat().st_mode & 0o777) for path in files if not path.name.endswith(".lock")] == ["0o600"] * 3
    finally:
        await store.close()


async def test_what_the_store_keeps_is_read_as_far_as_it_can_be(make_admin: MakeAdmin, aiohttp_client: Any) -> None:
    admin = await make_admin()
    good = await made(admin)
    tenant_records = admin.gateway.store.tenant_records
    await tenant_records.add_tenant(
        KeptTenant(TenantId("newer"), '{"id": "newer", "series": "all of them"}', "2024-01-01")
    )
    await tenant_records.add_tenant(
        KeptTenant(TenantId("demo"), '{"id": "demo", "series": [{"key": "x"}]}', "2024-01-01")
    )
    half = {"id": "half", "series": [{"key": "main"}], "resurs": {"accounts": []}, "gone": {"a": 1}}
    await tenant_records.add_tenant(KeptTenant(TenantId("half"), json.dumps(half), "2024-01-01"))
    again = await restarted(admin, aiohttp_client)
    try:
        shown = {own["id"]: own for own in (await again.get("/v1/tenants")).body["items"]}
        assert set(shown) == {"demo", "half", good["id"]}
        assert shown["demo"]["source"] == "configuration"
        assert [series["key"] for series in shown["demo"]["series"]] == ["main"]
        assert "problems" in shown["half"]["dialects"]["resurs"]["problem"]
        assert await ask_dialects(again, good) == EVERY
        assert await invoicexpress(again, "demo-key") == 200
    finally:
        await again.gateway.__aexit__(None, None, None)
