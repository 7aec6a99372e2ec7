"""getPaymentDocumentNames and getPaymentDocument: which PDFs there are, what they show, and that they never change."""

from __future__ import annotations

import asyncio
import base64
import re
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.resurs.payments.model import Address, DiffType, Spec
from tests.adapters.resurs.invoice_data import LOGO, sender
from tests.adapters.resurs.shop import PART_PAYMENT, Shop, child, row, spec
from tests.printing.pdf_text import shown, texts

AFTER = "AfterShopFlowService"
CUPS = spec(row("CUP-1", "80", "2", description="Kopp, blå"), row("BOOK", "100", vat="6", description="Bok"))
SUM = Spec(Decimal(30), Decimal(6))


async def names(shop: Shop, payment: str = "P-1") -> list[str]:
    answer = await shop.ask("getPaymentDocumentNames", f"<paymentId>{payment}</paymentId>", AFTER)
    return re.findall("<return>(.*?)</return>", answer)


async def document(shop: Shop, name: str, payment: str = "P-1", login: str = "") -> bytes:
    inside = f"<paymentId>{payment}</paymentId><documentName>{name}</documentName>"
    answer = await shop.ask("getPaymentDocument", inside, AFTER, login)
    assert child(answer, "name") == name
    return base64.b64decode(child(answer, "pdfData"))


async def words(shop: Shop, position: int) -> list[str]:
    """The texts of one of the payment's documents, each as a piece of its own."""
    pages = texts(await document(shop, (await names(shop))[position]))
    return [piece for page in pages for piece in page.split("|")]


@pytest.fixture
async def shop() -> Shop:
    """Its next number is 445."""
    shop = Shop()
    await shop.bench.arrange({"main": 445})
    return shop


async def test_an_invoice_and_its_credit_note(shop: Shop) -> None:
    await shop.ask("setInvoiceData", sender(name="Café Ö & Co", logotype=LOGO))
    delivery = Address("Lagervägen 2", "Andra Staden", "54321", "SE", "Godsmottagningen")
    await shop.book("P-1", CUPS, delivery_address=delivery)
    await shop.note("P-1", ("CustomerId", "C-9" + "x" * 30), ("invoiceExtRef", "R" * 50), ("other", "hemlig"))
    dates = {"document_date": date(2024, 3, 31), "order_date": date(2024, 2, 1)}
    await shop.add("P-1", DiffType.DEBIT, CUPS, order_id="O-77", **dates)
    shop.forward(seconds=5)
    await shop.add("P-1", DiffType.CREDIT, spec(row("CUP-1", "80")))
    assert await names(shop) == ["INVOICE_20240229-130000_1", "INVOICE_CREDITNOTE_20240229-130005_2"]
    found = await words(shop, 0)
    for wanted in (
        *("Café Ö & Co", "Storgatan 1", "111 22 Stockholm", "Tel. 08-1", "Org.nr 556000-0000", "Momsreg.nr SE1"),
        *("Faktura 445", "445", "2024-03-31", "O-77", "2024-02-01", "C-9" + "x" * 17, "P-1"),
        *("Prov Testsson", "Provgatan 1", "12345 Provstad", "Godsmottagningen", "54321 Andra Staden"),
        *("CUP-1", "Kopp, blå", "2", "st", "80,00", "25", "160,00", "BOOK", "100,00", "6"),
        *("260,00", "46,00", "40,00", "6,00", "Att betala SEK", "306,00", "Godkänd för F-skatt"),
    ):
        assert shown(wanted) in found, (wanted, found)
    assert "".join(piece for piece in found if set(piece) == {"R"}) == "R" * 46  # on several lines
    assert "Resurs Bank" in " ".join(found)
    assert not {"hemlig", "Krediterar faktura"} & set(found)
    credit = await words(shop, 1)
    assert {"Kreditfaktura 446", "446", "Krediterar faktura", "445", "Krediterat belopp SEK", "100,00"} <= set(credit)
    assert "O-77" not in credit


