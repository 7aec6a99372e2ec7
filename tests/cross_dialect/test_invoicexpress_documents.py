"""Documents that InvoiceXpress finalizes take their numbers from the line that the other dialects see and move."""

from __future__ import annotations

import random

import pytest

from gateway.core import ledger
from gateway.core.values import INVOICE, TenantId
from tests.conftest import MakeGateway, base_url
from tests.cross_dialect.faces import InvoiceXpress, Qq, Resurs


async def test_a_number_set_by_one_face_goes_to_a_document_of_another(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, qq = Resurs(client.session, address), Qq(client.session, address)
    invoicexpress = InvoiceXpress(client.session, address)
    assert await resurs.set(446)
    draft = await invoicexpress.draft()
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (446, 446, 445)
    assert await invoicexpress.change(draft, "finalized") == "446/main"
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (447, 447, 446)
    assert await invoicexpress.change(draft, "finalized") is None
    assert not await invoicexpress.update(7)
    assert not await resurs.set(446)
    assert await qq.set(500)
    assert await invoicexpress.change(await invoicexpress.draft(), "finalized") == "500/main"
    assert await invoicexpress.change(draft, "canceled", "Wrong client") == "446/main"
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (501, 501, 500)
    entries = [entry async for entry in client.server.gateway.store.ledger(TenantId("demo"))]
    recorded = [(e.operation, e.number, e.after, e.dialect) for e in entries if e.chain.line == INVOICE]
    assert recorded == [
        ("set", None, 446, "resurs"),
        ("issue", 446, 447, "invoicexpress"),
        ("set", None, 500, "qqsolutions"),
        ("issue", 500, 501, "invoicexpress"),
        ("void", 446, 501, "invoicexpress"),
    ]


async def test_an_unset_line_begins_with_1_and_a_cleared_one_never_repeats(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, invoicexpress = Resurs(client.session, address), InvoiceXpress(client.session, address)
    assert await resurs.next() is None
    assert await invoicexpress.change(await invoicexpress.draft(), "finalized") == "1/main"
    assert await resurs.next() == 2
    assert await resurs.set(None)
    draft = await invoicexpress.draft()
    assert await invoicexpress.change(draft, "finalized") is None  # 1 is taken
    assert await resurs.set(2)
    assert await invoicexpress.change(draft, "finalized") == "2/main"


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_moves_the_line_no_document_gets_a_number_twice(make_gateway: MakeGateway, seed: int) -> None:
    chance = random.Random(seed)
    client = await make_gateway()
    address = base_url(client)
    resurs, qq = Resurs(client.session, address), Qq(client.session, address)
    invoicexpress = InvoiceXpress(client.session, address)
    expected, given = 1, []
    for _ in range(40):
        match chance.choice(["finalize", "finalize", "resurs", "qq", "update"]):
            case "finalize":
                shown = await invoicexpress.change(await invoicexpress.draft(), "finalized")
                assert shown == f"{expected}/main"
                given.append(expected)
                expected += 1
            case "update":
                number = chance.randint(1, 60)
                done = await invoicexpress.update(number)
                assert done is not bool(given)
                expected = number + 1 if done else expected
            case face:
                number = chance.randint(1, 60)
                at = await resurs.next()
                moved = await (resurs if face == "resurs" else qq).set(number)
                assert moved == (at is None or number >= at)
                expected = number if moved else expected
    assert len(given) == len(set(given))
    entries = [entry async for entry in client.server.gateway.store.ledger()]
    assert [entry.number for entry in entries if entry.operation == "issue"] == given
    assert not ledger.verify(entries)[1]
