"""Requests, faults, clock and settings over HTTP, with real calls of a dialect in between."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.admin.actions import made, resurs
from tests.admin.conftest import Admin, MakeAdmin


@pytest.fixture
async def tenant(admin: Admin) -> Any:
    """A tenant for this test alone."""
    return await made(admin)


@pytest.fixture
def asked(tenant: Any) -> str:
    """A query for the requests of this tenant."""
    return f"tenant={tenant['id']}"


async def test_what_was_asked_can_be_found(admin: Admin, tenant: Any, asked: str) -> None:
    await resurs(admin, tenant, "setInvoiceSequence", 445, **{"User-Agent": "shop/1"})
    await resurs(admin, tenant, "setInvoiceSequence", 3, **{"User-Agent": "shop/2"})
    await resurs(admin, tenant, "peekInvoiceSequence")
    whole = (await admin.get(f"/v1/requests?{asked}")).body
    assert whole["completeness"]["complete"]
    found = [(e["operation"], e["outcome"], e["number"]) for e in whole["entries"]]
    assert found == [
        ("setInvoiceSequence", "ok", 445),
        ("setInvoiceSequence", "NumberBehind", 3),
        ("peekInvoiceSequence", "ok", 445),
    ]
    for query, count in {
        "operation=setInvoiceSequence": 2,
        "number=445": 2,
        "outcome=NumberBehind": 1,
        "status=500": 1,
        "user_agent=shop": 2,
        "dialect=qqsolutions": 0,
        "since=2020-01-01T00:00:00": 3,
        "until=2020-01-01T00:00:00Z": 0,
        "strict=false": 3,
    }.items():
        assert (await admin.get(f"/v1/requests/count?{asked}&{query}")).body["count"] == count, query
    page = (await admin.get(f"/v1/requests?{asked}&limit=2&newest_first=true")).body
    rest = (await admin.get(f"/v1/requests?{asked}&limit=2&newest_first=true&cursor={page['next']}")).body
    assert page["entries"] + rest["entries"] == whole["entries"][::-1]
    entry = whole["entries"][0]
    assert (await admin.get(f"/v1/requests/{entry['id']}")).body == entry
    assert (await admin.get(f"/v1/requests/{entry['request_id']}")).body == entry
    raw = (await admin.get(f"/v1/requests/{entry['id']}/raw")).text
    assert "POST /ws/V4/ConfigurationService HTTP/1.1" in raw
    assert "<nextInvoiceNumber>445</nextInvoiceNumber>" in raw
    assert "HTTP/1.1 200" in raw
    assert tenant["dialects"]["resurs"]["binding"]["accounts"][0]["password"] not in raw


async def test_near_misses(admin: Admin, tenant: Any) -> None:
    await resurs(admin, tenant, "peekInvoiceSequence", Authorization="Basic eDp5")
    found = (await admin.get("/v1/requests/near-misses?tenant=")).body["entries"]
    assert [entry["near_miss"] for entry in found] == ["wrong-credential"]
    assert (await admin.get("/v1/requests/count?near_miss=true&tenant=")).body["count"] == 1
    assert (await admin.get("/v1/requests/count?near_miss=wrong-verb")).body["count"] == 0
    assert (await admin.get("/v1/requests/count?near_miss=false&tenant=")).body["count"] == 0


async def test_waiting_for_the_nth_request(admin: Admin, tenant: Any, asked: str) -> None:
    waiting = asyncio.create_task(admin.get(f"/v1/requests/wait?{asked}&n=2&timeout_seconds=60"))
    await resurs(admin, tenant, "peekInvoiceSequence")
    assert not waiting.done()
    await resurs(admin, tenant, "setInvoiceSequence", 7)
    waited = (await waiting).body
    assert (waited["matched"], waited["count"], waited["entry"]["operation"]) == (True, 2, "setInvoiceSequence")
    late = (await admin.get(f"/v1/requests/wait?{asked}&n=3&timeout_seconds=0")).body
    assert (late["matched"], late["count"], late["entry"]) == (False, 2, None)


async def test_the_strict_report_names_clients(admin: Admin, tenant: Any, asked: str) -> None:
    await resurs(admin, tenant, "peekInvoiceSequence", **{"User-Agent": "legacy", "SOAPAction": '"surprise"'})
    (client,) = (await admin.get(f"/v1/requests/strict-report?{asked}")).body["clients"]
    assert (client["user_agent"], client["would_fail"]) == ("legacy", 1)
    assert client["findings"] == {"soap-action-mismatch": 1}


async def test_entries_are_let_go(admin: Admin, tenant: Any, asked: str) -> None:
    await resurs(admin, tenant, "peekInvoiceSequence")
    assert (await admin.delete(f"/v1/requests?{asked}")).body == {"entries": 1}
    counted = (await admin.get(f"/v1/requests/count?{asked}")).body
    assert (counted["count"], counted["completeness"]["complete"]) == (0, False)
    status = (await admin.get("/v1/journal")).body
    assert status["position"] >= 1
    assert [gap["reason"] for gap in status["gaps"]] == ["cleared"]


async def test_without_a_journal(make_admin: MakeAdmin) -> None:
    admin = await make_admin({"journal": {"mode": "off"}})
    for path in ("/v1/requests", "/v1/requests/wait", "/v1/journal"):
        answered = await admin.get(path)
        assert (answered.status, answered.problem) == (409, "journal-off")
    assert (await admin.get("/v1/health")).body["journal"] == "off"


async def test_a_lost_reply_is_planted_counted_and_taken_away(admin: Admin, tenant: Any) -> None:
    rule = {"tenant": tenant["id"], "operation": "setInvoiceSequence", "nth": 2, "action": {"kind": "lost_reply"}}
    added = await admin.post("/v1/faults", rule)
    assert added.status == 201
    own = f"/v1/faults/{added.body['id']}"
    assert await resurs(admin, tenant, "setInvoiceSequence", 5) == 200
    with pytest.raises(aiohttp.ClientError):
        await resurs(admin, tenant, "setInvoiceSequence", 6)
    assert await resurs(admin, tenant, "setInvoiceSequence", 7) == 200
    shown = (await admin.get(own)).body
    assert (shown["calls"], shown["hits"]) == (3, 1)
    entry = (await admin.get(f"/v1/requests?tenant={tenant['id']}")).body["entries"][1]
    assert (entry["faults"], entry["commands"][0]["committed"]) == ([added.body["id"]], True)
    assert (await admin.delete(own)).body["hits"] == 1
    assert (await admin.get(own)).problem == "fault-unknown"
    assert (await admin.delete(own)).problem == "fault-unknown"


async def test_rules_are_listed_and_cleared_by_tenant(admin: Admin, tenant: Any, asked: str) -> None:
    for own in (tenant["id"], "demo", tenant["id"]):
        await admin.post("/v1/faults", {"tenant": own, "action": {"kind": "reset"}})
    assert len((await admin.get("/v1/faults")).body["items"]) == 3
    first = (await admin.get(f"/v1/faults?{asked}&limit=1")).body
    rest = (await admin.get(f"/v1/faults?{asked}&limit=1&cursor={first['next']}")).body
    assert [rule["rule"]["tenant"] for rule in first["items"] + rest["items"]] == [tenant["id"]] * 2
    assert rest["next"] is None
    assert (await admin.delete(f"/v1/faults?{asked}")).body == {"rules": 2}
    assert (await admin.delete("/v1/faults")).body == {"rules": 1}


RULES: list[tuple[dict[str, Any], str]] = [
    ({"action": {"kind": "sneeze"}}, "action"),
    ({"action": {"kind": "latency"}}, "action.latency"),
    ({"action": {"kind": "refusal", "refusal": "TooTired"}}, "action.refusal"),
    ({"action": {"kind": "reset"}, "nth": 1, "first": 2}, ""),
    ({"action": {"kind": "reset"}, "dialect": "morse"}, "dialect"),
    ({"action": {"kind": "reset"}, "rate": 2}, "rate"),
    ({}, "action"),
]


@pytest.mark.parametrize(("rule", "field"), RULES)
async def test_a_wrong_rule_is_refused_by_field(admin: Admin, rule: dict[str, Any], field: str) -> None:
    answered = await admin.post("/v1/faults", rule)
    assert answered.status == 422
    assert [error["field"] for error in answered.body["errors"]] == [field]


async def test_time_is_moved(admin: Admin, tenant: Any) -> None:
    own = f"/v1/tenants/{tenant['id']}/clock"
    frozen = (await admin.post(f"{own}/freeze", {"at": "2024-12-31T23:59:00+01:00"})).body
    assert (frozen["mode"], frozen["now"]) == ("frozen", "2024-12-31T22:59:00Z")
    moved = (await admin.post(f"{own}/travel", {"by_seconds": 7200})).body
    assert (moved["mode"], moved["now"]) == ("frozen", "2025-01-01T00:59:00Z")
    await resurs(admin, tenant, "setInvoiceSequence", 5)
    entry = (await admin.get(f"/v1/tenants/{tenant['id']}/ledger?kind=invoice")).body["items"][0]
    assert entry["at"].startswith("2025-01-01T00:59:00")
    assert (await admin.get("/v1/health")).body["clocks_moved"] == 1
    assert (await admin.post(f"{own}/resume")).body["mode"] == "running"
    assert (await admin.post(f"{own}/freeze")).body["mode"] == "frozen"
    travelled = (await admin.post(f"{own}/travel", {"to": "2030-06-01T00:00:00Z"})).body
    assert travelled["now"] == "2030-06-01T00:00:00Z"


MOVES: list[tuple[str, Any, str]] = [
    ("freeze", {"at": "2024-12-31T23:59:00"}, "at"),
    ("freeze", {"at": "1969-12-31T23:59:00Z"}, "at"),
    ("travel", {}, ""),
    ("travel", {"to": "2024-01-01T00:00:00Z", "by_seconds": 1}, ""),
    ("travel", {"by_seconds": 1e12}, "by_seconds"),
    ("travel", {"by_seconds": "soon"}, "by_seconds"),
    ("travel", {"to": "9999-01-01T00:00:00Z"}, "to"),
]


@pytest.mark.parametrize(("move", "body", "field"), MOVES)
async def test_impossible_moves_are_refused_by_field(admin: Admin, move: str, body: Any, field: str) -> None:
    answered = await admin.post(f"/v1/tenants/demo/clock/{move}", body)
    assert answered.status == 422
    assert [error["field"] for error in answered.body["errors"]] == [field]


SETTINGS = "/v1/settings/resurs"


async def change(admin: Admin, patch: Any, etag: str | None = None) -> Any:
    etag = etag if etag is not None else (await admin.get(SETTINGS)).headers["ETag"]
    return await admin.patch(SETTINGS, patch, headers={"If-Match": etag})


async def test_a_setting_holds_at_once_and_until_it_is_taken_back(admin: Admin, tenant: Any) -> None:
    assert await resurs(admin, tenant, "setInvoiceSequence", 0) == 500
    changed = await change(admin, {"zero": "clear"})
    assert (changed.status, changed.body["settings"]["zero"]) == (200, "clear")
    assert await resurs(admin, tenant, "setInvoiceSequence", 0) == 200
    shown = await admin.get(SETTINGS)
    assert (shown.body, shown.headers["ETag"]) == (changed.body, changed.headers["ETag"])
    assert (await change(admin, {"zero": None})).body["settings"]["zero"] == "reject"
    assert await resurs(admin, tenant, "setInvoiceSequence", 0) == 500


async def test_settings_changed_meanwhile_are_not_overwritten(admin: Admin) -> None:
    old = (await admin.get(SETTINGS)).headers["ETag"]
    await change(admin, {"zero": "clear"})
    late = await change(admin, {"zero": "accept"}, old)
    assert (late.status, late.problem) == (412, "settings-changed")
    assert late.headers["ETag"] == (await admin.get(SETTINGS)).headers["ETag"] != old
    assert (await change(admin, {"zero": "accept"}, "*")).status == 200
    assert (
        await change(admin, {"zero": "clear"}, f'"other", {(await admin.get(SETTINGS)).headers["ETag"]}')
    ).status == 200
    assert (await admin.patch(SETTINGS, {})).problem == "precondition-required"


async def test_a_wrong_setting_is_refused_by_field(admin: Admin) -> None:
    for patch, field in (({"zero": "maybe"}, "zero"), ({"surprise": 1}, "surprise"), ([1], "")):
        answered = await change(admin, patch)
        assert (answered.status, answered.body["errors"][0]["field"]) == (422, field)
    assert (await admin.get(SETTINGS)).body["settings"]["zero"] == "reject"


async def test_a_setting_cannot_take_a_host_from_another_dialect(
    make_admin: MakeAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter may name its hosts by its settings."""
    admin = await make_admin({"dialects": {"qqsolutions": {"hosts": ["200.taken.example"]}}})
    monkeypatch.setattr(
        "adapters.invoicexpress.routes.InvoiceXpressAdapter.hosts",
        lambda _, settings: (f"{settings.max_serie_length}.taken.example",),
    )
    own, held = "/v1/settings/invoicexpress", {"If-Match": "*"}
    refused = await admin.patch(own, {"max_serie_length": 200}, headers=held)
    assert (refused.status, refused.body["errors"][0]["message"]) == (
        422,
        "the host name 200.taken.example belongs to the dialect qqsolutions, too",
    )
    assert (await admin.patch(own, {"max_serie_length": 100}, headers=held)).status == 200


