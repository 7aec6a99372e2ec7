"""Payments of Resurs draw from the line that the other dialects see, and what these show of the invoices that come of it."""

from __future__ import annotations

import asyncio

from gateway.core import ledger
from gateway.core.values import INVOICE, TenantId
from tests.adapters.twentyfoursevenoffice.orders.office import Office
from tests.conftest import MakeGateway, base_url
from tests.cross_dialect.faces import InvoiceXpress, Qq, Resurs
from tests.cross_dialect.test_story import ROW

ORDER = {"CustomerId": 1, "OrderStatus": "Invoiced", "DateInvoiced": "2013-06-18T00:00:00", "InvoiceRows": [ROW]}
FIELDS = ["InvoiceId", "OrderStatus"]


async def test_a_payment_from_booking_to_credit(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, qq = Resurs(client.session, address), Qq(client.session, address)
    invoicexpress = InvoiceXpress(client.session, address)
    office = await Office(client.session, address).login()
    assert await resurs.set(445)

    # Each move is seen by every face at once.
    assert await resurs.book("P-1") == "BOOKED"
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (445, 445, 444)
    assert await resurs.finalize("P-1") == 0
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (446, 446, 445)
    assert await resurs.finalize("P-1") == 20, "a finalization that is repeated is refused by the payment's state"
    (saved,) = await office.save(ORDER)
    assert saved["InvoiceId"] == "446"
    assert await invoicexpress.change(await invoicexpress.draft(), "finalized") == "447/main"
    assert await resurs.credit("P-1") == 0
    assert await resurs.numbers("P-1") == ["445", "448"]
    assert (await qq.next(), await invoicexpress.current()) == (449, 448)

    # A number that a shop chooses ahead is held: the faces come up to it, and nobody draws it again.
    for payment in ("P-2", "P-3", "P-4"):
        await resurs.book(payment)
    assert await resurs.finalize("P-2", "450") == 0
    assert await qq.next() == 449
    assert await invoicexpress.change(await invoicexpress.draft(), "finalized") == "449/main"
    held = await invoicexpress.draft()
    assert await invoicexpress.change(held, "finalized") is None
    assert await resurs.finalize("P-3") == 29
    assert await resurs.numbers("P-3") == []
    assert await resurs.set(451)
    assert await invoicexpress.change(held, "finalized") == "451/main"
    assert await resurs.finalize("P-3", "452") == 0, "a chosen number where the line stands moves it on"
    assert await resurs.finalize("P-4", "DebInv-1") == 0, "a text touches no line"
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (453, 453, 452)

    # The other faces list their own documents. 24SevenOffice knows invoices by their numbers, whoever made them.
    assert sorted(await invoicexpress.listed()) == ["447/main", "449/main", "451/main"]
    assert await invoicexpress.listed("credit_note") == []
    found = await office.get(FIELDS, InvoiceIds=[445, 446, 448, 450])
    assert [(one["InvoiceId"], one["OrderStatus"]) for one in found] == [
        ("445", "Invoiced"),
        ("446", "Invoiced"),
        ("450", "Invoiced"),
    ], "a credit note of Resurs is no invoice"
    fields = ["InvoiceId", "OrderTotalIncVat", "CustomerId", "InvoiceRows"]
    everything = await office.get(fields, ["Name", "Quantity", "Price", "ProductId"], ChangedAfter="2013-01-01")
    assert sorted(int(one["InvoiceId"]) for one in everything) == [445, 446, 447, 449, 450, 451, 452]
    (own,) = [one for one in everything if one["InvoiceId"] == "445"]
    assert (own["OrderTotalIncVat"], own["InvoiceRows"]) == ("100.00", [{"Price": "80", "Quantity": "1"}])

    gateway, demo = client.server.gateway, TenantId("demo")
    entries = [entry async for entry in gateway.store.ledger(demo)]
    assert not ledger.verify(entries)[1]
    given = [(entry.number, entry.dialect) for entry in entries if entry.chain.line == INVOICE and entry.number]
    assert sorted(number for number, _ in given) == [445, 446, 447, 448, 449, 450, 451, 452]
    assert [number for number, dialect in given if dialect == "resurs"] == [445, 448, 450, 452]


async def test_finalizations_at_once_share_the_line_with_the_other_faces(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, invoicexpress = Resurs(client.session, address), InvoiceXpress(client.session, address)
    assert await resurs.set(445)
    payments = [f"P-{place}" for place in range(8)]
    for payment in payments:
        await resurs.book(payment)
    drafts = [await invoicexpress.draft() for _ in range(8)]
    refused = asyncio.gather(*(resurs.finalize(payment) for payment in payments))
    there = await asyncio.gather(*(invoicexpress.change(draft, "finalized") for draft in drafts))
    assert set(await refused) == {0}
    here = [int(number) for payment in payments for number in await resurs.numbers(payment)]
    assert sorted(here + [int(str(number).removesuffix("/main")) for number in there]) == list(range(445, 445 + 16))
