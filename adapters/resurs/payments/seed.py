"""Payments that a tenant has without a booking: what the configuration and the admin port say of them. Pure.

A payment is described by the state that it is in, and its diffs are those that the vendor's operations would have left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from adapters.resurs.payments.model import Customer, Diff, DiffType, Method, Payment, Spec, SpecLine
from adapters.resurs.shop import PaymentMethod

State = Literal["booked", "frozen", "finalized", "credited", "annulled"]
Id = Annotated[str, Field(pattern=r"^[A-Za-zÀ-ÖØ-öø-ÿ0-9 ._/-]{1,100}$")]
Text = Annotated[str, Field(max_length=300)]
Money = Annotated[Decimal, Field(max_digits=20, decimal_places=5)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=5)]

_PLACES: Final = Decimal("0.00001")
_HUNDRED: Final = Decimal(100)
_CREATOR: Final = "SHOP_FLOW"
"""Of the first diff of each payment. Source: P-29."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowSeed(_Entry):
    """One row. Its VAT and its total are computed. Source: P-42.

    art_no, description: what is sold.
    quantity, unit_measure: how much of it.
    unit_amount_without_vat: the net price of one; a discount is negative.
    vat_pct: percent.
    """

    art_no: Annotated[str, Field(min_length=1, max_length=100)]
    description: Text = ""
    quantity: Money = Decimal(1)
    unit_measure: Text = "st"
    unit_amount_without_vat: Money
    vat_pct: Percent = Decimal(25)

    def line(self, place: int) -> SpecLine:
        """The row as the model has it. place: from 1."""
        net = self.unit_amount_without_vat * self.quantity
        vat = (net * self.vat_pct / _HUNDRED).quantize(_PLACES)
        return SpecLine(
            str(place),
            self.art_no,
            self.description,
            self.quantity,
            self.unit_measure,
            self.unit_amount_without_vat,
            self.vat_pct,
            vat,
            net + vat,
        )


class CustomerSeed(_Entry):
    """Who pays. What is left out is as the tenant's address book has it.

    government_id: with or without century; the first one in the address book that fits when it is left out.
    type: NATURAL or LEGAL; the first that the method allows when it is left out.
    full_name, first_name, last_name: the name.
    address_row1, address_row2, postal_area, postal_code: the address.
    country: two letters.
    phone, email: as the payment has them.
    """

    government_id: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    type: Literal["NATURAL", "LEGAL"] | None = None
    full_name: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    address_row1: Text | None = None
    address_row2: Text | None = None
    postal_area: Text | None = None
    postal_code: Text | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    phone: Text | None = "+46701122333"
    email: Text | None = "prov@example.com"


class PaymentSeed(_Entry):
    """A payment that is there without a booking.

    id: unique for its account; made up when it is left out, which the configuration does not allow.
    account: user name of one of the tenant's accounts; the first one when it is left out.
    method: id of one of the tenant's payment methods; the first one when it is left out.
    amount: with VAT; it becomes one row. Give this or `rows`.
    vat_pct: percent of VAT in `amount`.
    rows: the rows of the order.
    state: booked, frozen, finalized, credited or annulled, each of them whole. A frozen one thaws or is annulled as the persona
        of its customer says.
    invoice_id: the number of the invoice, for the states finalized and credited; the next of the sequence when it is left out.
    credit_note_id: the number of the credit note, for the state credited; likewise.
    order_id: of the finalization.
    customer: who pays.
    metadata: values by key; null for a key without value.
    booked: when it was booked, with a time zone; now when it is left out.
    limit: the amount that was granted; the total and the method's `extra_limit` when it is left out.
    """

    id: Id | None = None
    account: Annotated[str, Field(min_length=1)] | None = None
    method: Annotated[str, Field(min_length=1)] | None = None
    amount: Annotated[Money, Field(gt=0)] | None = None
    vat_pct: Percent = Decimal(25)
    rows: Annotated[tuple[RowSeed, ...], Field(max_length=1000)] = ()
    state: State = "booked"
    invoice_id: Id | None = None
    credit_note_id: Id | None = None
    order_id: Text | None = None
    customer: CustomerSeed = CustomerSeed()
    metadata: Mapping[Annotated[str, Field(min_length=1)], str | None] = Field(default_factory=dict)
    booked: AwareDatetime | None = None
    limit: Annotated[Money, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.amount is None) == (not self.rows):
            raise ValueError("give amount, or rows")
        if sum((row.line(1).total_amount for row in self.rows), self.amount or Decimal(0)) <= 0:
            raise ValueError("rows: their total must be above 0")
        if self.invoice_id is not None and self.state not in {"finalized", "credited"}:
            raise ValueError(f"invoice_id: a payment that is {self.state} has none")
        if self.credit_note_id is not None and self.state != "credited":
            raise ValueError(f"credit_note_id: a payment that is {self.state} has none")
        if self.credit_note_id is not None and self.credit_note_id == self.invoice_id:
            raise ValueError("credit_note_id: it is the invoice's number already")
        return self

    def spec(self) -> Spec:
        """What was ordered."""
        lines = tuple(row.line(place) for place, row in enumerate(self.rows, 1))
        if self.amount is not None:
            vat = (self.amount * self.vat_pct / (_HUNDRED + self.vat_pct)).quantize(_PLACES)
            lines = (SpecLine("1", "1", "", Decimal(1), "st", self.amount - vat, self.vat_pct, vat, self.amount),)
        zero = Decimal(0)
        total = sum((line.total_amount for line in lines), zero)
        return Spec(total, sum((line.total_vat_amount for line in lines), zero), lines)


