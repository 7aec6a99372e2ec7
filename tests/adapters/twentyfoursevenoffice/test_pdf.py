"""The printed invoice: what it shows, in which words, and that it never changes."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.mapping.pdf import LAYOUT
from gateway.core.commands import Expect, IssueRequest, SaveDocument, SaveDocuments, Void
from gateway.core.documents import Document, Line, LineKind
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from gateway.printing.document import Fact, PrintedDocument, Row
from gateway.printing.pdf import write_pdf
from gateway.printing.words import language_of
from tests.adapters.twentyfoursevenoffice.tenants import INVOICES, TENANTS, log_in, post
from tests.conftest import MakeGateway, only
from tests.printing.pdf_text import texts

TEMPLATE_PT = "0b0e9f52-2a57-4f0a-8a5c-3f1f0f2d9b02"
TEST = Origin("test", "pdf", "")
KNOWN = {"5.1.0": "4a7ff2ce51cb091ad187a6ce9cf13fba36a92d63a47bff1db9e8fee4ade82895"}
"""The digest that each version of reportlab gives."""


ROWS = (
    "<InvoiceRow><ProductId>1</ProductId><Price>100</Price><Name>Robåt</Name><Quantity>2</Quantity></InvoiceRow>"
    "<InvoiceRow><ProductId>5</ProductId><Price>50.50</Price><Name>Ferske reker</Name><DiscountRate>10</DiscountRate>"
    "<Quantity>3</Quantity></InvoiceRow>"
    "<InvoiceRow><Name>Bare tekst</Name><Type>Text</Type></InvoiceRow>"
    "<InvoiceRow><ProductId>1</ProductId><Price>7</Price><Name>Skjult</Name><Quantity>1</Quantity><Hidden>true</Hidden>"
    "</InvoiceRow>"
)


def order(customer: int = 1, more: str = "", rows: str = ROWS) -> str:
    return (
        f"<invoices><InvoiceOrder><CustomerId>{customer}</CustomerId><OrderStatus>Invoiced</OrderStatus>"
        f"<DateInvoiced>2020-12-24T00:00:00</DateInvoiced>{more}<InvoiceRows>{rows}</InvoiceRows>"
        "</InvoiceOrder></invoices>"
    )


async def invoice(client: TestClient, session: str, content: str) -> int:
    """Make an invoice; returns its number."""
    status, text = await post(client, INVOICES, "SaveInvoices", content, session)
    found = re.search(r"<InvoiceId>(\d+)<", text)
    assert status == 200, text
    assert found, text
    return int(found[1])


async def printed(client: TestClient, session: str, number: int, template: str = "") -> bytes:
    """The document of an invoice."""
    chosen = f"<TemplateId>{template}</TemplateId>" if template else ""
    inner = f"<Parameters><InvoiceId>{number}</InvoiceId>{chosen}</Parameters>"
    status, text = await post(client, INVOICES, "GetInvoiceDocument", inner, session)
    assert status == 200, text
    return base64.b64decode(text.partition("<GetInvoiceDocumentResult>")[2].partition("<")[0])


@pytest.fixture
async def client(make_gateway: MakeGateway) -> TestClient:
    return await make_gateway({**only("twentyfoursevenoffice"), "tenants": TENANTS})


async def test_an_invoice_in_norwegian(client: TestClient) -> None:
    session = await log_in(client)
    more = (
        "<InvoiceTitle>Tittel &lt;b&gt; &amp; co</InvoiceTitle><InvoiceText>Linje 1\nLinje 2</InvoiceText>"
        "<OurReference>1</OurReference><YourReference>Frøken Å</YourReference><OCR>123456</OCR><RoundFactor>1.0</RoundFactor>"
    )
    number = await invoice(client, session, order(more=more))
    (page,) = texts(await printed(client, session, number))
    words = page.split("|")
    for wanted in (
        *("Demo AS", f"Faktura {number}", "Bjørnstad Båtbyggeri AS", "Postboks 12", "4841 Arendal", "Bjørnstad Slipp"),
        *("Sjøgata 7", "24.12.2020", "07.01.2021", "987654325", "Åse Ødegård", "Frøken Å", "123456"),
        *("Linje 1", "Linje 2", "Robåt", "Ferske reker", "Bare tekst", "Å betale NOK", "Side 1"),
        *("50,50", "136,35", "10", "15", "25", "343,35", "72,20", "207,00", "51,75", "20,45", "0,45", "416,00"),
    ):
        assert wanted in words, (wanted, page)
    assert "Tittel <b> & co" in page.replace("|", "")
    assert "Skjult" not in page


async def test_the_language_is_the_templates(client: TestClient) -> None:
    """The language asked for, else the order's, else the customer's, else the default."""
    session = await log_in(client)
    template = f"<InvoiceTemplateId>{TEMPLATE_PT}</InvoiceTemplateId>"
    norwegian, own = await invoice(client, session, order()), await invoice(client, session, order(more=template))
    customers = await invoice(client, session, order(customer=3))
    assert f"Faktura {norwegian}" in texts(await printed(client, session, norwegian))[0]
    for number, asked in ((norwegian, TEMPLATE_PT), (own, ""), (customers, "")):
        (page,) = texts(await printed(client, session, number, asked))
        assert f"Fatura {number}" in page
        assert "Descrição" in page
    assert "Conceição & Irmãos, Lda." in page
    assert "24/12/2020" in page


async def test_the_same_bytes_every_time(client: TestClient) -> None:
    session = await log_in(client)
    number, other = await invoice(client, session, order()), await invoice(client, session, order())
    first = await printed(client, session, number)
    assert first == await printed(client, session, number)
    assert first != await printed(client, session, other)


async def test_a_credit_note(client: TestClient) -> None:
    session = await log_in(client)
    number = await invoice(client, session, order())
    rows = "<InvoiceRow><ProductId>1</ProductId><Price>100</Price><Quantity>-2</Quantity></InvoiceRow>"
    reference = f"<ReferenceInvoiceId>{number}</ReferenceInvoiceId>"
    credit = await invoice(client, session, order(more=reference, rows=rows))
    words = texts(await printed(client, session, credit))[0].split("|")
    assert {f"Kreditnota {credit}", "Krediterer faktura", str(number), "-250,00"} <= set(words)


async def test_what_other_dialects_issued(client: TestClient) -> None:
    """An invoice without any property of this vendor, and one that is void."""
    store = client.server.gateway.store
    lines = (
        Line("Konsulent", Decimal("1.5"), Decimal(1000), vat_rate=Decimal(25)),
        Line("Takk!", kind=LineKind.TEXT),
    )
    document = Document(TenantId("demo"), series=SeriesId(1), customer=4, document_date=date(2021, 1, 31), lines=lines)
    issue = IssueRequest("k", start_if_unset=7)
    saved = await store.execute(
        SaveDocuments(TenantId("demo"), (SaveDocument(document, Expect.NEW, issue=issue),), TEST)
    )
    number = saved.saved[0].document.number
    session = await log_in(client)
    (page,) = texts(await printed(client, session, number))
    for wanted in ("Faktura 7", "Smørrebrød på Østerbro ApS", "31.01.2021", "08.02.2021", "Takk!", "1,5"):
        assert wanted in page.split("|"), (wanted, page)
    assert "875,00" in page
    await store.execute(Void(TenantId("demo"), CounterKey(SeriesId(1), INVOICE), number, TEST))
    assert "Faktura 7 (Annullert)" in texts(await printed(client, session, number))[0]


async def test_only_the_companys_own_invoices(client: TestClient) -> None:
    session = await log_in(client)
    number = await invoice(client, session, order())
    for identity in ("other", "shop"):
        theirs = await log_in(client, identity)
        inner = f"<Parameters><InvoiceId>{number}</InvoiceId></Parameters>"
        status, text = await post(client, INVOICES, "GetInvoiceDocument", inner, theirs)
        assert (status, f"InvoiceId {number} was not found" in text) == (500, True)


async def test_a_template_that_is_not_there(client: TestClient) -> None:
    session = await log_in(client)
    number = await invoice(client, session, order())
    unknown = TEMPLATE_PT.replace("0b", "0c")
    inner = f"<Parameters><InvoiceId>{number}</InvoiceId><TemplateId>{unknown}</TemplateId></Parameters>"
    status, text = await post(client, INVOICES, "GetInvoiceDocument", inner, session)
    assert (status, f"Template with Id {unknown} was not found." in text) == (500, True)


async def test_without_reportlab_a_clear_fault(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await log_in(client)
    number = await invoice(client, session, order())
    monkeypatch.setitem(sys.modules, "reportlab.platypus", None)
    inner = f"<Parameters><InvoiceId>{number}</InvoiceId></Parameters>"
    status, text = await post(client, INVOICES, "GetInvoiceDocument", inner, session)
    assert (status, "no PDF writer installed" in text) == (500, True)


def test_the_bytes_of_the_first_version() -> None:
    """The layout gives what it always gave; without compression, so that no other library has a say."""
    line = Row(("A line", Decimal(1), Decimal("3.456"), Decimal(10), Decimal(25), Decimal("-1234.5")))
    document = PrintedDocument(
        language=language_of("no"),
        seller=("Demo AS",),
        heading="Faktura 1",
        buyer=("Bjørnstad Båtbyggeri AS", "Postboks 12"),
        delivery=("Slipp", "Sjøgata 7"),
        facts=(Fact("Fakturanr.", "1"), Fact("Fakturadato", "24.12.2020")),
        subject="Tittel <b> & co",
        text="Linje 1\nLinje 2",
        lines=(line, Row(("Bare tekst",)), Row(("Fet tekst",), bold=True), *[line] * 60),
        taxes=(Row((Decimal(25), Decimal(2), Decimal("0.5"))),),
        totals=(Row(("Sum", Decimal(2))), Row(("Å betale NOK", Decimal("1234567.5")), bold=True)),
    )
    assert LAYOUT.compressed
    found = hashlib.sha256(write_pdf(document, replace(LAYOUT, compressed=False))).hexdigest()
    assert KNOWN.get(importlib.metadata.version("reportlab"), found) == found
