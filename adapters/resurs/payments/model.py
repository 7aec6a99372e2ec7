"""A payment is a list of diffs; everything else follows from their sums. Values only. Source: payments section of the README.

The vendor's words are used as they are: this is the dialect's own model, and the core keeps it as a record (ADR-62, ADR-71).
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

_CARDS: Final = frozenset({"DEBIT_CARD", "CREDIT_CARD", "CARD"})
PRINTED_META_DATA: Final = ("CustomerId", "invoiceExtRef")
"""The keys of metadata that a PDF shows."""


class DiffType(enum.StrEnum):
    """What a diff does to the payment, in the vendor's order."""

    AUTHORIZE = "AUTHORIZE"
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"
    ANNUL = "ANNUL"


class Status(enum.StrEnum):
    """A member of a payment's status set, in the vendor's order (P-25)."""

    DEBITABLE = "DEBITABLE"
    CREDITABLE = "CREDITABLE"
    IS_DEBITED = "IS_DEBITED"
    IS_CREDITED = "IS_CREDITED"
    IS_ANNULLED = "IS_ANNULLED"


@dataclass(frozen=True, slots=True)
class SpecLine:
    """A row. Amounts are in the currency of the account's country.

    unit_amount_without_vat, total_vat_amount, total_amount: net price of one, VAT of the row, row with VAT (P-42).
    vat_pct: percent, 0 to 100.
    """

    id: str
    art_no: str
    description: str
    quantity: Decimal
    unit_measure: str
    unit_amount_without_vat: Decimal
    vat_pct: Decimal
    total_vat_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class Spec:
    """What a diff is about.

    total_amount: with VAT; it alone decides money (P-40).
    lines: as sent, or none (P-49).
    """

    total_amount: Decimal
    total_vat_amount: Decimal
    lines: tuple[SpecLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    """One change of a payment.

    created: aware, UTC.
    invoice_id: of a DEBIT the invoice number, of a CREDIT the credit note number (P-31); None when there is none.
    document: the name of the PDF that it made; "" for none (P-110).
    document_date: printed on the PDF; None for the day on which it was made.
    delivery: how the client wished the PDF to be sent; the gateway sends nothing.
    order_date: printed on the PDF, too.
    printed: metadata that the PDF shows, as they were when it was made: a PDF never changes.
    """

    type: DiffType
    created: dt.datetime
    spec: Spec
    created_by: str | None = None
    transaction_id: str | None = None
    order_id: str | None = None
    invoice_id: str | None = None
    document: str = ""
    document_date: dt.date | None = None
    delivery: str | None = None
    order_date: dt.date | None = None
    printed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; what is not known is None."""

    address_row1: str
    postal_area: str
    postal_code: str
    country: str
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address_row2: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays.

    government_id: without century (P-133); None for a payment without one (P-141).
    type: NATURAL or LEGAL.
    """

    address: Address
    government_id: str | None = None
    phone: str | None = None
    email: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """The payment method as it was when the payment was booked (P-127: it may be gone from the configuration later).

    type: INVOICE, REVOLVING_CREDIT, CARD or PAYMENT_PROVIDER.
    specific_type: free text; INVOICE alone makes a payment carry numbers and PDFs (P-60).
    """

    id: str
    name: str
    type: str
    specific_type: str

    @property
    def invoices(self) -> bool:
        """Whether its debits are invoices. Source: P-60."""
        return self.specific_type == "INVOICE"

    @property
    def is_external(self) -> bool:
        """Whether somebody else than the bank moves the money."""
        return self.type == "PAYMENT_PROVIDER"

    @property
    def is_external_card(self) -> bool:
        """Whether it is a card of somebody else. Source: P-90."""
        return self.is_external and self.specific_type in _CARDS

    @property
    def settles_itself(self) -> bool:
        """Whether its payments are finalized by themselves, as Swish's and Trustly's are. Source: P-90, P-145."""
        return self.is_external and self.specific_type not in _CARDS


@dataclass(frozen=True, slots=True)
class InvoiceWish:
    """What `finalizeIfBooked` is to print, also when that happens later (P-72, P-136).

    invoice_id: the client's own number; None draws the next one.
    """

    invoice_id: str | None = None
    invoice_date: dt.date | None = None
    delivery: str | None = None
    transaction_id: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of one representative.

    account: the representative's user name.
    limit: the amount that was granted at booking (P-24).
    booked: aware, UTC.
    meta_data: by key, in the order in which the keys came; a value may be absent (P-33).
    finalize_at_thaw: what to finalize when a frozen payment thaws; None for nothing (P-136).
    booked_callback_url: replaces the registered BOOKED callback (P-142).
    version: of the record; 0 for a payment that is not kept yet.
    """

    id: str
    account: str
    method: Method
    customer: Customer
    limit: Decimal
    booked: dt.datetime
    diffs: tuple[Diff, ...]
    meta_data: tuple[tuple[str, str | None], ...] = ()
    delivery_address: Address | None = None
    frozen: bool = False
    store_id: str | None = None
    finalize_at_thaw: InvoiceWish | None = None
    booked_callback_url: str | None = None
    version: int = 0

    def with_diff(self, diff: Diff) -> Payment:
        """The payment with one diff more."""
        return replace(self, diffs=(*self.diffs, diff))

    @property
    def modified(self) -> dt.datetime:
        """The time of the latest diff. Source: P-28."""
        return self.diffs[-1].created if self.diffs else self.booked

    @property
    def finalized(self) -> dt.datetime | None:
        """The time of the latest DEBIT. Source: P-28."""
        return next((diff.created for diff in reversed(self.diffs) if diff.type is DiffType.DEBIT), None)
