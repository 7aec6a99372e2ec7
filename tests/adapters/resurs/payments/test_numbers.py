"""Numbers of payments beside everything else that numbers: bounds, other dialects, other representatives, documents."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import pytest

from adapters.resurs.payments.numbering import whole_number
from gateway.core.commands import GetSeries, Issue, SearchDocuments
from gateway.core.documents import Document
from gateway.core.line_commands import Claim, SetBounds
from gateway.core.results import SeriesRead
from gateway.core.values import CREDIT_NOTE, INVOICE, MAX_NUMBER, CounterKey, Origin
from gateway.testing.memory_store import HandClock, MemoryState, MemoryStore
from tests.adapters.resurs.payments.shop import BY, DEMO, Shop, credit, finalize, opened, part, row

OTHER = Origin("qqsolutions", "other", "r")


@pytest.fixture
async def shop() -> Shop:
    clock = HandClock()
    made = await opened(MemoryStore(MemoryState(clock)), clock)
    for name in ("p", "q"):
        await made.book(name, "30")
    return made


def line_of(shop: Shop) -> CounterKey:
    return CounterKey(shop.series, INVOICE)


def memory(shop: Shop) -> MemoryState:
    return cast("MemoryStore", shop.service).state


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("445", 445),
        (str(MAX_NUMBER), MAX_NUMBER),
        (str(MAX_NUMBER + 1), None),
        ("9" * 5000, None),
        *((text, None) for text in ("", "00", "0445", "+5", "-5", " 5", "5.0", "1e3", "٣", "²", "A-1")),
    ],
)
def test_what_is_a_number_of_the_line(text: str, number: int | None) -> None:
    assert whole_number(text) == number


async def test_a_number_outside_of_the_bounds_is_refused_and_nothing_is_held(shop: Shop) -> None:
    await shop.service.execute(SetBounds(DEMO, line_of(shop), 400, 446, BY))
    for number in ("399", "447"):
        answer = await shop.ask("finalizePayment", finalize("p", number=number))
        assert (answer.error, answer.text) == (1, "Invalid value: invoiceId")
    await shop.good("finalizePayment", finalize("p", "10", "400"))
    assert (await shop.ask("creditPayment", credit("p", "1", "399"))).text == "Invalid value: creditNoteId"
    for _ in range(2):
        await shop.good("finalizePayment", finalize("p", "10"))
    answer = await shop.ask("finalizePayment", finalize("q"))
    assert (answer.error, answer.text) == (25, "The invoice sequence is exhausted")
    assert [number for _, _, number in await shop.diffs("p")] == ["", "400", "445", "446"]


@pytest.mark.parametrize("choice", ["never", "advance_to_max"])
async def test_the_last_number_of_a_line_by_hand(shop: Shop, choice: str) -> None:
    await shop.service.execute(SetBounds(DEMO, line_of(shop), None, 446, BY))
    other = shop.with_settings(explicit_number=choice)
    await other.good("finalizePayment", finalize("p", "10", "446"))
    assert await shop.peek() == 445, "there is nothing behind the last number"


async def test_nought_is_a_number_of_the_line_and_texts_are_none(shop: Shop) -> None:
    for number in ("0", "007", "12.0", "-3"):
        await shop.good("finalizePayment", finalize("p", "1", number))
    assert [
        issued for issued in (memory(shop).issued_number(line_of(shop), number) for number in (7, 12, 3)) if issued
    ] == []
    assert memory(shop).issued_number(line_of(shop), 0) is not None


async def test_each_document_has_the_next_number_in_its_name(shop: Shop) -> None:
    """A diff without a number has no document, and texts count like numbers. Source: P-110."""
    await shop.book("r", "30", "PARTPAYMENT")
    await shop.good("finalizePayment", finalize("p", "20"))
    await shop.good("finalizePayment", finalize("r"))
    await shop.good("creditPayment", credit("p", "5", "A-1"))
    await shop.good("finalizePayment", finalize("q"))
    names = [
        own.text or "" for name in "prq" for own in (await shop.payment(name)).iterfind("paymentDiffs/documentNames")
    ]
    assert [name.replace("20240229-130000", "now") for name in names] == [
        "INVOICE_now_1",
        "INVOICE_CREDITNOTE_now_2",
        "INVOICE_now_3",
    ]


async def test_an_unset_line_with_a_first_number_starts_there(shop: Shop) -> None:
    await shop.set(None)
    await shop.service.execute(SetBounds(DEMO, line_of(shop), 100, None, BY))
    await shop.with_settings(explicit_number="never").good("finalizePayment", finalize("q", "10", "100"))
    assert await shop.peek() is None
    assert (await shop.ask("finalizePayment", finalize("p"))).error == 29


async def test_other_dialects_take_numbers_of_the_same_line(shop: Shop) -> None:
    line = line_of(shop)
    issued = (await shop.service.execute(Issue(DEMO, line, "an order", "elsewhere", OTHER))).issued
    assert issued.number == 445
    await shop.good("finalizePayment", finalize("p"))
    assert (await shop.ask("finalizePayment", finalize("q", number="445"))).error == 29
    await shop.service.execute(Claim(DEMO, line, 448, "ahead", "elsewhere", OTHER))
    await shop.good("finalizePayment", finalize("q", "10"))
    assert (await shop.ask("finalizePayment", finalize("q"))).error == 29
    await shop.with_settings(skip_used=True).good("finalizePayment", finalize("q"))
    assert (await shop.diffs("q"))[-1][2] == "449"
    read: SeriesRead = await shop.service.read(GetSeries(DEMO, shop.series))
    assert (read.view.next_number(INVOICE), read.view.issued(INVOICE)) == (450, 5)


async def test_two_representatives_share_the_line_and_not_their_texts(shop: Shop) -> None:
    await shop.book("p", "30", name="demo-no")
    for name in ("demo-se", "demo-no"):
        await shop.good("finalizePayment", finalize("p", "10", "A-1"), name)
    await shop.good("finalizePayment", finalize("p", "10", "7"))
    answer = await shop.ask("finalizePayment", finalize("p", "10", "7"), "demo-no")
    assert (answer.error, answer.message) == (29, "Fakturanummer 7 finnes allerede.")


async def test_what_the_core_knows_of_a_number(shop: Shop) -> None:
    """Document and ledger name the payment, so that a client whose answer was lost can be helped."""
    await shop.good("finalizePayment", finalize("p", "20", orderId="O-7", invoiceDate="2026-12-24"))
    await shop.good("creditPayment", credit("p", "5"))
    await shop.good("creditPayment", credit("p", "5", "A-1"))
    documents = [one for one in (await shop.service.read(SearchDocuments(DEMO))).documents if isinstance(one, Document)]
    assert [(own.kind, own.number, own.line) for own in documents] == [
        (INVOICE, 445, INVOICE),
        (CREDIT_NOTE, 446, INVOICE),
    ]
    first = documents[0]
    assert first.extras["resurs"] == {
        "account": "demo-se",
        "payment": "p",
        "diff": 1,
        "orderId": "O-7",
        "delivery": "EMAIL",
    }
    assert str(first.document_date) == "2026-12-24"
    (line,) = first.lines
    assert [line.quantity, line.unit_price, line.vat_rate] == [Decimal(value) for value in (1, 16, 25)], (
        "an amount without rows is one row"
    )
    (entry,) = [entry for entry in memory(shop).ledger() if entry.number == 445]
    assert (entry.principal, "demo-se:p:1" in entry.key) == ("demo-se", True)


async def test_a_refused_one_leaves_nothing(shop: Shop) -> None:
    state = memory(shop)
    before = (len(state.documents), await shop.peek(), await shop.diffs("p"))
    assert (await shop.ask("finalizePayment", finalize("p", "99"))).error == 26
    wrong = part("2", (row("1"),), "0.2")
    assert (await shop.ask("finalizePayment", f"<paymentId>p</paymentId>{wrong}")).error == 1
    assert before == (len(state.documents), await shop.peek(), await shop.diffs("p"))
    await shop.good("finalizePayment", finalize("p"))
    assert (await shop.diffs("p"))[-1][2] == "445"
