"""SaveInvoices and UpdateInvoices over HTTP on a real store: each item by itself, numbers in order, retries, store trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from gateway.core import ledger
from gateway.core.commands import ANYTHING, ListSeries, SaveDocuments, SetNext
from gateway.core.ports import StoreUnavailableError
from gateway.core.values import INVOICE, CounterKey, Origin, TenantId
from tests.adapters.twentyfoursevenoffice.orders.office import Fault, Office, envelope
from tests.adapters.twentyfoursevenoffice.tenants import TENANTS, log_in
from tests.conftest import MakeGateway, base_url

DEMO = TenantId("demo")
ROW = {"ProductId": 1, "Quantity": 1}
INVOICED = {"CustomerId": 1, "OrderStatus": "Invoiced", "InvoiceRows": [ROW]}
OPEN = {"CustomerId": 1, "InvoiceRows": [ROW]}


async def office(client: TestClient) -> Office:
    return await Office(client.session, base_url(client)).login()


async def next_number(client: TestClient, number: int | None = None) -> int | None:
    """The next number of the demo tenant's line; with a number, set it first."""
    store = client.server.gateway.store
    (view,) = [view for view in (await store.read(ListSeries(DEMO))).views if view.series.key == "main"]
    if number is None:
        found: int | None = view.next_number(INVOICE)
        return found
    counter = CounterKey(view.series.id, INVOICE)
    await store.execute(SetNext(DEMO, counter, number, ANYTHING, Origin("test", "", "")))
    return number


def ids(answers: list[dict[str, Any]], name: str = "InvoiceId") -> list[int | None]:
    return [int(answer[name]) if name in answer else None for answer in answers]


def errors(answers: list[dict[str, Any]]) -> list[str]:
    return [answer.get("APIException", {}).get("Message", "") for answer in answers]


