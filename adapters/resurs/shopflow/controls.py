"""Fraud control and manual control of frozen payments, as due work on the tenant's clock (ADR-65, ADR-71).

An item decides about the payment as it then is. A payment that is not frozen any more needs no decision: the shop was faster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from adapters.resurs.errors import Fault
from adapters.resurs.mapping import query_from_peek
from adapters.resurs.operation import Actor
from adapters.resurs.payments.commit import Change, read_payment, together
from adapters.resurs.payments.model import Payment
from adapters.resurs.settings import Settings
from adapters.resurs.shopflow.outcome import controlled, decided_by_hand
from gateway.spi.outbound import Outbound
from gateway.spi.work import Done, Outcome, RetryTable, Work, WorkKind

Decide: TypeAlias = Callable[[Payment, Mapping[str, Any], Settings, dt.datetime], Change]
_RETRIES: Final = RetryTable(tuple(dt.timedelta(seconds=each) for each in (0, 0, 1, 5, 30, 300, 3600, 21600)))
"""Somebody else may have changed the payment in the same moment; or its number is used, until somebody sets a higher one."""


def fraud_control_kind(_: Settings) -> WorkKind:
    """The end of the automatic fraud control."""
    return WorkKind("The automatic fraud control of a payment ends", _RETRIES)


def manual_control_kind(_: Settings) -> WorkKind:
    """Somebody at the bank decides about a frozen payment."""
    return WorkKind("Somebody at the bank decides about a frozen payment", _RETRIES)


async def end_fraud_control(actor: Actor, work: Work, _: Outbound) -> Outcome:
    """Say what the automatic fraud control found. Source: P-134."""
    return await _decided(actor, work, controlled)


async def end_manual_control(actor: Actor, work: Work, _: Outbound) -> Outcome:
    """Thaw or annul. Source: personas of P-143."""
    return await _decided(actor, work, decided_by_hand)


async def _decided(actor: Actor, work: Work, decide: Decide) -> Outcome:
    facts = work.facts
    try:
        payment = await read_payment(actor, facts["payment"])
    except Fault:
        return Done("there is no such payment any more")
    if not payment.frozen:
        return Done("the payment is not frozen any more")
    change = await _possible(actor, decide(payment, facts, actor.settings, actor.now()))
    return Done(then=(together(actor, change),))


async def _possible(actor: Actor, change: Change) -> Change:
    """The change, without its number when no sequence is set and none is needed (P-73)."""
    if change.draw is None or change.draw.chosen is not None or actor.settings.without_sequence == "refuse":
        return change
    peeked = await actor.service.read(query_from_peek(actor.who))
    return change if peeked.counter.next_number is not None else change.without_drawing()
