"""The lines of an issued invoice in the books, derived from its document. Pure. Source: TR-18.

The customer owes the total; what was sold goes to the account of its type group or tax code, its VAT to the account of the tax
code. Nothing of it is kept (ADR-81): only the document counts, and the catalogue as it now is.

A line is named by its place: 0 is the customer's, 1 the rounding, 2n and 2n + 1 are the sale and the VAT of the group of rows
that begins with row n.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from adapters.twentyfoursevenoffice.account.vouchers import VoucherLine
from adapters.twentyfoursevenoffice.orders.paid import total_of
from adapters.twentyfoursevenoffice.orders.plan import order_totals
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.orders.terms import due_day
from adapters.twentyfoursevenoffice.orders.view import date_invoiced
from adapters.twentyfoursevenoffice.transaction.settings import TransactionChoices
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.catalogue import Catalogue, TaxCode, TypeGroup
from gateway.core.documents import Document, Line, LineKind, Status
from gateway.core.totals import Amounts
from gateway.core.values import INVOICE, SeriesId

INVOICE_TYPE: Final = "InvoiceCustomer"
CREDIT_TYPE: Final = "CreditnoteCustomer"
CUSTOMER_PLACE: Final = 0
ROUNDING_PLACE: Final = 1
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_ZERO: Final = Decimal(0)
_EXACT: Final = Context(prec=200)


@dataclass(frozen=True, slots=True)
class Posting:
    """A line and its place in the invoice's books."""

    place: int
    line: VoucherLine


class Side(NamedTuple):
    """Where the rows of one group go.

    account, vat_account: numbers of accounts. tax: the tax code; None when none has the rows' rate.
    """

    account: int
    vat_account: int
    tax: TaxCode | None
    project: int
    department: int
    dimensions: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the lines of invoices depend on beside their documents.

    catalogue: with the products that the documents name.
    local: from a moment to the vendor's local time, see `Books.local`.
    """

    catalogue: Catalogue
    choices: TransactionChoices
    orders: OrderChoices
    local: Any


def is_posted(document: Document, series: SeriesId) -> bool:
    """Whether the document has lines in the books of the company with this series."""
    return (
        document.series == series
        and document.kind == INVOICE
        and document.line == INVOICE
        and document.status is Status.ISSUED
        and document.number is not None
    )


def has_place(document: Document, place: int) -> bool:
    """Whether a line of the invoice can have this place, whatever the catalogue says."""
    if place in (CUSTOMER_PLACE, ROUNDING_PLACE):
        return True
    return any(line.id == place // 2 for line in document.lines if line.kind is LineKind.NORMAL)


def products_of(documents: Iterable[Document]) -> frozenset[int]:
    """The products whose type groups decide about lines."""
    return frozenset(line.product for each in documents for line in each.lines if line.product is not None)


def moment_of_invoice(document: Document, rules: Rules) -> dt.datetime:
    """The date of the lines, in the vendor's local time."""
    kept = date_invoiced(document, document.extras.get(DIALECT, _NOTHING))
    if isinstance(kept, str):
        kept = dt.datetime.fromisoformat(kept)
    moment: dt.datetime = rules.local(document.changed if kept is None else kept)
    return moment


def postings(document: Document, rules: Rules) -> list[Posting]:
    """The lines, the customer's first. They sum up to zero."""
    own = document.extras.get(DIALECT, _NOTHING)
    total = total_of(document)
    common = _common(document, own, total, rules)
    totals, _ = order_totals(document.lines, own, rules.orders)
    lines = [Posting(CUSTOMER_PLACE, _customer_line(common, own, total, rules))]
    for first, side, amounts in _groups(document.lines, totals.lines, own, rules):
        lines += _group_lines(common, first, side, amounts)
    rest = _ZERO
    for each in lines:
        rest = _EXACT.add(rest, each.line.amount)
    if rest:
        rounding = replace(common, account=rules.choices.rounding_account, amount=rest.copy_negate())
        lines.insert(1, Posting(ROUNDING_PLACE, rounding))
    return lines