async def test_items_fail_one_by_one_and_numbers_ascend_in_their_order(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    demo = await office(client)
    await next_number(client, 445)
    sent: list[dict[str, Any]] = []
    for place in range(60):
        bad = place % 7 == 3
        sent.append({**INVOICED, "CustomerId": 99 if bad else 1, "YourReference": str(place)})
    answers = await demo.save(*sent)
    assert [answer["YourReference"] for answer in answers] == [str(place) for place in range(60)]
    good = [place for place in range(60) if place % 7 != 3]
    assert ids(answers) == [445 + good.index(place) if place in good else None for place in range(60)]
    assert [bool(error) for error in errors(answers)] == [place not in good for place in range(60)]
    assert await next_number(client) == 445 + len(good)
    stored = await demo.get(["OrderId", "YourReference", "InvoiceId"], OrderIds=list(range(1, 100)))
    assert {one["InvoiceId"]: one["YourReference"] for one in stored} == {
        str(445 + at): str(place) for at, place in enumerate(good)
    }


async def test_two_items_about_one_order_are_done_one_after_the_other(make_gateway: MakeGateway) -> None:
    demo = await office(await make_gateway())
    answers = await demo.save(
        {**OPEN, "OrderId": 40},
        {"OrderId": 40, "CustomerId": 1, "InvoiceRows": [{**ROW, "ChangeState": "Add"}]},
        {"OrderId": 41, **INVOICED},
        {"OrderId": 40, "CustomerId": 1, "OrderStatus": "Invoiced"},
        {"OrderId": 40, "CustomerId": 1},
        INVOICED,
    )
    assert ids(answers, "OrderId") == [40, 40, 41, 40, 40, 1]
    assert ids(answers) == [None, None, 1, 2, None, 3]
    assert errors(answers)[4] == "Order 40 is invoiced and cannot be changed."
    (order,) = await demo.get(["InvoiceRows", "InvoiceId"], ["RowId"], OrderIds=[40])
    assert order == {"InvoiceId": "2", "IncludeVAT": None, "InvoiceRows": [{"RowId": "1"}, {"RowId": "2"}]}


async def test_the_same_request_twice_is_two_saves(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    demo = await office(client)
    answers = await demo.save(INVOICED) + await demo.save(INVOICED)
    assert (ids(answers, "OrderId"), ids(answers)) == ([1, 2], [1, 2])


async def test_many_requests_at_once_have_no_hole_and_no_twin(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    demo = await office(client)
    await next_number(client, 100)
    batches = await asyncio.gather(*(demo.save(*[INVOICED] * 7, {"CustomerId": 99}) for _ in range(20)))
    numbers = [[int(answer["InvoiceId"]) for answer in batch if "InvoiceId" in answer] for batch in batches]
    assert all(batch == sorted(batch) for batch in numbers)
    assert sorted(number for batch in numbers for number in batch) == list(range(100, 240))
    store = client.server.gateway.store
    _, findings = ledger.verify([entry async for entry in store.ledger()])
    assert not findings


async def test_one_order_invoiced_by_many_at_once_is_one_invoice(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    demo = await office(client)
    await demo.save({**OPEN, "OrderId": 5})
    answers = [
        each
        for batch in await asyncio.gather(
            *(demo.save({"OrderId": 5, "CustomerId": 1, "OrderStatus": "Invoiced"}) for _ in range(12))
        )
        for each in batch
    ]
    assert sorted(number for number in ids(answers) if number is not None) == [1]
    assert sorted(errors(answers)) == ["", *["Order 5 is invoiced and cannot be changed."] * 11]
    assert await next_number(client) == 2


async def test_changes_by_many_at_once_all_count(make_gateway: MakeGateway) -> None:
    demo = await office(await make_gateway())
    await demo.save({**OPEN, "OrderId": 5})
    row = {**ROW, "ChangeState": "Add"}
    batches = await asyncio.gather(
        *(demo.save({"OrderId": 5, "CustomerId": 1, "InvoiceRows": [row]}) for _ in range(4))
    )
    assert [errors(batch) for batch in batches] == [[""]] * 4
    (order,) = await demo.get(["InvoiceRows"], ["RowId"], OrderIds=[5])
    assert len(order["InvoiceRows"]) == 5


async def test_an_order_id_of_another_tenant_is_taken(make_gateway: MakeGateway) -> None:
    client = await make_gateway({"tenants": TENANTS})
    other = Office(client.session, base_url(client))
    other.cookie, demo_cookie = await log_in(client, "other"), await log_in(client, "demo")
    await other.save({**OPEN, "OrderId": 9})
    demo = Office(client.session, base_url(client), demo_cookie)
    answers = await demo.save({**INVOICED, "OrderId": 9}, INVOICED)
    assert errors(answers) == ["OrderId 9 is already in use.", ""]
    assert ids(answers) == [None, 1]
    assert await demo.get(["OrderId"], OrderIds=[9]) == []
    assert await other.get(["OrderId"], OrderIds=[9]) == [{"OrderId": "9", "IncludeVAT": None}]


async def test_companies_of_one_tenant_do_not_see_one_anothers_orders(make_gateway: MakeGateway) -> None:
    client = await make_gateway({"tenants": TENANTS})
    demo = Office(client.session, base_url(client), await log_in(client, "demo"))
    shop = Office(client.session, base_url(client), await log_in(client, "shop"))
    assert ids(await demo.save(INVOICED) + await shop.save(INVOICED, INVOICED)) == [1, 1, 2]
    assert await demo.sync() == [1]
    assert await shop.sync() == [2, 3]
    assert [one["OrderId"] for one in await shop.get(["OrderId"], InvoiceIds=[1, 2])] == ["2", "3"]
    assert errors(await shop.save({**OPEN, "OrderId": 1})) == ["OrderId 1 is already in use."]


@pytest.mark.parametrize(
    ("start", "sent", "expected"),
    [(2**31 - 2, 3, [2**31 - 2, 2**31 - 1, None]), (2**31, 1, [None]), (2**40, 2, [None, None])],
)
async def test_a_number_that_invoice_id_cannot_show_is_not_taken(
    make_gateway: MakeGateway, start: int, sent: int, expected: list[int | None]
) -> None:
    client = await make_gateway()
    demo = await office(client)
    await next_number(client, start)
    answers = await demo.save(*[INVOICED] * sent)
    assert ids(answers) == expected
    assert [bool(error) for error in errors(answers)] == [number is None for number in expected]
    assert await next_number(client) == start + sum(number is not None for number in expected)


async def test_a_line_that_was_never_started(make_gateway: MakeGateway) -> None:
    settings = {"orders": {"first_invoice_id": None}}
    client = await make_gateway({"dialects": {"twentyfoursevenoffice": {"settings": settings}}})
    demo = await office(client)
    assert errors(await demo.save(INVOICED)) == ["The first invoice number has not been set."]
    assert await next_number(client) is None
    assert await demo.sync() == []


# --- trouble with the store -------------------------------------------------------------------------------------------


def troubled(client: TestClient, monkeypatch: pytest.MonkeyPatch, fails: Callable[[int], Exception | None]) -> None:
    """The store fails the n-th save with the error `fails(n)`; one with committed None comes after the save took effect."""
    store = client.server.gateway.store
    execute, count = store.execute, iter(range(10**6))

    async def failing(command: Any) -> Any:
        if not isinstance(command, SaveDocuments):
            return await execute(command)
        error = fails(next(count))
        if error is not None and getattr(error, "committed", False) is False:
            raise error
        result = await execute(command)
        if error is not None:
            raise error
        return result

    monkeypatch.setattr(store, "execute", failing)


async def test_what_the_store_refuses_is_the_items_error(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway()
    demo = await office(client)
    troubled(client, monkeypatch, lambda number: StoreUnavailableError("disk") if number == 1 else None)
    answers = await demo.save(INVOICED, INVOICED, INVOICED)
    assert ids(answers) == [1, None, 2]
    assert answers[1]["APIException"]["Type"] == "Office24Seven.Library.Data.DataBaseServerException"


async def test_when_nothing_could_be_saved_the_call_fails(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway()
    demo = await office(client)
    troubled(client, monkeypatch, lambda _: StoreUnavailableError("disk"))
    with pytest.raises(Fault, match="database is not available"):
        await demo.save(INVOICED, INVOICED)
    assert await next_number(client) is None


@pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
async def test_a_commit_in_doubt_is_asked_for_again_under_its_key(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch, existing: bool
) -> None:
    client = await make_gateway()
    demo = await office(client)
    if existing:
        await demo.save({**OPEN, "OrderId": 8})
    rest = {"ProductId": 1, "Quantity": 4, "QuantityOrdered": 10, "QuantityRest": 6, "ChangeState": "Add"}
    sent = {**INVOICED, "InvoiceRows": [rest], **({"OrderId": 8} if existing else {})}
    troubled(client, monkeypatch, lambda number: StoreUnavailableError("gone", committed=None) if number == 0 else None)
    answers = await demo.save(sent)
    assert (ids(answers), errors(answers)) == ([1], [""])
    assert await next_number(client) == 2
    assert len(await demo.sync()) == 2, "the order and its rest order, once"


async def test_an_update_in_doubt_is_not_repeated(make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a number there is no key for a retry, and a second try would add the rows twice."""
    client = await make_gateway()
    demo = await office(client)
    await demo.save({**OPEN, "OrderId": 8}, {**OPEN, "OrderId": 9})
    troubled(client, monkeypatch, lambda number: StoreUnavailableError("gone", committed=None) if number == 0 else None)
    row = {**ROW, "ChangeState": "Add"}
    answers = await demo.save(
        *({"OrderId": order, "CustomerId": 1, "InvoiceRows": [row]} for order in (8, 9)),
    )
    assert [bool(error) for error in errors(answers)] == [True, False]
    found = await demo.get(["InvoiceRows"], ["RowId"], OrderIds=[8, 9])
    assert [len(order["InvoiceRows"]) for order in found] == [2, 2]


async def test_a_bug_is_a_fault_after_all_saves_are_done(
    make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await make_gateway()
    demo = await office(client)
    troubled(client, monkeypatch, lambda number: RuntimeError("bug") if number == 0 else None)
    with capture_logs() as logged, pytest.raises(Fault, match="unexpected error"):
        await demo.save(INVOICED, INVOICED, INVOICED)
    assert [(event["event"], event["operation"]) for event in logged] == [("unhandled error", "SaveInvoices")]
    assert await next_number(client) == 3


# --- updates of invoices ----------------------------------------------------------------------------------------------


async def test_update_invoices_by_many_at_once(make_gateway: MakeGateway) -> None:
    demo = await office(await make_gateway())
    await demo.save(INVOICED)

    async def update(place: int) -> list[dict[str, Any]]:
        sent = (
            {"OrderId": 1, "InvoiceTitle": f"t{place}"}
            if place % 2
            else {"InvoiceId": 1, "ReferenceNumber": f"r{place}"}
        )
        answer: list[dict[str, Any]] = await demo.call("UpdateInvoices", {"invoices": [sent]})
        return answer

    batches = await asyncio.gather(*map(update, range(4)))
    assert [errors(batch) for batch in batches] == [[""]] * 4
    (order,) = await demo.get(["InvoiceTitle", "ReferenceNumber"], OrderIds=[1])
    assert (order["InvoiceTitle"][0], order["ReferenceNumber"][0]) == ("t", "r")


async def test_an_update_changes_the_moment_of_change_only_when_it_is_saved(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    demo = await office(client)
    await demo.save(INVOICED, OPEN)
    before = await demo.get(["DateChanged"], OrderIds=[1, 2])
    await demo.call(
        "UpdateInvoices", {"invoices": [{"OrderId": 1, "InvoiceTitle": "x"}, {"OrderId": 2, "InvoiceTitle": "x"}]}
    )
    after = await demo.get(["DateChanged"], OrderIds=[1, 2])
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, False]
    assert await demo.sync(ChangedAfter=before[1]["DateChanged"]) == [1]


async def test_bodies_above_the_size_for_a_thread_are_read_the_same(make_gateway: MakeGateway) -> None:
    demo = await office(await make_gateway())
    many = [{"CustomerId": 1, "YourReference": "x" * 50, "InvoiceRows": [{"ProductId": 1, "Name": "y" * 250}] * 5}] * 60
    assert len(envelope("SaveInvoices", {"invoices": many})) > 64 * 1024
    answers = await demo.save(*many)
    assert ids(answers, "OrderId") == list(range(1, 61))
    assert [len(answer["InvoiceRows"]) for answer in answers] == [5] * 60
    with pytest.raises(Fault, match="There is an error in XML document"):
        await demo.send("SaveInvoices", envelope("SaveInvoices", {"invoices": [*many, {"CustomerId": "x"}]}))
