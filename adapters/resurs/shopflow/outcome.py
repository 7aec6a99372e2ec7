"""What becomes of an application, and of a frozen payment when somebody has looked at it. Pure. Source: P-132 to P-136, P-145.

Each decision is one change, so that a booking and what the bank does at the same moment are one transaction.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.resurs.callbacks.events import Event
from adapters.resurs.payments.changes import debit_whole
from adapters.resurs.payments.commit import Change
from adapters.resurs.payments.model import Diff, DiffType, Payment
from adapters.resurs.payments.specs import Asked, part_spec, remaining_rows
from adapters.resurs.payments.status import sums_of
from adapters.resurs.settings import Settings
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


def booked(application: Application, persona: Persona, settings: Settings, now: dt.datetime) -> Booked:
    """Decide about an application."""
    if persona.outcome == "DENIED":
        return Booked(BookPaymentStatus.DENIED)
    payment = _at(application.payment, now)
    freezes = persona.outcome == "FROZEN" and not application.has_card
    if not application.waits and not application.has_card:
        frozen = replace(payment, frozen=True, finalize_at_thaw=application.finalizes)
        item = _automatic_control(
            frozen, application, persona, now + dt.timedelta(seconds=settings.fraud_control_seconds)
        )
        return Booked(BookPaymentStatus.FROZEN, Change(frozen, work=(item,)))
    if freezes and application.annuls_if_frozen:
        return Booked(BookPaymentStatus.FROZEN, annulled(payment, None, now))
    if freezes:
        frozen = replace(payment, frozen=True, finalize_at_thaw=application.finalizes)
        return Booked(BookPaymentStatus.FROZEN, Change(frozen, work=manual_control(frozen, persona, now)))
    if application.finalizes is None:
        return Booked(BookPaymentStatus.BOOKED, Change(payment))
    change = debit_whole(payment, application.finalizes, settings, now)
    return Booked(BookPaymentStatus.FINALIZED, replace(change, before=None))


def annulled(payment: Payment, before: Payment | None, now: dt.datetime) -> Change:
    """The bank annuls all that is left. Nothing is frozen any more: there is nothing to wait for."""
    rows = remaining_rows(payment, DiffType.AUTHORIZE, DiffType.DEBIT, DiffType.ANNUL)
    spec = part_spec(payment, Asked(), sums_of(payment).debitable, rows)
    after = replace(payment.with_diff(Diff(DiffType.ANNUL, now, spec)), frozen=False, finalize_at_thaw=None)
    return Change(after, before, automatic=True)


def thawed(before: Payment, settings: Settings, now: dt.datetime) -> Change:
    """A frozen payment is free; what was to be finalized is finalized now, and draws its number now (P-72)."""
    payment = replace(before, frozen=False, finalize_at_thaw=None)
    if before.finalize_at_thaw is None or sums_of(payment).debitable <= 0:
        return Change(payment, before)
    return replace(debit_whole(payment, before.finalize_at_thaw, settings, now), before=before)


def controlled(before: Payment, facts: Mapping[str, Any], settings: Settings, now: dt.datetime) -> Change:
    """The automatic fraud control has ended. Source: P-134, P-135.

    facts: those of the item of work.
    """
    persona = Persona.model_validate(facts["persona"])
    if persona.outcome != "FROZEN":
        return _said(thawed(before, settings, now), "AUTOMATIC_FRAUD_CONTROL", result="THAWED")
    if facts["annul"]:
        change = annulled(before, before, now)
    else:
        change = Change(before, before, work=manual_control(before, persona, now))
    return _said(change, "AUTOMATIC_FRAUD_CONTROL", result="FROZEN")


def decided_by_hand(before: Payment, facts: Mapping[str, Any], settings: Settings, now: dt.datetime) -> Change:
    """Somebody at the bank has decided about a frozen payment. Source: personas of P-143."""
    if facts["verdict"] == "annul":
        return annulled(before, before, now)
    return _said(thawed(before, settings, now), "UNFREEZE")


def _said(change: Change, event: str, **facts: str) -> Change:
    return replace(change, events=(Event(event, {"paymentId": change.after.id, **facts}),))


def _at(payment: Payment, now: dt.datetime) -> Payment:
    first, *rest = payment.diffs
    return replace(payment, booked=now, diffs=(replace(first, created=now), *rest))


def _automatic_control(payment: Payment, application: Application, persona: Persona, due: dt.datetime) -> NewWork:
    facts = {"annul": application.annuls_if_frozen, "persona": persona.model_dump(mode="json")}
    return _work(FRAUD_CONTROL, payment, due, facts)


def manual_control(payment: Payment, persona: Persona, now: dt.datetime) -> tuple[NewWork, ...]:
    """What manual control does to a payment that is frozen now; nothing for a persona that it never decides about."""
    if persona.then == "nothing":
        return ()
    due = now + dt.timedelta(seconds=persona.after_seconds)
    return (_work(MANUAL_CONTROL, payment, due, {"verdict": persona.then}),)


def _work(kind: str, payment: Payment, due: dt.datetime, facts: dict[str, Any]) -> NewWork:
    body = {"account": payment.account, "payment": payment.id, **facts}
    return NewWork(kind, f"control/{payment.account}", json.dumps(body), due)
