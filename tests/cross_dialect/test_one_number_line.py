"""One number line: what one dialect sets, the others show, in any order of calls."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from gateway.core import ledger
from tests.conftest import MakeGateway, base_url
from tests.cross_dialect.faces import InvoiceXpress, Qq, Resurs


@dataclass
class Line:
    """A model of the line.

    next: the next number, None while unset.
    """

    next: int | None = None

    def raise_to(self, number: int) -> bool:
        """Set the next number as a dialect does that refuses lower numbers."""
        if self.next is not None and number < self.next:
            return False
        self.next = number
        return True


async def test_set_by_one_face_is_seen_by_the_others(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    address = base_url(client)
    resurs, qq, invoicexpress = (
        Resurs(client.session, address),
        Qq(client.session, address),
        InvoiceXpress(client.session, address),
    )
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (None, 0, 0)
    assert await resurs.set(445)
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (445, 445, 444)
    assert await qq.set(500)
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (500, 500, 499)
    assert await invoicexpress.update(7)
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (8, 8, 7)
    assert not await resurs.set(7)
    assert not await qq.set(7)
    assert await resurs.set(None)
    assert (await resurs.next(), await qq.next(), await invoicexpress.current()) == (None, 0, 0)


@pytest.mark.parametrize("seed", range(12))
async def test_random_calls_through_all_faces_agree_with_the_model(make_gateway: MakeGateway, seed: int) -> None:
    chance = random.Random(seed)
    client = await make_gateway()
    address = base_url(client)
    resurs, qq, invoicexpress = (
        Resurs(client.session, address),
        Qq(client.session, address),
        InvoiceXpress(client.session, address),
    )
    line = Line()
    for _ in range(40):
        number = chance.randint(1, 60)
        match chance.choice(["resurs", "clear", "qq", "invoicexpress", "look", "look"]):
            case "resurs":
                assert await resurs.set(number) == line.raise_to(number)
            case "clear":
                assert await resurs.set(None)
                line.next = None
            case "qq":
                assert await qq.set(number) == line.raise_to(number)
            case "invoicexpress":
                assert await invoicexpress.update(number)
                line.next = number + 1
            case _:
                pass
        assert await resurs.next() == line.next
        assert await qq.next() == (line.next or 0)
        assert await invoicexpress.current() == ((line.next or 1) - 1)
    store = client.server.gateway.store
    count, findings = ledger.verify([entry async for entry in store.ledger()])
    assert count
    assert not findings
