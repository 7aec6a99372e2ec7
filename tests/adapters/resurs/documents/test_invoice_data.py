"""setInvoiceData and getInvoiceData: the whole record, its bounds, and that nothing is lost at the same time."""

from __future__ import annotations

import asyncio
import base64

import pytest

from adapters.resurs.invoice_data import LARGEST_LOGOTYPE, LONGEST_TEXT
from adapters.resurs.payments.model import DiffType
from tests.adapters.resurs.invoice_data import FIELDS, LOGO, sender
from tests.adapters.resurs.shop import Shop, basic, child, row, spec


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_get_gives_what_was_set_last(shop: Shop) -> None:
    assert await shop.error("getInvoiceData") == 8
    await shop.ask("setInvoiceData", sender(logotype=LOGO, name="Åke & Söner <AB>", modifiedby=""))
    answer = await shop.ask("getInvoiceData")
    assert base64.b64decode(child(answer, "logotype")) == LOGO
    expected = {**FIELDS, "name": "Åke & Söner <AB>", "modifiedby": ""}
    for name in FIELDS.keys() - {"logotype", "modifiedby"}:
        assert child(answer, name) == expected[name]
    places = [answer.index(f"<{name}") for name in FIELDS]
    assert places == sorted(places)
    # The whole record is replaced: what the next one leaves out is not there any more.
    await shop.ask("setInvoiceData", sender(fax=None, companytaxnote="0"))
    answer = await shop.ask("getInvoiceData")
    assert (child(answer, "name"), child(answer, "companytaxnote")) == ("Demo AB", "false")
    assert "<fax" not in answer
    assert await shop.error("getInvoiceData", login=basic("demo-no", "demo-secret")) == 8


async def test_an_empty_note_is_the_contracts_default(shop: Shop) -> None:
    await shop.ask("setInvoiceData", sender(companytaxnote=""))
    assert child(await shop.ask("getInvoiceData"), "companytaxnote") == "true"


@pytest.mark.parametrize("changed", [{"orgnr": None}, {"name": ""}, {"companytaxnote": "maybe"}, {"homepage": None}])
async def test_what_breaks_the_schema(shop: Shop, changed: dict[str, str | None]) -> None:
    assert await shop.error("setInvoiceData", sender(**changed)) == 500
    assert await shop.error("getInvoiceData") == 8


async def test_bounds(shop: Shop) -> None:
    widest = "\N{SLICE OF PIZZA}" * LONGEST_TEXT
    whole = {name: widest for name in FIELDS if name not in {"companytaxnote", "logotype"}}
    await shop.ask("setInvoiceData", sender(logotype=bytes(LARGEST_LOGOTYPE), **whole))
    assert child(await shop.ask("getInvoiceData"), "name") == widest
    assert await shop.error("setInvoiceData", sender(logotype=bytes(LARGEST_LOGOTYPE + 1))) == 1
    assert await shop.error("setInvoiceData", sender(street="x" * (LONGEST_TEXT + 1))) == 1
    assert child(await shop.ask("getInvoiceData"), "street") == widest


async def test_at_the_same_time_as_finalizations(shop: Shop) -> None:
    """No document, callback or sender is lost, and the last one that was set stands."""
    await shop.bench.arrange({"main": 445})
    for number in range(5):
        await shop.book(f"P-{number}", spec(row("CUP-1", "80")))
    made = [shop.add(f"P-{number}", DiffType.DEBIT, spec(row("CUP-1", "80"))) for number in range(5)]
    sets = [shop.ask("setInvoiceData", sender(name=f"Firm {number}")) for number in range(5)]
    both = [work for pair in zip(made, sets, strict=True) for work in pair]
    await asyncio.gather(*both)
    assert child(await shop.ask("getInvoiceData"), "name") == "Firm 4"
    payments = await asyncio.gather(*(shop.payment(f"P-{number}") for number in range(5)))
    assert sorted(payment.diffs[-1].document[-1] for payment in payments) == list("12345")
