"""Rest orders: which part of an order's rows is delivered now, and which part goes into a new order. Source: R-72.

Of ten ordered four are delivered: the row says Quantity 4, QuantityOrdered 10, QuantityRest 6. Afterwards

    the order         Quantity 4  QuantityOrdered 10  QuantityDelivered 0
    its rest order    Quantity 6  QuantityOrdered 10  QuantityDelivered 4

The result is documented. Which property of the request causes it is inferred, because the page lost its example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.documents import NEW_LINE, Line
from schemas.twentyfoursevenoffice.messages import OrderSlipStateType

RESTING_STATES: Final = frozenset(
    {
        OrderSlipStateType.INVOICED,
        OrderSlipStateType.ORDER_STATE_SENT,
        OrderSlipStateType.COLLECTING_ORDER,
        OrderSlipStateType.INVOICED_CASH_ACCOUNT,
    }
)
"""Only an order that takes one of these states leaves a rest."""

REST: Final = "QuantityRest"
NOT_KEPT_IN_REST: Final = frozenset({"DateInvoiced", "Paid", "PaymentAmount", "OCR", "ExternalStatus"})
"""Properties that belong to the one invoice, or to the state of the one order in an integration. Inferred."""

_ZERO: Final = Decimal(0)


def split_rest(lines: Iterable[Line], *, resting: bool) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The rows that stay, and those of the rest order (empty when there is none). No row keeps REST.

    resting: False makes no rest order.
    """
    stay: list[Line] = []
    rest: list[Line] = []
    for line in lines:
        own = line.extras.get(DIALECT, {})
        amount = own.get(REST, _ZERO)
        plain = {name: value for name, value in own.items() if name != REST}
        if not resting or amount <= 0:
            stay.append(line if REST not in own else _with(line, plain))
            continue
        ordered = plain.get("QuantityOrdered", line.quantity + amount)
        before = plain.get("QuantityDelivered", _ZERO)
        stay.append(_with(line, {**plain, "QuantityOrdered": ordered, "QuantityDelivered": before}))
        later = {**plain, "QuantityOrdered": ordered, "QuantityDelivered": before + line.quantity}
        rest.append(_with(replace(line, id=NEW_LINE, quantity=amount), later))
    return tuple(stay), tuple(rest)


def _with(line: Line, own: dict[str, object]) -> Line:
    return replace(line, extras={**line.extras, DIALECT: own})
