"""A stored document as the vendor's order: which properties an answer shows, and where each comes from. Source: R-80 to R-83.

Documents of other dialects in the same series are shown, too, with the values of their canonical fields (D-12).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from adapters.twentyfoursevenoffice.orders.paid import paid_on
from adapters.twentyfoursevenoffice.orders.properties import ORDER, ROW, Convert
from adapters.twentyfoursevenoffice.orders.settings import OrderChoices
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.documents import Document, Line, LineKind, Status
from gateway.core.totals import document_totals
from schemas.twentyfoursevenoffice.messages import INTMIN, InvoiceOrder, InvoiceRow, OrderSlipStateType, RowType

Own: TypeAlias = Mapping[str, Any]
"""What this dialect keeps of a document or line beside the canonical fields, by the vendor's names."""
OfDocument: TypeAlias = Callable[[Document, Own], Any]
OfLine: TypeAlias = Callable[[Line, Own], Any]

_NOTHING: Final[Own] = MappingProxyType({})
_STATES: Final = {state.value: state for state in OrderSlipStateType}
_STATE_OF_STATUS: Final = {
    Status.DRAFT: OrderSlipStateType.DRAFT,
    Status.OPEN: OrderSlipStateType.WEB,
    Status.ISSUED: OrderSlipStateType.INVOICED,
    Status.VOID: OrderSlipStateType.INACTIVE,
}
NEVER_SHOWN: Final = frozenset({"PaymentAmount", "APIException"})
"""Properties that GetInvoices never shows: the first is write only, the second stands in answers to saves. Source: R-80."""
QUANTITY_REST: Final = Decimal(-1)
"""QuantityRest always reads as this. Source: R-72."""


def order_state(document: Document) -> OrderSlipStateType:
    """The state of an order. A document with a number is an invoice, even if another dialect gave the number."""
    if document.number is not None:
        return OrderSlipStateType.INVOICED
    return _STATES.get(document.stage) or _STATE_OF_STATUS[document.status]


def _int(value: int | None) -> int | None:
    """A number that the vendor's 32 bits hold. Other numbers are not shown."""
    return value if value is not None and INTMIN < value < 2**31 else None


def date_invoiced(document: Document, own: Own) -> Any:
    """The date of an invoice as it is kept; without one, the document's day at midnight. None for what is no invoice."""
    if "DateInvoiced" in own:
        return own["DateInvoiced"]
    date = document.document_date
    return None if document.number is None or date is None else datetime(date.year, date.month, date.day)  # noqa: DTZ001


def _total(name: str, attribute: str) -> OfDocument:
    def read(document: Document, own: Own) -> Any:
        return own[name] if name in own else getattr(document_totals(document.lines), attribute)

    return read


_FROM_DOCUMENT: Final[Mapping[str, OfDocument]] = MappingProxyType(
    {
        "OrderId": lambda document, _: _int(document.id),
        "CustomerId": lambda document, _: _int(document.customer),
        "OrderStatus": lambda document, _: order_state(document),
        "InvoiceId": lambda document, _: _int(document.number),
        "DateChanged": lambda document, _: document.changed,
        "DateInvoiced": date_invoiced,
        "ExternalStatus": lambda document, _: _int(document.external_status),
        "Paid": paid_on,
        "OrderTotalIncVat": _total("OrderTotalIncVat", "gross"),
        "OrderTotalVat": _total("OrderTotalVat", "vat"),
    }
)


def _row_type(line: Line, own: Own) -> RowType:
    return RowType.NORMAL if line.kind is LineKind.NORMAL else RowType(own.get("Type", RowType.TEXT))


def _amount(attribute: str) -> OfLine:
    def read(line: Line, _own: Own) -> Any:
        return None if line.kind is LineKind.TEXT else getattr(line, attribute)

    return read


def _from_line(choices: OrderChoices) -> Mapping[str, OfLine]:
    return {
        "ProductId": lambda line, _: choices.text_row_product_id if line.kind is LineKind.TEXT else _int(line.product),
        "RowId": lambda line, _: _int(line.id),
        "VatRate": _amount("vat_rate"),
        "Price": _amount("unit_price"),
        "Name": lambda line, _: line.description,
        "DiscountRate": _amount("discount_percent"),
        "Quantity": _amount("quantity"),
        "QuantityRest": lambda _line, _own: QUANTITY_REST,
        "Type": _row_type,
    }


def _kept(name: str, restore: Convert | None) -> Callable[[Any, Own], Any]:
    """Reads a property that is kept beside the canonical fields."""
    if restore is None:
        return lambda _, own: own.get(name)
    return lambda _, own: restore(own[name]) if name in own else None


class Selection:
    """Which properties an answer shows. Unknown names are ignored; IncludeVAT is always there. Source: R-81, R-83."""

    def __init__(self, order: Collection[str], row: Collection[str], choices: OrderChoices) -> None:
        shown = {"IncludeVAT", *order} - NEVER_SHOWN
        if not order and choices.without_properties == "order_id":
            shown.add("OrderId")
        self.rows = "InvoiceRows" in shown or (bool(row) and choices.rows == "listed_or_row_properties")
        shown.discard("InvoiceRows")
        from_line = _from_line(choices)
        self._order = tuple(
            (each.attribute, _FROM_DOCUMENT.get(name) or _kept(name, each.restore))
            for name, each in ORDER.by_name.items()
            if name in shown
        )
        self._row = tuple(
            (each.attribute, from_line.get(name) or _kept(name, each.restore))
            for name, each in ROW.by_name.items()
            if name in row
        )

    def order(self, document: Document) -> InvoiceOrder:
        """The order as it is shown."""
        own = document.extras.get(DIALECT, _NOTHING)
        values = {name: value for name, read in self._order if (value := read(document, own)) is not None}
        if self.rows:
            values["invoice_rows"] = [self._shown_row(line) for line in document.lines]
        return ORDER.filled(values)

    def _shown_row(self, line: Line) -> InvoiceRow:
        own = line.extras.get(DIALECT, _NOTHING)
        return ROW.filled({name: value for name, read in self._row if (value := read(line, own)) is not None})


@lru_cache(maxsize=64)
def selection(order: frozenset[str], row: frozenset[str], choices: OrderChoices) -> Selection:
    """The selection for two lists of names. It is kept, because clients ask for the same properties again and again."""
    return Selection(order, row, choices)


def everything(choices: OrderChoices) -> Selection:
    """The selection that shows every property."""
    return selection(frozenset(ORDER.by_name), frozenset(ROW.by_name), choices)
