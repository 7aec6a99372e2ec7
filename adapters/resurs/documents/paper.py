"""What the PDF of a diff shows: pure, so that the same payment always gives the same bytes. Source: P-113."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from adapters.resurs.documents.words import CURRENCIES, WORDS
from adapters.resurs.payments.model import Address, DiffType, Payment, Spec, SpecLine
from adapters.resurs.shop import Country, Language
from gateway.printing.document import Fact, PrintedDocument, Row
from gateway.printing.layout import STANDARD, Block, Column, Layout, Table
from gateway.printing.words import language_of
from schemas.resurs.configuration import InvoiceData

_LONGEST: Final = {"CustomerId": 20, "invoiceExtRef": 46}
"""Characters that are printed of metadata; the rest is cut. Source: section on addMetaData."""

_COLUMNS: Final = (
    Column("article", 62),
    Column("description", 150),
    Column("quantity", 55, right=True, places=None),
    Column("unit", 42),
    Column("price", 60, right=True),
    Column("vat", 42, right=True, places=None),
    Column("amount", 70, right=True),
)


def _with_own_columns(block: Block) -> Block:
    return replace(block, columns=_COLUMNS) if isinstance(block, Table) and block.table == "lines" else block


LAYOUT: Final[Layout] = replace(STANDARD, blocks=tuple(_with_own_columns(block) for block in STANDARD.blocks))
"""The usual page, with an article number and a unit for each line."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who makes the document, and where.

    sender: as it was set when the document was made; None shows the user name alone.
    """

    sender: InvoiceData | None
    country: Country
    language: Language
    zone: ZoneInfo


def paper_of(payment: Payment, position: int, issuer: Issuer) -> PrintedDocument:
    """The document that a diff has made.

    position: of the diff in the payment.
    """
    return _Paper(payment, position, issuer).printed()


class _Paper:
    """Collects what is printed of one diff."""

    def __init__(self, payment: Payment, position: int, issuer: Issuer) -> None:
        self._payment = payment
        self._diff = payment.diffs[position]
        self._earlier = payment.diffs[:position]
        self._issuer = issuer
        self._language = language_of(issuer.language, WORDS)
        self._word = self._language.word
        self._is_credit = self._diff.type is DiffType.CREDIT

    def printed(self) -> PrintedDocument:
        """Everything on the paper."""
        payment, sender, spec = self._payment, self._issuer.sender, self._diff.spec
        delivery = payment.delivery_address
        return PrintedDocument(
            language=self._language,
            seller=tuple(self._seller()),
            heading=f"{self._word('credit_note' if self._is_credit else 'invoice')} {self._diff.invoice_id or ''}".strip(),
            buyer=tuple(_address(payment.customer.address)),
            delivery=() if delivery is None else tuple(_address(delivery)),
            facts=tuple(Fact(self._word(name), value) for name, value in self._facts() if value),
            lines=tuple(map(_row, spec.lines)) or (self._sum_row(),),
            taxes=tuple(_taxes(spec)),
            totals=tuple(self._totals()),
            notes=tuple(self._notes()),
            logo=b"" if sender is None else sender.logotype,
        )

    def _seller(self) -> Iterator[str]:
        sender, word = self._issuer.sender, self._word
        if sender is None:
            yield self._payment.account
            return
        yield from (sender.name, sender.street, f"{sender.zipcode} {sender.city}", sender.country)
        yield f"{word('phone')} {sender.phone}"
        if sender.fax:
            yield f"{word('fax')} {sender.fax}"
        yield from (sender.email, sender.homepage)
        yield f"{word('organization')} {sender.orgnr}"
        yield f"{word('vat_registration')} {sender.vatreg}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Names of words, and values. A value that the document does not have is empty."""
        diff, day = self._diff, self._language.day
        shown = {key: value[: _LONGEST[key]] for key, value in diff.printed}
        yield "number", diff.invoice_id or ""
        yield "date", day(diff.document_date or diff.created.astimezone(self._issuer.zone).date())
        yield "credited", self._credited()
        yield "order", diff.order_id or ""
        yield "order_date", day(diff.order_date) if diff.order_date else ""
        yield "customer", shown.get("CustomerId", "")
        yield "your_reference", shown.get("invoiceExtRef", "")
        yield "payment", self._payment.id

    def _credited(self) -> str:
        """The invoice that is credited: the only one that there was."""
        numbers = [diff.invoice_id for diff in self._earlier if diff.type is DiffType.DEBIT and diff.invoice_id]
        return numbers[0] if self._is_credit and len(numbers) == 1 else ""

    def _sum_row(self) -> Row:
        """Stands for the lines of a diff that has none."""
        text = self._word("crediting" if self._is_credit else "purchase")
        return Row((None, text, None, None, None, None, _net(self._diff.spec)))

    def _totals(self) -> Iterator[Row]:
        spec, word = self._diff.spec, self._word
        parts: tuple[Spec | SpecLine, ...] = spec.lines or (spec,)
        net, vat = sum(map(_net, parts), Decimal(0)), sum((part.total_vat_amount for part in parts), Decimal(0))
        yield Row((word("net"), net))
        yield Row((word("vat_amount"), vat))
        if spec.total_amount != net + vat:
            yield Row((word("rounding"), spec.total_amount - net - vat))
        total = f"{word('credited_total' if self._is_credit else 'total')} {CURRENCIES[self._issuer.country]}"
        yield Row((total, spec.total_amount), bold=True)

    def _notes(self) -> Iterator[str]:
        yield self._word("creditor_credit" if self._is_credit else "creditor")
        sender, company_tax = self._issuer.sender, self._word("company_tax")
        if sender is not None and sender.companytaxnote and company_tax:
            yield company_tax


def _net(part: Spec | SpecLine) -> Decimal:
    return part.total_amount - part.total_vat_amount


def _row(line: SpecLine) -> Row:
    price = line.unit_amount_without_vat
    return Row((line.art_no, line.description, line.quantity, line.unit_measure, price, line.vat_pct, _net(line)))


def _taxes(spec: Spec) -> Iterator[Row]:
    """Basis and VAT by rate, the highest rate first. Without lines no rate is known."""
    if not spec.lines:
        yield Row((None, _net(spec), spec.total_vat_amount))
    for rate in sorted({line.vat_pct for line in spec.lines}, reverse=True):
        own = [line for line in spec.lines if line.vat_pct == rate]
        vat = sum((line.total_vat_amount for line in own), Decimal(0))
        yield Row((rate, sum(map(_net, own), Decimal(0)), vat))


def _address(address: Address) -> Iterator[str]:
    name = address.full_name or f"{address.first_name or ''} {address.last_name or ''}".strip()
    place = f"{address.postal_code} {address.postal_area}"
    yield from filter(None, (name, address.address_row1, address.address_row2, place, address.country))
