"""Sums, status set and limits of a payment: pure functions over its diffs. Source: P-20 to P-26."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from adapters.resurs.payments.model import DiffType, Payment, Status

StatusFrom = Literal["any", "full"]
_ZERO: Final = Decimal(0)


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
        """The most that can be finalized or annulled. Source: P-21."""
        return self.authorized - self.debited - self.annulled

    @property
    def creditable(self) -> Decimal:
        """The most that can be credited. Source: P-22."""
        return self.debited - self.credited


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
    debitable, creditable = sums.debitable > 0, sums.creditable > 0
    still_debitable, still_creditable = (debitable, creditable) if status_from == "full" else (False, False)
    holds = (
        (Status.DEBITABLE, debitable),
        (Status.CREDITABLE, creditable),
        (Status.IS_DEBITED, DiffType.DEBIT in kinds and not still_debitable),
        (Status.IS_CREDITED, DiffType.CREDIT in kinds and not still_creditable),
        (Status.IS_ANNULLED, DiffType.ANNUL in kinds and not still_debitable),
    )
    return tuple(status for status, so in holds if so)


def room_of(payment: Payment) -> Decimal:
    """The largest additional debit. Source: P-23."""
    return payment.limit - sums_of(payment).total
