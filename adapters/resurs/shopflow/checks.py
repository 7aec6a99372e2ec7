"""What a booking must be: from the request to an application, or the fault that it deserves. Pure.

The method comes first, then who buys, then what it costs, then how it is paid. Source: P-137 to P-144, P-66.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import uuid4

from adapters.resurs import errors
from adapters.resurs.auth import Representative
from adapters.resurs.errors import Fault
from adapters.resurs.shop import CustomerKind, PaymentMethod
from adapters.resurs.shopflow.persons import is_card_number, is_government_id, plain_card
from schemas.resurs import simplified as messages
from schemas.resurs.common import InvoiceDeliveryTypeEnum, MapEntry

_PROVIDER: Final = "PAYMENT_PROVIDER"
_SWISH_ID: Final = re.compile(r"[A-Za-z0-9*-]{1,35}")
_NETS_ID: Final = re.compile(r"[A-Za-z0-9*-]{1,32}")
_OTHER_IDS: Final = {"SWISH": _SWISH_ID, "DEBIT_CARD": _NETS_ID, "CREDIT_CARD": _NETS_ID}


def invalid(field: str) -> Fault:
    """ILLEGAL_ARGUMENT that names a field."""
    return Fault(errors.INVALID_FIELD, field=field)


def method_named(who: Representative, method_id: str) -> PaymentMethod:
    """The configured method; ids are compared exactly (P-128). Raises Fault(METHOD_UNKNOWN)."""
    for method in who.binding.methods:
        if method.id == method_id:
            return method
    raise Fault(errors.METHOD_UNKNOWN, id=method_id)


def payment_id(wanted: str | None, method: PaymentMethod) -> str:
    """The id of a payment: the preferred one, or one that is made up. Source: P-12, P-130."""
    pattern = _OTHER_IDS.get(method.specific_type) if method.type == _PROVIDER else None
    if wanted is None:
        return str(uuid4()) if pattern is None else uuid4().hex
    if pattern is not None and not pattern.fullmatch(wanted):
        raise invalid("preferredId")
    return wanted


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as far as it was checked.

    government_id: as it was sent; None for none.
    """

    government_id: str | None
    kind: CustomerKind | None


def checked_buyer(who: Representative, method: PaymentMethod, customer: messages.ExtendedCustomer) -> Buyer:
    """Who buys. Source: P-140, P-141, P-143."""
    kind: CustomerKind | None = None if customer.type is None else customer.type.value
    if kind is not None and kind not in method.customer_types:
        raise invalid("customer/type")
    if method.specific_type == "SWISH" and method.type == _PROVIDER and not customer.cell_phone:
        raise invalid("customer/cellPhone")
    given = (customer.government_id or "").strip()
    if not given:
        if method.type != _PROVIDER:
            raise invalid("customer/governmentId")
        return Buyer(None, kind)
    kinds: Iterable[CustomerKind] = (kind,) if kind is not None else method.customer_types
    fitting = next((each for each in kinds if is_government_id(given, who.country, each)), None)
    if fitting is None:
        raise Fault(errors.GOVERNMENT_ID, id=given)
    return Buyer(given, fitting)


def check_amount(method: PaymentMethod, amount: Decimal) -> None:
    """A purchase above the maximum cannot use the method; one below the minimum can (P-121, P-140)."""
    if amount > method.max_limit:
        raise invalid("orderData/totalAmount")


def limit_of(method: PaymentMethod, amount: Decimal) -> Decimal:
    """The amount that is granted: for the purchase, or for the minimum, and the method's extra. Source: P-24, P-121."""
    return max(amount, method.min_limit) + method.extra_limit


def check_card(who: Representative, card: messages.CardData | None) -> bool:
    """Whether an existing card pays. Source: P-138."""
    number = (card.card_number or "").strip() if card is not None else ""
    if card is None or not number:
        return False
    if card.amount is not None:
        raise invalid("card")
    if not is_card_number(number):
        raise invalid("card/cardNumber")
    if plain_card(number) in {plain_card(refused) for refused in who.binding.refused_cards}:
        raise Fault(errors.CARD_REFUSED)
    return True


def check_invoice_data(method: PaymentMethod, data: messages.InvoiceData | None) -> None:
    """Only methods that invoice have an invoice to say anything about. Source: P-66."""
    if data is None or method.specific_type == "INVOICE":
        return
    if data.invoice_id is not None:
        raise Fault(errors.NUMBER_NOT_ALLOWED)
    if data.invoice_date is not None or data.invoice_delivery_type is not InvoiceDeliveryTypeEnum.EMAIL:
        raise invalid("invoiceData")


def check_signing(signing: messages.Signing | None) -> None:
    """The addresses to return to must not hold a vertical bar. Source: P-137."""
    if signing is None:
        return
    for name, url in (("successUrl", signing.success_url), ("failUrl", signing.fail_url)):
        if "|" in url or not url.strip():
            raise invalid(f"signing/{name}")


def meta_data_of(entries: Iterable[MapEntry]) -> tuple[tuple[str, str | None], ...]:
    """One entry for each key, in the order in which the keys came; the last value of a key counts. Source: P-33, P-144."""
    return tuple({entry.key: entry.value for entry in entries}.items())
