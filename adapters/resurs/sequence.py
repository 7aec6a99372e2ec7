"""peekInvoiceSequence and setInvoiceSequence. Source: R-14 to R-23."""

from __future__ import annotations

from adapters.resurs.mapping import command_from_set, peek_from_result, query_from_peek
from adapters.resurs.operation import OperationCall
from schemas.resurs.configuration import PeekInvoiceSequence, PeekInvoiceSequenceResponse, SetInvoiceSequence


async def peek_invoice_sequence(call: OperationCall, _: PeekInvoiceSequence) -> PeekInvoiceSequenceResponse:
    """The next automatic invoice's number; nothing is consumed."""
    answer = peek_from_result(await call.service.read(query_from_peek(call.who)))
    call.call.number = answer.next_invoice_number
    return answer


async def set_invoice_sequence(call: OperationCall, message: SetInvoiceSequence) -> None:
    """Set or clear the line."""
    call.call.number = message.next_invoice_number
    command = command_from_set(message, call.who, call.by.request_id, call.context.settings)
    await call.context.service.execute(command)