def _common(document: Document, own: Mapping[str, Any], total: Decimal, rules: Rules) -> VoucherLine:
    """What all lines of the invoice have in common."""
    number, currency = str(document.number), own.get("Currency", _NOTHING)
    word = "Faktura" if total >= 0 else "Kreditnota"
    return VoucherLine(
        moment_of_invoice(document, rules),
        rules.choices.receivable_account,
        _ZERO,
        customer=document.customer or 0,
        department=own.get("DepartmentId", 0),
        project=own.get("ProjectId", 0),
        invoice=number,
        comment=own.get("InvoiceTitle") or f"{word} {number}",
        currency=currency.get("Symbol", ""),
        rate=currency.get("Rate", Decimal(1)),
        unit=currency.get("Unit", 1),
        dimensions=_dimensions(own),
        system_type=INVOICE_TYPE if total >= 0 else CREDIT_TYPE,
    )


def _customer_line(common: VoucherLine, own: Mapping[str, Any], total: Decimal, rules: Rules) -> VoucherLine:
    """What the customer owes, until when, and the reference of the payment (TR-18)."""
    days = own.get("PaymentTime")
    day = None if days is None else due_day(common.moment.date(), days)
    due = None if day is None else dt.datetime.combine(day, common.moment.timetz())
    return replace(common, amount=total, account=rules.choices.receivable_account, due=due, ocr=own.get("OCR", ""))


def _group_lines(common: VoucherLine, first: int, side: Side, amounts: Amounts) -> Iterator[Posting]:
    tax = "" if side.tax is None else side.tax.number
    line = replace(
        common,
        account=side.account,
        amount=amounts.net.copy_negate(),
        project=side.project,
        department=side.department,
        dimensions=side.dimensions,
        tax=tax,
        tax_id=0 if side.tax is None else side.tax.id,
    )
    if amounts.net:
        yield Posting(2 * first, line)
    if amounts.vat:
        yield Posting(2 * first + 1, replace(line, account=side.vat_account, amount=amounts.vat.copy_negate()))


def _groups(
    lines: Sequence[Line], amounts: Sequence[Amounts], own: Mapping[str, Any], rules: Rules
) -> list[tuple[int, Side, Amounts]]:
    """Rows that go to the same place, each with the id of its first row, and what they come to."""
    found: dict[Side, tuple[int, Amounts]] = {}
    for line, each in zip(lines, amounts, strict=True):
        if line.kind is LineKind.TEXT:
            continue
        side = side_of(line, own, rules)
        first, sum_so_far = found.get(side, (line.id, Amounts()))
        found[side] = first, _added(sum_so_far, each)
    return [(first, side, sum_of) for side, (first, sum_of) in found.items()]


def _added(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(_EXACT.add(one.net, other.net), _EXACT.add(one.vat, other.vat), _EXACT.add(one.gross, other.gross))


def side_of(line: Line, order: Mapping[str, Any], rules: Rules) -> Side:
    """Where a row goes: its own settings, else its type group's, the order's, the product's. Source: R-70, TR-18."""
    row, catalogue = line.extras.get(DIALECT, _NOTHING), rules.catalogue
    settings = row.get("TaxSettings", _NOTHING)
    group = _group(line, row, order, catalogue)
    code = catalogue.tax_codes.get(settings.get("TaxCode", -1))
    if code is None and group is not None and group.tax_code is not None:
        code = catalogue.tax_codes.get(group.tax_code)
    taken = code if code is not None and code.rate == line.vat_rate else _code_of_rate(line.vat_rate, catalogue)
    named = taken if code is None else code
    of_group = group.account if group is not None else None
    account = settings.get("TaxAccount") or of_group or (named.account if named is not None else None)
    return Side(
        account or rules.choices.sales_account,
        (taken.account if taken is not None else None) or rules.choices.vat_account,
        taken,
        row.get("ProjectId", order.get("ProjectId", 0)),
        row.get("DepartmentId", order.get("DepartmentId", 0)),
        _dimensions(row) or _dimensions(order),
    )


def _group(line: Line, row: Mapping[str, Any], order: Mapping[str, Any], catalogue: Catalogue) -> TypeGroup | None:
    product = catalogue.products.get(line.product) if line.product is not None else None
    named = (row.get("TypeGroupId"), order.get("TypeOfSaleId"), None if product is None else product.type_group)
    groups = (catalogue.type_groups.get(each) for each in named if each is not None)
    return next((group for group in groups if group is not None), None) or catalogue.default_type_group


def _code_of_rate(rate: Decimal, catalogue: Catalogue) -> TaxCode | None:
    return next((code for code in catalogue.tax_codes.values() if code.rate == rate), None)


def _dimensions(own: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """The dimensions that users defined, of an order or row."""
    given = own.get("UserDefinedDimensions") or ()
    return tuple((each["TypeId"], each.get("Value", "")) for each in given if each and "TypeId" in each)
