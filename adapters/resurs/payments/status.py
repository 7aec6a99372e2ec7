"""Sums, status set and limits of a payment: pure functions over its diffs. Source: P-20 to P-26."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from adapters.resurs.payments.model import DiffType, Payment, Status

StatusFrom = Literal["any", "full"]
_ZERO: Final = Decimal(0)
NOTHING_LEFT: Final = Decimal("0.005")
"""A remainder below this half of the smallest coin is none. Inferred: shops that compute with binary fractions, or multiply a
net price of five decimals, ask for a little less than the whole order, and mean the whole (P-25)."""
_UNTIL: Final = {
    Status.IS_DEBITED: Status.DEBITABLE,
    Status.IS_CREDITED: Status.CREDITABLE,
    Status.IS_ANNULLED: Status.DEBITABLE,
}
"""What must be over before a status holds in full."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The sum of `total_amount` over each type of diff."""

    authorized: Decimal = _ZERO
    debited: Decimal = _ZERO
    credited: Decimal = _ZERO
    annulled: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        """The payment's present amount. Source: P-20."""
        return self.authorized - self.annulled - self.credited

    @property
    def debitable(self) -> Decimal:
        """The most that can be finalized or annulled; 0 for less than `NOTHING_LEFT`. Source: P-21."""
        return _left(self.authorized - self.debited - self.annulled)

    @property
    def creditable(self) -> Decimal:
        """The most that can be credited; 0 for less than `NOTHING_LEFT`. Source: P-22."""
        return _left(self.debited - self.credited)


def _left(amount: Decimal) -> Decimal:
    return _ZERO if 0 < amount < NOTHING_LEFT else amount


def sums_of(payment: Payment) -> Sums:
    """Add up the diffs."""
    found = dict.fromkeys(DiffType, _ZERO)
    for diff in payment.diffs:
        found[diff.type] += diff.spec.total_amount
    return Sums(*(found[kind] for kind in DiffType))


def statuses_of(payment: Payment, status_from: StatusFrom = "any") -> tuple[Status, ...]:
    """The status set, in the vendor's order. Source: P-25.

    status_from: any diff makes it IS_DEBITED, IS_CREDITED, IS_ANNULLED; or, full, only when nothing is left to be so.
    """
    sums, kinds = sums_of(payment), {diff.type for diff in payment.diffs}
    holds = (
        (Status.DEBITABLE, sums.debitable > 0),
        (Status.CREDITABLE, sums.creditable > 0),
        (Status.IS_DEBITED, DiffType.DEBIT in kinds),
        (Status.IS_CREDITED, DiffType.CREDIT in kinds),
        (Status.IS_ANNULLED, DiffType.ANNUL in kinds),
    )
    return shown_statuses([status for status, so in holds if so], status_from)


def shown_statuses(found: Collection[Status], status_from: StatusFrom) -> tuple[Status, ...]:
    """What is shown of the statuses that hold for `any`."""
    if status_from == "any":
        return tuple(found)
    return tuple([status for status in found if _UNTIL.get(status) not in found])


def room_of(payment: Payment) -> Decimal:
    """The largest additional debit. Source: P-23."""
    return payment.limit - sums_of(payment).total
