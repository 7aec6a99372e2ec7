"""Payments and their numbers as a plain model: sums, and a line of numbers. It shares nothing with what it judges."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations

from tests.adapters.resurs.payments.shop import annul, credit, finalize, more, part, row

Seen = tuple[int | None, dict[str, list[tuple[str, str, str]]]]
"""Where the line stands, and the diffs of each payment after the booking."""
LIMIT = 50
"""What is granted beyond a booking, in whole units. All amounts are whole."""


@dataclass(frozen=True)
class Act:
    """One thing that a client does.

    amount: None for all that is left.
    number: the client's own; "" for none.
    wrong: the rows do not make up the amount.
    """

    what: str
    payment: str = ""
    amount: int | None = None
    number: str = ""
    wrong: bool = False

    def message(self) -> tuple[str, str]:
        """Operation and children."""
        amount = None if self.amount is None else str(self.amount)
        match self.what:
            case "finalize" if self.wrong:
                own = f"<invoiceId>{self.number}</invoiceId>" if self.number else ""
                spec = part(str(self.amount or 0), (row("77"),), "15.4")
                return "finalizePayment", f"<paymentId>{self.payment}</paymentId>{spec}{own}"
            case "finalize":
                return "finalizePayment", finalize(self.payment, amount, self.number)
            case "credit":
                return "creditPayment", credit(self.payment, amount, self.number)
            case "annul":
                return "annulPayment", annul(self.payment, amount)
            case "more":
                return "additionalDebitOfPayment", more(self.payment, str(self.amount or 0))
            case "set":
                return "setInvoiceSequence", f"<nextInvoiceNumber>{self.number}</nextInvoiceNumber>"
        return "setInvoiceSequence", ""


@dataclass
class Sums:
    """One payment. diffs: type, amount and number of those after the booking."""

    invoices: bool
    authorized: int
    limit: int
    debited: int = 0
    credited: int = 0
    annulled: int = 0
    diffs: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def debitable(self) -> int:
        return self.authorized - self.debited - self.annulled

    @property
    def creditable(self) -> int:
        return self.debited - self.credited

    @property
    def statuses(self) -> list[str]:
        """The status set."""
        holds = {
            "DEBITABLE": self.debitable > 0,
            "CREDITABLE": self.creditable > 0,
            "IS_DEBITED": any(kind == "DEBIT" for kind, _, _ in self.diffs),
            "IS_CREDITED": any(kind == "CREDIT" for kind, _, _ in self.diffs),
            "IS_ANNULLED": any(kind == "ANNUL" for kind, _, _ in self.diffs),
        }
        return [name for name, so in holds.items() if so]


@dataclass
class Model:
    """All payments, the next number (None: unset), and whatever number was used."""

    payments: dict[str, Sums]
    stand: int | None = 1
    used: set[str] = field(default_factory=set)

    def act(self, act: Act) -> int:
        """Do it; the id of the error, 0 for none. An error changes nothing."""
        if act.what == "clear":
            self.stand = None
            return 0
        if act.what == "set":
            if self.stand is not None and int(act.number) < self.stand:
                return 1
            self.stand = int(act.number)
            return 0
        if act.payment not in self.payments:
            return 8
        payment = self.payments[act.payment]
        if act.what == "more":
            return self._more(payment, act.amount or 0)
        return self._part(payment, act)

    def _more(self, payment: Sums, amount: int) -> int:
        if payment.debitable <= 0 and payment.creditable <= 0:
            return 20
        if amount > payment.limit - (payment.authorized - payment.annulled - payment.credited):
            return 10
        payment.authorized += amount
        payment.diffs.append(("AUTHORIZE", str(amount), ""))
        return 0

    def _part(self, payment: Sums, act: Act) -> int:
        if act.number and not payment.invoices:
            return 28
        left = payment.creditable if act.what == "credit" else payment.debitable
        if left <= 0:
            return 20
        amount = left if act.amount is None else act.amount
        if amount > left:
            return {"finalize": 26, "credit": 23, "annul": 36}[act.what]
        number, error = self._number(payment, act)
        if error or act.wrong:
            return error or 1
        self._take(number)
        kind, total = {
            "finalize": ("DEBIT", "debited"),
            "credit": ("CREDIT", "credited"),
            "annul": ("ANNUL", "annulled"),
        }[act.what]
        setattr(payment, total, getattr(payment, total) + amount)
        payment.diffs.append((kind, str(amount), number))
        return 0

    def _number(self, payment: Sums, act: Act) -> tuple[str, int]:
        """The number of a diff, "" for none; and the id of the error."""
        if act.what == "annul" or not payment.invoices:
            return "", 0
        drawn = "" if self.stand is None else str(self.stand)
        number = act.number or drawn
        return number, 29 if number in self.used else 0

    def _take(self, number: str) -> None:
        if number:
            self.used.add(number)
        if number and number == str(self.stand):
            self.stand = int(number) + 1


def explained(model: Model, acts: Sequence[Act], errors: Sequence[int], seen: Seen) -> Model | None:
    """The model after some order of acts that leads to these errors and to what is seen; None when no order does."""
    for order in permutations(range(len(acts))):
        after = copy.deepcopy(model)
        if all(after.act(acts[at]) == errors[at] for at in order) and seen_of(after) == seen:
            return after
    return None


def seen_of(model: Model) -> Seen:
    """What clients would see."""
    return model.stand, {name: payment.diffs for name, payment in model.payments.items()}
