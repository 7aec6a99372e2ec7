"""What needs a server, a store and more than one exchange: limits, locks, several accounts, retries of the same form."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from gateway.core.commands import GetSeries, Issue, ListSeries
from gateway.core.values import CREDIT_NOTE, INVOICE, CounterKey, Origin, TenantId
from gateway.wire.rails.builder import errors_to_xml
from tests.conftest import MakeGateway, only

KEY = "?api_key=demo-key"
XML = {"Content-Type": "application/xml; charset=utf-8"}
DEMO = TenantId("demo")


def changes(settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    found = only("invoicexpress")
    found["dialects"]["invoicexpress"] = {"settings": settings or {}}
    return {**found, **more}


def form(serie: str, invoice: int = 3) -> str:
    return (
        f"<sequence><serie>{serie}</serie><current_invoice_number>{invoice}</current_invoice_number>"
        "<current_credit_note_number>0</current_credit_note_number>"
        "<current_debit_note_number>0</current_debit_note_number></sequence>"
    )


def store(client: TestClient[Any, Any]) -> Any:
    return client.server.gateway.store  # type: ignore[attr-defined]


async def test_an_action_says_how_long_it_took(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    for path in (f"/sequences.xml{KEY}", f"/sequences/99.xml{KEY}", "/sequences.xml"):
        answer = await client.get(path)
        assert answer.headers["X-Runtime"].isdigit()


async def test_a_body_over_the_limit(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes(limits={"max_body_bytes": 1024}))
    answer = await client.put(f"/sequences/1.xml{KEY}", data=form("x" * 2000), headers=XML)
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html")


async def test_too_many_requests_at_once(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    mount = client.server.gateway.server.request_handler.mounts[0]  # type: ignore[attr-defined]
    mount.exchange.max_in_flight = 0
    answer = await client.get(f"/sequences.xml{KEY}")
    assert (answer.status, await answer.text()) == (429, "Retry later\n")


@pytest.mark.parametrize(("locked_by", "status"), [("any", 422), ("invoices", 200)])
async def test_whose_documents_lock_a_sequence(make_gateway: MakeGateway, locked_by: str, status: int) -> None:
    client = await make_gateway(changes({"locked_by": locked_by}))
    series = (await store(client).read(GetSeries(DEMO, None))).view.series
    origin = Origin("test", "test", "1")
    await store(client).execute(Issue(DEMO, CounterKey(series.id, CREDIT_NOTE), "k", "d", origin, start_if_unset=1))
    answer = await client.put(f"/sequences/{series.id}.xml{KEY}", data=form("main"), headers=XML)
    assert answer.status == status
    after = (await store(client).read(GetSeries(DEMO, None))).view
    assert after.next_number(CREDIT_NOTE) == (2 if status == 422 else 1)
    assert after.next_number(INVOICE) == (None if status == 422 else 4)


async def test_accounts_do_not_see_each_other(make_gateway: MakeGateway) -> None:
    def tenant(name: str) -> dict[str, Any]:
        binding = {"account": name, "api_key": f"{name}-key"}
        return {"id": name, "series": [{"key": "main", "default": True}], "invoicexpress": binding}

    client = await make_gateway(changes(tenants=[tenant("one"), tenant("two")]))
    one = {"Host": "one.invoicexpress.net"}
    listed = await client.get("/sequences.xml?api_key=one-key", headers=one)
    assert (await listed.text()).count("<sequence>") == 1
    for method, path, data in (("GET", "/sequences/2.xml", None), ("PUT", "/sequences/2.xml", form("mine"))):
        answer = await client.request(method, f"{path}?api_key=one-key", headers={**XML, **one}, data=data)
        assert (answer.status, await answer.text()) == (404, " ")
    assert (await client.put("/sequences/2/set_current.xml?api_key=one-key", headers=one)).status == 404
    assert (await client.get("/sequences.xml?api_key=two-key", headers=one)).status == 401
    created = await client.post("/sequences.xml?api_key=one-key", headers={**XML, **one}, data=form("other"))
    assert created.status == 201
    assert {view.series.name for view in (await store(client).read(ListSeries(TenantId("two")))).views} == {"main"}


async def test_only_one_of_many_gets_a_name(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    answers = await asyncio.gather(
        *(client.post(f"/sequences.xml{KEY}", headers=XML, data=form("2013", number)) for number in range(20))
    )
    assert sorted(answer.status for answer in answers) == [201] + [422] * 19
    taken = errors_to_xml(["Serie has already been taken"])
    assert {await answer.read() for answer in answers if answer.status == 422} == {taken}
    views = (await store(client).read(ListSeries(DEMO))).views
    assert [view.series.name for view in views] == ["main", "2013"]


async def test_the_ledger_names_dialect_account_and_operation(make_gateway: MakeGateway) -> None:
    client = await make_gateway(changes())
    await client.put(f"/sequences/1.xml{KEY}", data=form("2013", 444), headers=XML)
    entries = [entry async for entry in store(client).ledger(DEMO) if entry.chain.line == INVOICE]
    assert [(entry.after, entry.dialect, entry.principal, entry.reason) for entry in entries] == [
        (445, "invoicexpress", "demo", "sequences.update")
    ]
