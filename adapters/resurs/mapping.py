"""From the vendor's messages to commands, and from results to its answers: the only place where both vocabularies meet.

Resurs keeps one sequence per credential; it is the invoice line of the series that the account is bound to.
"""

from __future__ import annotations

from typing import Final

from adapters.resurs.auth import Representative
from adapters.resurs.operation import DIALECT
from adapters.resurs.settings import Settings
from gateway.core.commands import PeekNext, SetNext, SetPolicy
from gateway.core.refusals import NumberOutOfRange, Refused
from gateway.core.results import NextPeeked
from gateway.core.values import INVOICE, MIN_NUMBER, CounterKey, Origin
from schemas.resurs.configuration import PeekInvoiceSequenceResponse, SetInvoiceSequence

_POLICY: Final = SetPolicy(allow_clear=True)
"""Reject below next, accept equal, allow clearing. Source: R-18, R-19, R-20."""


def query_from_peek(who: Representative) -> PeekNext:
    """The question behind peekInvoiceSequence. Source: R-15."""
    return PeekNext(who.caller.tenant, CounterKey(who.series, INVOICE), DIALECT)


def peek_from_result(result: NextPeeked) -> PeekInvoiceSequenceResponse:
    """The answer to peekInvoiceSequence. Source: R-14."""
    return PeekInvoiceSequenceResponse(next_invoice_number=result.counter.next_number)


def command_from_set(message: SetInvoiceSequence, who: Representative, request_id: str, settings: Settings) -> SetNext:
    """The command behind setInvoiceSequence. An absent and a nil number both clear the line. Raises Refused(NumberOutOfRange).

    Source: R-17, R-20, R-21; 0 and the maximum are open choices (R-22, R-23).
    """
    key = CounterKey(who.series, INVOICE)
    number = message.next_invoice_number
    if number == 0 and settings.zero == "clear":
        number = None
    minimum = MIN_NUMBER if settings.zero == "accept" else 1
    if number is not None and not minimum <= number <= settings.maximum_number:
        raise Refused(NumberOutOfRange(key, number, minimum, settings.maximum_number))
    by = Origin(DIALECT, who.caller.principal, request_id)
    return SetNext(who.caller.tenant, key, number, _POLICY, by)