def method_of(seed: PaymentSeed, methods: Sequence[PaymentMethod]) -> PaymentMethod | None:
    """The method that a seed means; None when the tenant has none of this id."""
    return next((own for own in methods if seed.method in (None, own.id)), None)


def seed_problem(
    seed: PaymentSeed, accounts: Sequence[str], methods: Sequence[PaymentMethod]
) -> tuple[str, str] | None:
    """What is wrong with a seed for a tenant with these accounts and methods: the field, and why; None when nothing is."""
    if seed.account not in (None, *accounts):
        return "account", f"the tenant has no account of this name; it has: {', '.join(accounts)}"
    method = method_of(seed, methods)
    if method is None:
        return "method", f"the tenant has no payment method of this id; it has: {', '.join(own.id for own in methods)}"
    if seed.customer.type not in (None, *method.customer_types):
        return "customer.type", f"the method {method.id} is for {', '.join(method.customer_types)}"
    if method.specific_type != "INVOICE":
        for name in ("invoice_id", "credit_note_id"):
            if getattr(seed, name) is not None:
                return name, f"the method {method.id} makes no invoices"  # P-66
    return None


def doubled(seeds: Sequence[PaymentSeed], accounts: Sequence[str]) -> tuple[int, str, str] | None:
    """The first seed that takes an id or a number which one before it has: its place, the field, and why."""
    taken = set()
    for index, seed in enumerate(seeds):
        for name in ("id", "invoice_id", "credit_note_id"):
            value = getattr(seed, name)
            own = (seed.account or accounts[0], "id" if name == "id" else "number", value)
            if value is not None and own in taken:
                return index, name, "another payment of the account has it"
            taken.add(own)
    return None


_FURTHER: Final[Mapping[State, Sequence[DiffType]]] = {
    "booked": (),
    "frozen": (),
    "finalized": (DiffType.DEBIT,),
    "credited": (DiffType.DEBIT, DiffType.CREDIT),
    "annulled": (DiffType.ANNUL,),
}


def seeded_payment(
    seed: PaymentSeed, method: Method, account: str, customer: Customer, limit: Decimal, at: dt.datetime
) -> Payment:
    """The payment that a seed describes, without numbers.

    account: the representative's user name.
    limit: what is granted where the seed does not say (P-24).
    at: when it was booked; aware, UTC.
    """
    spec = seed.spec()
    further = [Diff(kind, at, spec) for kind in _FURTHER[seed.state]]
    diffs = [replace(diff, order_id=seed.order_id) if diff.type is DiffType.DEBIT else diff for diff in further]
    return Payment(
        seed.id or "",
        account,
        method,
        customer,
        limit if seed.limit is None else seed.limit,
        at,
        (Diff(DiffType.AUTHORIZE, at, spec, created_by=_CREATOR), *diffs),
        tuple(seed.metadata.items()),
        frozen=seed.state == "frozen",
    )
