"""What is paid of an invoice: at its creation, and by payments that came later. Source: R-73, PA-07 to PA-10.

What later payments come to stands beside the order in `Document.extras`, under a name of its own. So an invoice that another
dialect made can be paid here and still is none that may be changed here (D-12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from adapters.twentyfoursevenoffice.orders.properties import ORDER
from adapters.twentyfoursevenoffice.orders.refused import OrderRefused
from adapters.twentyfoursevenoffice.work import DIALECT
from gateway.core.documents import Document, Status
from gateway.core.totals import document_totals

PAYMENTS: Final = f"{DIALECT}.payments"
"""Under this name a document keeps `Amount`, the sum of its payments, and `Paid`, since when they settle it."""
LARGEST: Final = Decimal(2**96 - 1)
"""The largest amount that .NET's decimal holds."""

_PAID: Final = ORDER.by_name["Paid"]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_ZERO: Final = Decimal(0)
_EXACT: Final = Context(prec=200)


@dataclass(frozen=True, slots=True)
class PaymentRules:
    """The settings about payments; see `payment.settings`."""

    paid_when: Literal["settled", "any"] = "settled"
    overpayment: Literal["accept", "refuse"] = "accept"


def total_of(document: Document) -> Decimal:
    """The total of an invoice with VAT, in its currency. Negative for a credit note."""
    own = document.extras.get(DIALECT, _NOTHING)
    total: Decimal = own["OrderTotalIncVat"] if "OrderTotalIncVat" in own else document_totals(document.lines).gross
    return total


def amount_paid(document: Document) -> Decimal:
    """What is paid: the PaymentAmount of its creation, if it has a PaymentMethodId, and all payments."""
    own = document.extras.get(DIALECT, _NOTHING)
    begun: Decimal = own.get("PaymentAmount", _ZERO) if "PaymentMethodId" in own else _ZERO
    later: Decimal = document.extras.get(PAYMENTS, _NOTHING).get("Amount", _ZERO)
    return _EXACT.add(begun, later)


def is_settled(document: Document) -> bool:
    """Whether nothing is left to pay: payments reach the total, or the invoice was made as a paid one."""
    own = document.extras.get(DIALECT, _NOTHING)
    return "Paid" in own or _reached(amount_paid(document), total_of(document))


def paid_on(document: Document, own: Mapping[str, Any]) -> Any:
    """The date on which payments settled the invoice, else the one of its creation. None while it is not paid."""
    kept = document.extras.get(PAYMENTS, _NOTHING).get("Paid", own.get("Paid"))
    return kept if kept is None or _PAID.restore is None else _PAID.restore(kept)


def with_payment(document: Document, invoice: int, amount: Decimal, date: Any, rules: PaymentRules) -> Document:
    """The invoice after a payment. Raises OrderRefused.

    invoice: its InvoiceId.
    amount: negative for a payment of a credit note, and for one that is taken back.
    date: of the payment, as the message has it.
    """
    if document.status is not Status.ISSUED:
        raise OrderRefused("order_void", order=document.id)
    before, total = amount_paid(document), total_of(document)
    after = _EXACT.add(before, amount)
    if rules.overpayment == "refuse" and _exceeds(after, total) and (amount > 0) == (total >= 0):
        raise OrderRefused("overpaid", amount=amount, id=invoice, left=_EXACT.subtract(total, before))
    if after.copy_abs() > LARGEST:
        raise OrderRefused("amount_too_large")
    kept = document.extras.get(PAYMENTS, _NOTHING)
    now: dict[str, Any] = {"Amount": _EXACT.add(kept.get("Amount", _ZERO), amount)}
    if rules.paid_when == "any" or _reached(after, total):
        own = document.extras.get(DIALECT, _NOTHING)
        since = kept.get("Paid", own.get("Paid"))
        was = rules.paid_when == "any" or _reached(before, total)
        now["Paid"] = since if since is not None and was else _kept(date)
    return document.with_fields(extras={**document.extras, PAYMENTS: now})


def _kept(date: Any) -> Any:
    return date if _PAID.keep is None else _PAID.keep(date)


def _reached(paid: Decimal, total: Decimal) -> bool:
    return paid >= total if total >= 0 else paid <= total


def _exceeds(paid: Decimal, total: Decimal) -> bool:
    return paid > total if total >= 0 else paid < total
