"""The printed invoice: what it shows, in which words, and that it never changes."""

from __future__ import annotations

import base64
import re
import sys
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from adapters.twentyfoursevenoffice.pdf.layout import PdfUnavailableError, PrintedInvoice, PrintedLine, write_pdf
from adapters.twentyfoursevenoffice.pdf.words import LANGUAGES, language_of
from gateway.core.commands import Expect, IssueRequest, SaveDocument, SaveDocuments, Void
from gateway.core.documents import Document, Line, LineKind
from gateway.core.values import INVOICE, CounterKey, Origin, SeriesId, TenantId
from tests.adapters.twentyfoursevenoffice.tenants import INVOICES, TENANTS, log_in, post
from tests.conftest import MakeGateway, only

TEMPLATE_PT = "0b0e9f52-2a57-4f0a-8a5c-3f1f0f2d9b02"
TEST = Origin("test", "pdf", "")


def texts(pdf: bytes) -> list[str]:
    """Every text that a PDF shows, page by page, without the word and line breaks of its layout."""
    pages = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        strings = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content)
        pages.append("|".join(_unescaped(string) for string in strings))
    return pages


def _unescaped(string: bytes) -> str:
    octal = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), string)
    return re.sub(rb"\\(.)", rb"\1", octal).decode("cp1252").strip()


def shown(text: str) -> str:
    """A text in the form in which `texts` finds it: a space that does not break looks like any other."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


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


# --- layout -----------------------------------------------------------------------------------------------------------


LINE = PrintedLine("A line", quantity=Decimal(1), price=Decimal(2), vat_rate=Decimal(25), amount=Decimal(2))


def an_invoice(language: str = "en", **changes: Any) -> PrintedInvoice:
    whole = PrintedInvoice(
        language=language_of(language),
        seller="Seller",
        heading="Invoice 1",
        addressee=("Somebody",),
        delivery=(),
        facts=(("Number", "1"),),
        title="",
        text="",
        currency="EUR",
        lines=(LINE,),
        vat=((Decimal(25), Decimal(2), Decimal("0.5")),),
        sums=(("Total", Decimal("1234567.5")),),
    )
    return replace(whole, **changes)


def test_letters_of_all_languages_are_shown() -> None:
    letters = "æøå ÆØÅ äö ÄÖ šž ç ã õ á é í ó ú â ê ô à ÇÃÕ € – “”"
    assert letters in texts(write_pdf(an_invoice(addressee=(letters,))))[0]


@pytest.mark.parametrize(("given", "shown"), [("Łódź", "?ódz"), ("Ω", "?"), ("a\x00b\x1fc", "a b c"), ("İ", "I")])
def test_what_the_fonts_lack(given: str, shown: str) -> None:
    assert shown in texts(write_pdf(an_invoice(addressee=(given,))))[0].split("|")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words(language: str) -> None:
    own = language_of(language)
    (page,) = texts(write_pdf(an_invoice(language)))
    assert own.word("description") in page
    assert shown(own.amount(Decimal("1234567.5"))) in page
    assert len(set(own.words.values())) > 20


AMOUNTS = [
    ("no", "1\N{NO-BREAK SPACE}234,50"),
    ("sv", "1\N{NO-BREAK SPACE}234,50"),
    ("fi", "1\N{NO-BREAK SPACE}234,50"),
    ("da", "1.234,50"),
    ("pt", "1.234,50"),
    ("en", "1,234.50"),
]


@pytest.mark.parametrize(("language", "text"), AMOUNTS)
def test_amounts(language: str, text: str) -> None:
    assert language_of(language).amount(Decimal("1234.5")) == text


@pytest.mark.parametrize(("value", "text"), [("0", "0"), ("-0", "0"), ("100", "100"), ("2.50", "2.5"), ("1E+2", "100")])
def test_quantities_have_no_more_places_than_they_need(value: str, text: str) -> None:
    assert language_of("en").amount(Decimal(value), None) == text


@pytest.mark.parametrize(
    ("code", "language"),
    [("nb", "no"), ("nn-NO", "no"), ("PT_br", "pt"), ("sv", "sv"), ("de", "en"), ("", "en"), ("da-DK", "da")],
)
def test_language_codes(code: str, language: str) -> None:
    assert language_of(code) is LANGUAGES[language]


def test_many_lines_go_on_to_further_pages() -> None:
    pages = texts(write_pdf(an_invoice(lines=(LINE,) * 120)))
    assert len(pages) > 2
    assert sum(page.count("A line") for page in pages) == 120
    assert [f"Page {number}" in page for number, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert all("Description" in page for page in pages[:-1])


def test_a_text_longer_than_a_page_is_possible() -> None:
    pages = texts(write_pdf(an_invoice(text="word " * 5000)))
    assert len(pages) > 1
    pages = texts(write_pdf(an_invoice(lines=(PrintedLine("word " * 3000),))))
    assert sum(page.count("word") for page in pages) == 3000


def test_without_reportlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reportlab.platypus", None)
    with pytest.raises(PdfUnavailableError):
        write_pdf(an_invoice())