async def test_a_valid_pdf_with_its_logo(shop: Shop) -> None:
    await shop.book("P-1", CUPS)
    await shop.add("P-1", DiffType.DEBIT, CUPS)
    await shop.ask("setInvoiceData", sender(logotype=LOGO))
    await shop.add("P-1", DiffType.DEBIT, CUPS)
    await shop.ask("setInvoiceData", sender(logotype=b"no image"))
    await shop.add("P-1", DiffType.DEBIT, CUPS)
    pdfs = [await document(shop, name) for name in await names(shop)]
    assert [b"/Subtype /Image" in pdf for pdf in pdfs] == [False, True, False]
    for pdf in pdfs:
        assert pdf.startswith(b"%PDF-")
        assert pdf.rstrip().endswith(b"%%EOF")


async def test_a_document_never_changes(shop: Shop) -> None:
    """Neither by a new sender, nor by new metadata, nor by what happens to the payment later."""
    await shop.ask("setInvoiceData", sender(name="Alfa AB"))
    await shop.book("P-1", CUPS)
    await shop.note("P-1", ("CustomerId", "C-1"))
    await shop.add("P-1", DiffType.DEBIT, SUM)
    await shop.add("P-1", DiffType.CREDIT, SUM)
    made = await names(shop)
    before = [await document(shop, name) for name in made]
    await shop.ask("setInvoiceData", sender(name="Beta AB"))
    await shop.note("P-1", ("CustomerId", "C-2"))
    await shop.add("P-1", DiffType.DEBIT, SUM)
    shop.forward(days=3)
    assert [await document(shop, name) for name in made] == before
    latest = await words(shop, 2)
    assert {"Beta AB", "C-2", "Faktura 447"} <= set(latest)
    assert not {"Alfa AB", "C-1"} & set(latest)


async def test_a_sender_counts_for_what_is_made_afterwards(shop: Shop) -> None:
    """Nothing is set, then two in a row, then one more: each document shows the one that stood when it was made."""
    await shop.book("P-1", CUPS)
    for set_before in ((), ("Alfa AB", "Beta AB"), (), ("Gamma AB",)):
        for name in set_before:
            await shop.ask("setInvoiceData", sender(name=name))
        await shop.add("P-1", DiffType.DEBIT, SUM)
    firms = {"demo-se", "Alfa AB", "Beta AB", "Gamma AB"}
    found = [firms & set(await words(shop, position)) for position in range(4)]
    assert found == [{"demo-se"}, {"Beta AB"}, {"Beta AB"}, {"Gamma AB"}]
    kept = [key for key in shop.bench.store.state.records if key.kind == "resurs.invoice_data"]
    assert len(kept) == 2


async def test_a_sum_without_lines(shop: Shop) -> None:
    await shop.book("P-1", CUPS)
    await shop.add("P-1", DiffType.DEBIT, SUM)
    assert {"Köp enligt order", "24,00", "6,00", "30,00"} <= set(await words(shop, 0))


async def test_a_total_that_is_not_the_sum_of_its_lines(shop: Shop) -> None:
    """Within the tolerance it stays as it was sent, so the paper shows the difference."""
    await shop.book("P-1", CUPS)
    lines = spec(row("CUP-1", "80"))
    await shop.add("P-1", DiffType.DEBIT, Spec(Decimal("100.04"), Decimal(20), lines.lines))
    assert {"Öresavrundning", "0,04", "100,04", "80,00", "20,00"} <= set(await words(shop, 0))


async def test_a_credit_note_names_the_only_invoice(shop: Shop) -> None:
    await shop.book("P-1", CUPS)
    for number in ("A-1", "A-2"):
        await shop.add("P-1", DiffType.DEBIT, SUM, number=number)
        await shop.add("P-1", DiffType.CREDIT, SUM, number=f"C-{number}")
    first, second = await words(shop, 1), await words(shop, 3)
    assert {"Kreditfaktura C-A-1", "Krediterar faktura", "A-1"} <= set(first)
    assert "Krediterar faktura" not in second


