"""GetInvoiceDocument: an invoice of the company as a PDF. Source: R-53 to R-55."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.orders.customer import fill_in
from adapters.twentyfoursevenoffice.orders.plan import date_of, order_totals
from adapters.twentyfoursevenoffice.orders.properties import Values
from adapters.twentyfoursevenoffice.orders.terms import due_day
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.catalogue import Catalogue, Template
from gateway.core.catalogue_records import catalogue_naming
from gateway.core.commands import SearchDocuments
from gateway.core.documents import Document, Line, LineKind, Status
from gateway.core.search import DocumentFilter
from gateway.core.totals import Amounts, Totals
from gateway.core.values import INVOICE
from gateway.printing.document import Fact, PrintedDocument, Row
from gateway.printing.layout import STANDARD
from gateway.printing.pdf import PdfUnavailableError, write_pdf
from gateway.printing.words import Language, language_of
from schemas.twentyfoursevenoffice import messages as m

_BY_COUNTRY: Final = {"NO": "no", "SE": "sv", "DK": "da", "FI": "fi", "PT": "pt", "BR": "pt"}
LAYOUT: Final = replace(STANDARD, compressed=True)


async def get_invoice_document(work: Work, message: m.GetInvoiceDocument) -> m.GetInvoiceDocumentResponse:
    """The PDF, made in a thread. Raises OperationFault for an invoice or template that does not exist."""
    wanted = message.parameters or m.InvoiceDocumentSearchParameters()
    document = await _find(work, wanted.invoice_id)
    customers = () if document.customer is None or DIALECT in document.extras else (document.customer,)
    catalogue = await catalogue_naming(work.context.service, work.identity.tenant, customers)
    template = _template(catalogue, wanted.template_id, document)
    invoice = _Printer(work, catalogue, document, template).printed()
    try:
        return m.GetInvoiceDocumentResponse(result=await asyncio.to_thread(write_pdf, invoice, LAYOUT))
    except PdfUnavailableError:
        raise OperationFault("pdf_unavailable") from None


async def _find(work: Work, number: int) -> Document:
    member = work.identity
    where = DocumentFilter(numbers=(number,), series=(member.series,), lines=(INVOICE,), kinds=(INVOICE,))
    found = await work.context.service.read(SearchDocuments(member.tenant, where, limit=1))
    if not found.documents:
        raise OperationFault("invoice_unknown", id=number)
    return found.documents[0]


def _template(catalogue: Catalogue, asked: UUID, document: Document) -> Template | None:
    """The template that the request asks for, else the order's, else the customer's own, else the default one. Source: R-55."""
    if asked.int:
        if str(asked) not in catalogue.templates:
            raise OperationFault("template_unknown", id=asked)
        return catalogue.templates[str(asked)]
    own = catalogue.templates.get(document.extras.get(DIALECT, {}).get("InvoiceTemplateId", ""))
    if own is not None:
        return own
    for template in catalogue.templates.values():
        if document.customer in template.customers:
            return template
    return catalogue.default_template


class _Printer:
    """Collects what is printed of one document, which any dialect may have made."""

    def __init__(self, work: Work, catalogue: Catalogue, document: Document, template: Template | None) -> None:
        self._document = document
        self._catalogue = catalogue
        self._seller = work.identity.client.name
        self._choices = work.settings.orders
        self._order: Values = dict(document.extras.get(DIALECT, {}))
        customer = self._catalogue.customers.get(document.customer or 0)
        if DIALECT not in document.extras and customer is not None:
            fill_in(self._order, customer)
        self._addresses: Mapping[str, Any] = self._order.get("Addresses", {})
        self._language = self._language_of(template)

    def _language_of(self, template: Template | None) -> Language:
        if template is not None:
            return language_of(template.language)
        country = next((each["Country"] for each in self._addresses.values() if "Country" in each), "")
        return language_of(_BY_COUNTRY.get(country, "en"))

    def printed(self) -> PrintedDocument:
        """Everything on the paper."""
        totals, included = order_totals(self._document.lines, self._order, self._choices)
        order, word = self._order, self._language.word
        return PrintedDocument(
            language=self._language,
            seller=(self._seller,),
            heading=self._heading(totals),
            buyer=(order.get("CustomerName", ""), *self._address("Invoice", "Post", "Visit")),
            delivery=self._delivery(),
            facts=tuple(Fact(word(name), value) for name, value in self._facts() if value),
            subject=order.get("InvoiceTitle", ""),
            text=order.get("InvoiceText", ""),
            lines=tuple(self._lines(totals, included)),
            taxes=tuple(Row((each.rate, each.amounts.net, each.amounts.vat)) for each in totals.by_rate),
            totals=tuple(self._totals(totals)),
        )

    def _totals(self, totals: Totals) -> Iterator[Row]:
        word = self._language.word
        yield Row((word("net"), totals.net))
        yield Row((word("vat_amount"), totals.vat))
        if totals.rounding:
            yield Row((word("rounding"), totals.rounding))
        currency = self._order.get("Currency", {}).get("Symbol", "") or self._choices.currency
        yield Row((f"{word('total')} {currency}", totals.gross), bold=True)

    def _heading(self, totals: Totals) -> str:
        kind = self._language.word("credit_note" if totals.gross < 0 else "invoice")
        void = f" ({self._language.word('void')})" if self._document.status is Status.VOID else ""
        return f"{kind} {self._document.number}{void}"

    def _address(self, *kinds: str) -> tuple[str, ...]:
        """The lines of the address of the first of these kinds that the order has."""
        address: Mapping[str, str] = next((self._addresses[kind] for kind in kinds if self._addresses.get(kind)), {})
        area = address.get("PostalArea", "") or address.get("City", "")
        lines = (
            address.get("Name", ""),
            address.get("Street", ""),
            f"{address.get('PostalCode', '')} {area}".strip(),
            address.get("State", ""),
            address.get("Country", ""),
        )
        return tuple(line for line in lines if line)

    def _delivery(self) -> tuple[str, ...]:
        name = self._order.get("CustomerDeliveryName", "")
        address = self._address("Delivery")
        return (name, *address) if name else address

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Names of words, and values. A value that the invoice does not have is empty."""
        order, day = self._order, self._day()
        yield "number", str(self._document.number)
        yield "date", self._language.day(day) if day else ""
        yield "due", self._due(day)
        yield "customer", _text(self._document.customer)
        yield "organization", order.get("CustomerOrgNo", "")
        yield "order", str(self._document.id)
        employee = self._catalogue.employees.get(order.get("OurReference", 0))
        yield "our_reference", employee.name if employee else _text(order.get("OurReference"))
        yield "your_reference", order.get("YourReference", "")
        yield "reference", order.get("ReferenceNumber", "")
        yield "credited", _text(order.get("ReferenceInvoiceId"))
        yield "payment_id", order.get("OCR", "")

    def _day(self) -> dt.date | None:
        moment = self._order.get("DateInvoiced")
        return self._document.document_date if moment is None else date_of(moment)

    def _due(self, day: dt.date | None) -> str:
        days = self._order.get("PaymentTime")
        if day is None or days is None:
            return ""
        due = due_day(day, days)
        return "" if due is None else self._language.day(due)

    def _lines(self, totals: Totals, included: bool) -> Iterator[Row]:
        for line, amounts in zip(self._document.lines, totals.lines, strict=True):
            own = line.extras.get(DIALECT, {})
            if own.get("Hidden", False):
                continue
            if line.kind is LineKind.TEXT:
                yield Row((line.description,), bold=own.get("Type") == "TextBold")
            else:
                yield _row(line, amounts, included)


def _row(line: Line, amounts: Amounts, included: bool) -> Row:
    amount = amounts.gross if included else amounts.net
    discount = line.discount_percent or None
    return Row((line.description, line.quantity, line.unit_price, discount, line.vat_rate, amount))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