async def test_nested_settings_are_merged(admin: Admin) -> None:
    await change(admin, {"user_error_messages": {"sv": {"too_low": "För lågt"}}})
    merged = await change(admin, {"user_error_messages": {"sv": {"too_high": "För högt"}, "no": {"too_low": "Lavt"}}})
    assert merged.body["settings"]["user_error_messages"] == {
        "sv": {"too_low": "För lågt", "too_high": "För högt"},
        "no": {"too_low": "Lavt"},
    }


async def test_settings_stay_while_a_production_tenant_is_served(admin: Admin) -> None:
    await made(admin, production=True)
    assert (await change(admin, {"zero": "clear"})).problem == "production-tenant"


async def test_adapters_tell_what_they_serve_and_how_it_is_known(make_admin: MakeAdmin) -> None:
    admin = await make_admin({"dialects": {"qqsolutions": {"enabled": False}}})
    adapters = {own["name"]: own for own in (await admin.get("/v1/adapters")).body["items"]}
    own = adapters["resurs"]
    assert own["coverage"]["served"] == 28
    assert own["coverage"]["served"] + own["coverage"]["declined"] == len(own["operations"]) == 36
    assert (await admin.get("/v1/adapters/resurs")).body == own
    assert (adapters["qqsolutions"]["enabled"], adapters["qqsolutions"]["coverage"]) == (False, None)
    assert (await admin.get("/v1/settings/qqsolutions")).problem == "dialect-unknown"
    page = (await admin.get("/v1/settings?limit=1")).body
    rest = (await admin.get(f"/v1/settings?cursor={page['next']}")).body
    names = [own["dialect"] for own in page["items"] + rest["items"]]
    assert names == sorted(set(adapters) - {"qqsolutions"})