LANGUAGES = [
    ("demo-no", "Faktura 445", "Å betale NOK", "29.02.2024", None),
    ("demo-dk", "Faktura 445", "At betale DKK", "29.02.2024", "Registreret for selskabsskat"),
    ("demo-fi", "Lasku 445", "Maksettava EUR", "29.02.2024", "Merkitty ennakkoperintärekisteriin"),
]


@pytest.mark.parametrize(("username", "heading", "total", "day", "company_tax"), LANGUAGES)
async def test_the_language_of_the_country(
    shop: Shop, username: str, heading: str, total: str, day: str, company_tax: str | None
) -> None:
    who = f"Basic {base64.b64encode(f'{username}:demo-secret'.encode()).decode()}"
    await shop.ask("setInvoiceData", sender(), login=who)
    await shop.book("P-1", CUPS, username)
    made = await shop.add("P-1", DiffType.DEBIT, CUPS, username)
    (page,) = texts(await document(shop, made.diffs[-1].document, login=who))
    pieces = page.split("|")
    assert {heading, total, day} <= set(pieces)
    assert "Resurs Bank" in page
    assert company_tax is None or company_tax in pieces
    assert "F-skatt" not in page


async def test_what_has_no_documents(shop: Shop) -> None:
    """Methods that do not invoice, a booking, and a finalization without number."""
    await shop.book("P-1", CUPS, method=PART_PAYMENT)
    await shop.add("P-1", DiffType.DEBIT, CUPS)
    assert await names(shop) == []
    await shop.book("P-2", CUPS)
    assert await names(shop, "P-2") == []
    await shop.ask("setInvoiceSequence")
    await shop.add("P-2", DiffType.DEBIT, CUPS)
    assert await names(shop, "P-2") == []


async def test_what_is_not_there(shop: Shop) -> None:
    await shop.book("P-1", CUPS)
    made = await shop.add("P-1", DiffType.DEBIT, CUPS)
    name = made.diffs[-1].document
    other = f"Basic {base64.b64encode(b'demo-no:demo-secret').decode()}"
    for payment, wanted, login in (("P-2", name, ""), ("P-1", "INVOICE_1", ""), ("P-1", "", ""), ("P-1", name, other)):
        inside = f"<paymentId>{payment}</paymentId><documentName>{wanted}</documentName>"
        failed = await shop.error("getPaymentDocument", inside, AFTER, login)
        assert failed == (8 if wanted else 500), (payment, wanted)
    assert await shop.error("getPaymentDocumentNames", "<paymentId>P-2</paymentId>", AFTER) == 8


async def test_without_a_pdf_writer_a_clear_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.book("P-1", CUPS)
    made = await shop.add("P-1", DiffType.DEBIT, CUPS)
    monkeypatch.setitem(sys.modules, "reportlab.platypus", None)
    inside = f"<paymentId>P-1</paymentId><documentName>{made.diffs[-1].document}</documentName>"
    reply, _ = await shop.send("getPaymentDocument", inside, AFTER)
    answer = str(reply.body)
    assert (reply.status, "<errorTypeId>3<" in answer, "no PDF writer installed" in answer) == (500, True, True)


async def test_numbers_of_documents_are_the_accounts_own(shop: Shop) -> None:
    """Made at once, they are 1, 2 … without a hole; another account counts for itself."""
    made: list[Any] = []
    for number in range(4):
        await shop.book(f"P-{number}", CUPS)
    made += await asyncio.gather(*(shop.add(f"P-{number}", DiffType.DEBIT, CUPS) for number in range(4)))
    await shop.book("N-1", CUPS, "demo-no")
    made.append(await shop.add("N-1", DiffType.DEBIT, CUPS, "demo-no"))
    found = [payment.diffs[-1].document.rpartition("_")[2] for payment in made]
    assert sorted(found[:4]) == ["1", "2", "3", "4"]
    assert found[4] == "1"
