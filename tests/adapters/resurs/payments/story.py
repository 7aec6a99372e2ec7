"""One row of a table about payments: what is sent, and how payment and sequence then stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapters.resurs.payments.model import SpecLine
from tests.adapters.resurs.payments.shop import annul, credit, finalize, more, part, row

FINALIZE, CREDIT, ANNUL, MORE = "finalizePayment", "creditPayment", "annulPayment", "additionalDebitOfPayment"


Ask = tuple[str, str, int]
Diff = tuple[str, str, str]


@dataclass(frozen=True)
class Story:
    """One row.

    asks: operation, children, and the id of the error that it must have; 0 for none.
    diffs: type, amount and number of those after the booking.
    peek: where the sequence stands at the end; 0 for unset.
    """

    title: str
    asks: tuple[Ask, ...]
    diffs: tuple[Diff, ...] = ()
    peek: int = 445
    booked: tuple[str, str] = ("30", "INVOICE")
    stands: int | None = 445
    status: str = ""
    total: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.title


def debit(amount: str, number: str = "") -> Diff:
    """A DEBIT as it is shown."""
    return "DEBIT", amount, number


def credited(amount: str, number: str = "") -> Diff:
    """A CREDIT as it is shown."""
    return "CREDIT", amount, number


def debits(payment: str, amount: str | None = None, number: str = "", error: int = 0, **fields: str) -> Ask:
    return FINALIZE, finalize(payment, amount, number, **fields), error


def refunds(payment: str, amount: str | None = None, number: str = "", error: int = 0, **fields: str) -> Ask:
    return CREDIT, credit(payment, amount, number, **fields), error


def annuls(payment: str, amount: str | None = None, error: int = 0) -> Ask:
    return ANNUL, annul(payment, amount), error


def adds(payment: str, amount: str, error: int = 0) -> Ask:
    return MORE, more(payment, amount), error


def set_to(number: int) -> Ask:
    return "setInvoiceSequence", f"<nextInvoiceNumber>{number}</nextInvoiceNumber>", 0


CLEARED = ("setInvoiceSequence", "", 0)
WHOLE = debits("p")
USED = debits("q", number="445")
DISCOUNT = SpecLine("2", "SALE", "Rabatt", Decimal(1), "st", Decimal(-120), Decimal(25), Decimal(-30), Decimal(-150))
SAMPLE = (row("1000", "A"), row("250", "B"), DISCOUNT)


def of_rows(total: str, lines: tuple[SpecLine, ...], vat: str | None) -> str:
    return f"<paymentId>p</paymentId>{part(total, lines, vat)}"
