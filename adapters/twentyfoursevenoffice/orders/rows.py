"""The rows of an order: which rows of a request are added, changed or taken out, and what an added or changed row holds.

Source: R-65 (ChangeState), R-66 (the product's defaults), R-67 (order of rows), R-68 (text rows).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from adapters.twentyfoursevenoffice.orders.checks import check_accrual, check_row
from adapters.twentyfoursevenoffice.orders.context import Terms
from adapters.twentyfoursevenoffice.orders.properties import ROW, Values, without
from adapters.twentyfoursevenoffice.orders.refused import missing, not_found
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.documents import NEW_LINE, Line, LineId, LineKind
from schemas.twentyfoursevenoffice.messages import INTMIN, SHORTMIN, ChangeState, InvoiceRow, RowType

READ_ONLY: Final = frozenset({"RowId", "VatRate", "ChangeState", "ProductNo"})
"""Properties of a row that are sent but not kept: they are the system's, or say what to do with the row."""
IN_LINE: Final = frozenset({"ProductId", "Price", "Name", "DiscountRate", "Quantity", "Type"})
"""Properties that the canonical line has fields for. A bold text row keeps its type beside them."""

_ZERO: Final = Decimal(0)
_NOTHING: Final[Mapping[str, Any]] = {}


def new_lines(rows: Iterable[InvoiceRow | None], terms: Terms) -> tuple[Line, ...]:
    """The rows of a new order.

    All rows are added; one that is to change or go is an error. Raises OrderRefused. Source: R-65.
    """
    lines: list[Line] = []
    position = 0
    for row in rows:
        if row is None:
            continue
        if row.change_state in {ChangeState.EDIT, ChangeState.DELETE}:
            raise not_found("RowId", _row_id(row))
        position = _position(row, position)
        lines.append(_line(row, NEW_LINE, position, _NOTHING, terms))
    return tuple(lines)


def changed_lines(rows: Iterable[InvoiceRow | None], stored: Sequence[Line], terms: Terms) -> tuple[Line, ...]:
    """The rows of an order that exists. Only rows with a ChangeState count. Raises OrderRefused. Source: R-65."""
    kept = {line.id: line for line in stored}
    added: list[Line] = []
    position = stored[-1].position if stored else 0
    for row in rows:
        if row is None or row.change_state is ChangeState.NONE:
            continue
        if row.change_state is ChangeState.ADD:
            position = _position(row, position)
            added.append(_line(row, NEW_LINE, position, _NOTHING, terms))
            continue
        before = kept.get(LineId(_row_id(row)))
        if before is None:
            raise not_found("RowId", row.row_id)
        if row.change_state is ChangeState.DELETE:
            del kept[before.id]
        else:
            kept[before.id] = _line(row, before.id, _position(row, before.position), before.extras, terms)
    return (*kept.values(), *added)


def _row_id(row: InvoiceRow) -> int:
    if row.row_id == INTMIN:
        raise missing("RowId")
    return row.row_id


def _position(row: InvoiceRow, otherwise: int) -> int:
    """A row without SequenceNumber stands after the one sent before it, or where it stood. Inferred."""
    return otherwise if row.sequence_number == SHORTMIN else row.sequence_number


def _line(row: InvoiceRow, line_id: LineId, position: int, extras: Mapping[str, Any], terms: Terms) -> Line:
    """A row as it is sent, whole: what it leaves out falls back to the product's defaults. Source: R-66."""
    sent = without(ROW.given(row), READ_ONLY)
    if row.type is not RowType.NORMAL:
        return _text_line(row, sent, line_id, position, extras, terms)
    product_id = sent.get("ProductId")
    if product_id is None:
        raise missing("ProductId")
    check_row(sent, terms.catalogue)
    check_accrual(sent)
    product = terms.catalogue.products.get(product_id)
    own = without(sent, IN_LINE)
    if product is not None:
        own = {"Cost": product.cost, "InPrice": product.cost, "ProductNo": product.number} | own
    return Line(
        description=sent.get("Name", product.name if product else ""),
        quantity=sent.get("Quantity", terms.choices.quantity_if_missing),
        unit_price=sent.get("Price", product.price if product else _ZERO),
        discount_percent=sent.get("DiscountRate", _ZERO),
        product=product_id,
        position=position,
        id=line_id,
        extras={**extras, DIALECT: own},
    )


def _text_line(
    row: InvoiceRow, sent: Values, line_id: LineId, position: int, extras: Mapping[str, Any], terms: Terms
) -> Line:
    """A line of text; a product that is sent along does not count. Source: R-68."""
    sent.pop("ProductId", None)
    check_row(sent, terms.catalogue)
    own = without(sent, IN_LINE - {"Type"} if row.type is RowType.TEXT_BOLD else IN_LINE)
    return Line(
        description=row.name, kind=LineKind.TEXT, position=position, id=line_id, extras={**extras, DIALECT: own}
    )
