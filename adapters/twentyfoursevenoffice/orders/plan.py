"""The vendor's rules about orders: from a message, the stored order and the catalogue to the order that is to be saved.

Pure functions: no I/O, no clock. `make_plan` gives the documents to save, or raises OrderRefused for the item. Properties
of the vendor that have no canonical field are kept in `Document.extras` under the dialect's name, in the form of
`properties` (ADR-12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from adapters.twentyfoursevenoffice.orders.checks import check_accrual, check_order
from adapters.twentyfoursevenoffice.orders.context import Terms
from adapters.twentyfoursevenoffice.orders.customer import (
    FROM_CARD,
    clear_gln,
    fill_in,
    name_delivery,
    without_empty_addresses,
)
from adapters.twentyfoursevenoffice.orders.distribution import DISTRIBUTION, settle_distribution
from adapters.twentyfoursevenoffice.orders.properties import ORDER, Values, without
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused, invalid
from adapters.twentyfoursevenoffice.orders.rest import NOT_KEPT_IN_REST, RESTING_STATES, split_rest
from adapters.twentyfoursevenoffice.orders.rows import changed_lines, new_lines
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.orders.vat import vat_rate
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.documents import MAX_DOCUMENT_ID, UNASSIGNED, Document, DocumentId, Line, LineKind, Status
from gateway.core.totals import Rounding, Totals, document_totals
from gateway.core.values import INVOICE, SeriesId
from schemas.twentyfoursevenoffice.messages import INTMIN, InvoiceOrder, OrderSlipStateType

READ_ONLY: Final = frozenset(
    {"OrderId", "InvoiceId", "DateChanged", "OrderTotalIncVat", "OrderTotalVat", "APIException", "InvoiceRows"}
)
"""Properties that a message may hold but that never change the order. Source: R-62. Rows have rules of their own."""
IN_DOCUMENT: Final = frozenset({"CustomerId", "OrderStatus", "ExternalStatus"})
"""Properties that the canonical document has fields for."""
RESET: Final = frozenset({"SkipStock"})
"""Properties whose "not set" is a value of its own. An update without them sets that value. Inferred from R-69."""
BOOKS: Final = f"{DIALECT}.books"
"""Under this name a document keeps `Registered`, the moment at which it became an invoice."""
LARGEST: Final = Decimal(2**96 - 1)
"""The largest amount that .NET's decimal holds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The order that is to be saved.

    before: the document that it replaces; None for a new one.
    invoiced: the date of the invoice that it becomes; None when it stays an order.
    rest: a further, new order for what is not delivered.
    """

    document: Document
    before: Document | None = None
    invoiced: date | None = None
    rest: Document | None = None


def make_plan(message: InvoiceOrder, stored: Document | None, terms: Terms) -> Plan:
    """Work out what to save. Raises OrderRefused.

    stored: the document that has the order's id; None when there is none.
    """
    if stored is not None:
        _refuse_locked(stored, terms)
    sent = _sent(message)
    check_order(sent, terms.catalogue)
    without_empty_addresses(sent)
    name_delivery(sent)
    rows = message.invoice_rows or ()
    if stored is None:
        properties, lines = _new_properties(sent, terms), new_lines(rows, terms)
        document = Document(terms.tenant, INVOICE, Status.OPEN, series=terms.series, id=_new_id(message))
    else:
        properties, lines = _changed_properties(sent, stored, terms), changed_lines(rows, stored.lines, terms)
        document = replace(stored, status=Status.OPEN, series=terms.series)
    clear_gln(properties)
    check_accrual(properties)
    return _completed(document, stored, message.order_status, properties, lines, terms)


def _sent(message: InvoiceOrder) -> Values:
    return without(ORDER.given(message), READ_ONLY)


def _new_id(message: InvoiceOrder) -> DocumentId:
    """The id of a new order. One that the client sends is used. Source: R-62."""
    if message.order_id == INTMIN:
        return UNASSIGNED
    if not 1 <= message.order_id <= MAX_DOCUMENT_ID:
        raise invalid("OrderId")
    return DocumentId(message.order_id)


def _refuse_locked(stored: Document, terms: Terms) -> None:
    """Refuse a change of what is no order, or no order any more. Source: R-71."""
    if not is_own(stored, terms.series):
        raise OrderRefused("order_id_taken", order=stored.id)
    if stored.status is Status.ISSUED:
        raise OrderRefused("order_locked", order=stored.id)
    if stored.status is Status.VOID:
        raise OrderRefused("order_void", order=stored.id)


def is_own(document: Document, series: SeriesId) -> bool:
    """True for an order of the company. Other documents in the same series are only shown. Source: D-12."""
    return document.series == series and document.kind == INVOICE and DIALECT in document.extras


# --- properties -------------------------------------------------------------------------------------------------------


def _new_properties(sent: Values, terms: Terms) -> Values:
    """The properties of a new order: what is sent, else the customer's card, else the system's defaults. Source: R-63."""
    properties = without(sent, DISTRIBUTION) | settle_distribution(sent, {})
    customer = terms.catalogue.customers.get(sent["CustomerId"])
    if customer is not None:
        fill_in(properties, customer)
        name_delivery(properties)
    properties.setdefault("DateOrdered", terms.now.replace(microsecond=0))
    if terms.choices.currency:
        properties["Currency"] = {"Symbol": terms.choices.currency} | properties.get("Currency", {})
    if terms.choices.send_to_factoring is not None:
        properties.setdefault("SendToFactoring", terms.choices.send_to_factoring)
    return _with_delivery_method(properties, terms)


def _changed_properties(sent: Values, stored: Document, terms: Terms) -> Values:
    """The properties of an order that exists. What is not sent stays, except for RESET. Source: R-69."""
    before = without(stored.extras.get(DIALECT, {}), RESET)
    changed_customer = sent["CustomerId"] != stored.customer
    if changed_customer:
        before = without(before, FROM_CARD)
    properties = without({**before, **sent}, DISTRIBUTION) | settle_distribution(sent, before)
    symbol = before.get("Currency", {}).get("Symbol")
    if "Currency" in sent and symbol is not None:
        properties["Currency"] = {"Symbol": symbol} | sent["Currency"]
    if "Addresses" in sent and "Addresses" in before:
        properties["Addresses"] = before["Addresses"] | sent["Addresses"]
    customer = terms.catalogue.customers.get(sent["CustomerId"])
    if changed_customer and customer is not None:
        fill_in(properties, customer)
        name_delivery(properties)
    if stored.external_status is not None:
        properties.setdefault("ExternalStatus", stored.external_status)
    return _with_delivery_method(properties, terms)


def _with_delivery_method(properties: Values, terms: Terms) -> Values:
    """Give a delivery method that has only its id the description of the catalogue."""
    method: Values = properties.get("DeliveryMethod", {})
    known = terms.catalogue.delivery_methods.get(method.get("Id", INTMIN))
    if known is not None and "Description" not in method:
        properties["DeliveryMethod"] = {**method, "Description": known.name}
    return properties


# --- the document -----------------------------------------------------------------------------------------------------


def _completed(
    document: Document,
    before: Document | None,
    status: OrderSlipStateType,
    properties: Values,
    lines: tuple[Line, ...],
    terms: Terms,
) -> Plan:
    stay, rest = split_rest(lines, resting=terms.resting and status in RESTING_STATES)
    invoiced = None
    if status is OrderSlipStateType.INVOICED:
        invoiced = _as_invoice(properties, terms)
    saved = _filled(document, status, properties, stay, terms)
    if invoiced is not None:
        saved = saved.with_fields(extras={**saved.extras, BOOKS: {"Registered": terms.now}})
    if not rest:
        return Plan(saved, before, invoiced)
    inherited = without(properties, NOT_KEPT_IN_REST)
    rest_document = Document(terms.tenant, INVOICE, Status.OPEN, series=terms.series)
    return Plan(
        saved, before, invoiced, _filled(rest_document, terms.choices.rest_order_status, inherited, rest, terms)
    )


def _as_invoice(properties: Values, terms: Terms) -> date:
    """The date of the invoice. An invoice with method and amount of a payment is paid on it. Source: R-71, R-73."""
    moment: datetime = properties.setdefault("DateInvoiced", terms.now.replace(microsecond=0))
    if "PaymentMethodId" in properties and "PaymentAmount" in properties:
        properties.setdefault("Paid", moment)
    return date_of(moment)


def issued_at(document: Document) -> datetime:
    """When an invoice was booked (aware). One of another dialect counts from when it was registered."""
    kept: datetime = document.extras.get(BOOKS, {}).get("Registered", document.registered)
    return kept


def date_of(kept: datetime | str) -> date:
    """The day of a moment as it is kept. For a moment with a zone it is the day in UTC."""
    moment: datetime = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return (moment.astimezone(UTC) if moment.tzinfo is not None else moment).date()


def _filled(
    document: Document, status: OrderSlipStateType, properties: Values, lines: tuple[Line, ...], terms: Terms
) -> Document:
    """The document with everything that the order says, and with VAT and totals."""
    rated = tuple([_rated(line, properties, terms) for line in lines])
    own = without(properties, IN_DOCUMENT) | _totals(rated, properties, terms)
    moment = properties["DateInvoiced" if "DateInvoiced" in properties else "DateOrdered"]
    return replace(
        document,
        stage=status.value,
        customer=properties["CustomerId"],
        external_status=properties.get("ExternalStatus"),
        document_date=date_of(moment),
        lines=rated,
        extras={**document.extras, DIALECT: own},
    )


def _rated(line: Line, properties: Values, terms: Terms) -> Line:
    if line.kind is LineKind.TEXT:
        return line
    product = terms.catalogue.products.get(line.product) if line.product is not None else None
    rate = vat_rate(line.extras.get(DIALECT, {}), properties, product, terms.catalogue)
    return line if rate is None or rate == line.vat_rate else replace(line, vat_rate=rate)


def _totals(lines: tuple[Line, ...], properties: Mapping[str, Any], terms: Terms) -> Values:
    """Both totals. Raises OrderRefused for one that the vendor's type cannot hold. Source: R-76."""
    totals, _ = order_totals(lines, properties, terms.choices)
    if any(amount.copy_abs() > LARGEST for amount in (totals.gross, totals.vat, totals.net)):
        raise OrderRefused("amount_too_large")
    return {"OrderTotalIncVat": totals.gross, "OrderTotalVat": totals.vat}


def order_totals(lines: Sequence[Line], properties: Mapping[str, Any], choices: OrderChoices) -> tuple[Totals, bool]:
    """The totals of an order, and whether its prices contain VAT. Source: R-76."""
    included = choices.include_vat == "prices" and properties.get("IncludeVAT") is True
    rounding = Rounding(factor=properties.get("RoundFactor"))
    return document_totals(lines, rounding, prices_include_vat=included), included
