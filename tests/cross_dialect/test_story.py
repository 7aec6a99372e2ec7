"""One number line in use: one dialect sets it, two others use its numbers, and the ledger explains it."""

from __future__ import annotations

import asyncio

from gateway.core import ledger
from gateway.core.values import INVOICE, TenantId
from tests.adapters.twentyfoursevenoffice.orders.office import Office
from tests.conftest import MakeGateway, base_url
from tests.cross_dialect.faces import InvoiceXpress, Qq, Resurs

ROW = {"ProductId": 1, "Quantity": 2, "Price": "100"}


async def test_an_invoice_here_and_an_invoice_there(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, qq = Resurs(client.session, address), Qq(client.session, address)
    invoicexpress = InvoiceXpress(client.session, address)
    office = await Office(client.session, address).login()

    assert await resurs.set(445)

    order = {"CustomerId": 1, "OrderStatus": "Invoiced", "DateInvoiced": "2013-06-18T00:00:00", "InvoiceRows": [ROW]}
    (saved,) = await office.save(order)
    assert saved["InvoiceId"] == "445"

    assert await qq.next() == 446
    assert await resurs.next() == 446
    assert await invoicexpress.current() == 445
    assert not await invoicexpress.update(500), "only sequences with no finalized invoices can be updated"

    assert await invoicexpress.change(await invoicexpress.draft(), "finalized") == "446/main"

    assert await qq.next() == 447
    assert await invoicexpress.current() == 446
    assert not await resurs.set(446), "what is used up does not come back"
    assert await resurs.set(447)
    found = await office.get(["InvoiceId", "OrderStatus"], InvoiceIds=[445, 446, 447])
    assert [(one["InvoiceId"], one["OrderStatus"]) for one in found] == [("445", "Invoiced"), ("446", "Invoiced")]

    entries = [entry async for entry in client.server.gateway.store.ledger(TenantId("demo"))]
    line = [
        (entry.operation, entry.dialect, entry.number, entry.after) for entry in entries if entry.chain.line == INVOICE
    ]
    assert line == [
        ("set", "resurs", None, 445),
        ("issue", "twentyfoursevenoffice", 445, 446),
        ("issue", "invoicexpress", 446, 447),
    ]
    assert not ledger.verify(entries)[1]


async def test_two_faces_that_give_numbers_out_at_once_share_one_line(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, invoicexpress = Resurs(client.session, address), InvoiceXpress(client.session, address)
    office = await Office(client.session, address).login()
    assert await resurs.set(445)
    drafts = [await invoicexpress.draft() for _ in range(12)]
    order = {"CustomerId": 1, "OrderStatus": "Invoiced", "DateInvoiced": "2013-06-18T00:00:00", "InvoiceRows": [ROW]}
    saves = [office.save(*[order] * 4) for _ in range(12)]
    finalized = [invoicexpress.change(draft, "finalized") for draft in drafts]
    orders, numbered = await asyncio.gather(asyncio.gather(*saves), asyncio.gather(*finalized))
    here = [int(saved["InvoiceId"]) for batch in orders for saved in batch]
    there = [int(str(number).removesuffix("/main")) for number in numbered]
    assert sorted(here + there) == list(range(445, 445 + 60))
    assert await resurs.next() == 505
    found = await office.get(["InvoiceId"], ChangedAfter="2013-01-01")
    assert sorted(int(one["InvoiceId"]) for one in found) == sorted(here + there)


async def test_an_invoice_of_another_face_is_shown_and_left_alone(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    invoicexpress = InvoiceXpress(client.session, address)
    office = await Office(client.session, address).login()
    theirs = await invoicexpress.draft()
    assert await invoicexpress.change(theirs, "finalized") == "1/main"
    (shown,) = await office.get(["OrderId", "InvoiceId", "DateInvoiced"], InvoiceIds=[1])
    assert (shown["InvoiceId"], shown["DateInvoiced"]) == ("1", "2013-06-18T00:00:00")
    (saved,) = await office.save({"OrderId": shown["OrderId"], "CustomerId": 1})
    assert saved["APIException"]["Message"] == f"OrderId {shown['OrderId']} is already in use."
    (updated,) = await office.call("UpdateInvoices", {"invoices": [{"InvoiceId": 1, "InvoiceTitle": "x"}]})
    assert updated["APIException"]["Message"] == "InvoiceId 1 was not found."
