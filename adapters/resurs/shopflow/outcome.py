"""What becomes of an application, and of a frozen payment when somebody has looked at it. Pure. Source: P-132 to P-136, P-145.

Each decision is one change, so that a booking and what the bank does at the same moment are one transaction.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.resurs.payments.commit import Change, Draw
from adapters.resurs.payments.model import Diff, DiffType, InvoiceWish, Payment, Spec
from adapters.resurs.payments.specs import Asked, part_spec
from adapters.resurs.payments.status import sums_of
from adapters.resurs.shop import Persona
from adapters.resurs.shopflow.application import Application
from gateway.core.work import NewWork
from schemas.resurs.simplified import BookPaymentStatus

FRAUD_CONTROL: Final = "fraud_control"
MANUAL_CONTROL: Final = "manual_control"


@dataclass(frozen=True, slots=True)
class Booked:
    """What becomes of an application.

    change: None when no payment comes to be.
    """

    status: BookPaymentStatus
    change: Change | None = None


def booked(application: Application, persona: Persona, now: dt.datetime, control_seconds: int) -> Booked:
    """Decide about an application.

    control_seconds: how long the automatic fraud control takes when the answer does not wait for it.
    """
    if persona.outcome == "DENIED":
        return Booked(BookPaymentStatus.DENIED)
    payment = _at(application.payment, now)
    freezes = persona.outcome == "FROZEN" and not application.has_card
    if not application.waits and not application.has_card:
        frozen = replace(payment, frozen=True, finalize_at_thaw=application.finalizes)
        item = _automatic_control(frozen, application, persona, now + dt.timedelta(seconds=control_seconds))
        return Booked(BookPaymentStatus.FROZEN, Change(frozen, work=(item,)))
    if freezes and application.annuls_if_frozen:
        return Booked(BookPaymentStatus.FROZEN, annulled(payment, None, now))
    if freezes:
        frozen = replace(payment, frozen=True, finalize_at_thaw=application.finalizes)
        return Booked(BookPaymentStatus.FROZEN, Change(frozen, work=_manual_control(frozen, persona, now)))
    if application.finalizes is None:
        return Booked(BookPaymentStatus.BOOKED, Change(payment))
    return Booked(BookPaymentStatus.FINALIZED, debited(payment, None, application.finalizes, now))


def debited(payment: Payment, before: Payment | None, wish: InvoiceWish, now: dt.datetime) -> Change:
    """The bank debits all that is left, of itself. Source: P-72, P-136, P-145."""
    spec = payment.diffs[0].spec if len(payment.diffs) == 1 else _rest(payment)
    diff = Diff(
        DiffType.DEBIT,
        now,
        spec,
        transaction_id=wish.transaction_id,
        document_date=wish.invoice_date,
        delivery=wish.delivery,
    )
    draw = Draw(wish.invoice_id) if payment.method.invoices else None
    return Change(payment.with_diff(diff), before, draw, automatic=True)


def annulled(payment: Payment, before: Payment | None, now: dt.datetime) -> Change:
    """The bank annuls all that is left. Nothing is frozen any more: there is nothing to wait for."""
    after = replace(payment.with_diff(Diff(DiffType.ANNUL, now, _rest(payment))), frozen=False, finalize_at_thaw=None)
    return Change(after, before, automatic=True)


def thawed(before: Payment, now: dt.datetime) -> Change:
    """A frozen payment is free; what was to be finalized is finalized now, and draws its number now (P-72)."""
    payment = replace(before, frozen=False, finalize_at_thaw=None)
    if before.finalize_at_thaw is None or sums_of(payment).debitable <= 0:
        return Change(payment, before)
    return debited(payment, before, before.finalize_at_thaw, now)


def controlled(before: Payment, facts: dict[str, Any], now: dt.datetime) -> Change:
    """The automatic fraud control has ended. Source: P-134, P-135.

    facts: those of the item of work.
    """
    persona = Persona.model_validate(facts["persona"])
    if persona.outcome != "FROZEN":
        change = thawed(before, now)
    elif facts["annul"]:
        change = annulled(before, before, now)
    else:
        change = Change(before, before, work=_manual_control(before, persona, now))
    return replace(change, fraud_control=True)


def _at(payment: Payment, now: dt.datetime) -> Payment:
    first, *rest = payment.diffs
    return replace(payment, booked=now, diffs=(replace(first, created=now), *rest))


def _rest(payment: Payment) -> Spec:
    """All that can be debited or annulled, without rows. Source: P-49."""
    return part_spec(payment, Asked(), sums_of(payment).debitable)


def _automatic_control(payment: Payment, application: Application, persona: Persona, due: dt.datetime) -> NewWork:
    facts = {"annul": application.annuls_if_frozen, "persona": persona.model_dump(mode="json")}
    return _work(FRAUD_CONTROL, payment, due, facts)


def _manual_control(payment: Payment, persona: Persona, now: dt.datetime) -> tuple[NewWork, ...]:
    if persona.then == "nothing":
        return ()
    due = now + dt.timedelta(seconds=persona.after_seconds)
    return (_work(MANUAL_CONTROL, payment, due, {"verdict": persona.then}),)


def _work(kind: str, payment: Payment, due: dt.datetime, facts: dict[str, Any]) -> NewWork:
    body = {"account": payment.account, "payment": payment.id, **facts}
    return NewWork(kind, f"control/{payment.account}", json.dumps(body), due)
