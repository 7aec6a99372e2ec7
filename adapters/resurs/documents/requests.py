"""getPaymentDocumentNames and getPaymentDocument. Source: P-110 to P-114."""

from __future__ import annotations

import asyncio

from adapters.resurs import errors
from adapters.resurs.documents.paper import LAYOUT, Issuer, paper_of
from adapters.resurs.errors import Fault
from adapters.resurs.invoice_data import invoice_data
from adapters.resurs.operation import OperationCall
from adapters.resurs.payments.commit import read_payment
from gateway.printing.pdf import PdfUnavailableError, write_pdf
from schemas.resurs.aftershop import (
    GetPaymentDocument,
    GetPaymentDocumentNames,
    GetPaymentDocumentNamesResponse,
    GetPaymentDocumentResponse,
    Pdf,
)


async def get_payment_document_names(
    call: OperationCall, message: GetPaymentDocumentNames
) -> GetPaymentDocumentNamesResponse:
    """The names in the order in which the documents were made; none for methods that do not invoice (P-114)."""
    payment = await read_payment(call, message.payment_id)
    return GetPaymentDocumentNamesResponse(result=[diff.document for diff in payment.diffs if diff.document])


async def get_payment_document(call: OperationCall, message: GetPaymentDocument) -> GetPaymentDocumentResponse:
    """One PDF, made in a thread. Raises Fault(DOCUMENT_UNKNOWN), Fault(PDF_UNAVAILABLE)."""
    payment, name = await read_payment(call, message.payment_id), message.document_name
    positions = [position for position, diff in enumerate(payment.diffs) if name and diff.document == name]
    if not positions:
        raise Fault(errors.DOCUMENT_UNKNOWN)
    sender = await invoice_data(call, document=int(name.rpartition("_")[2]))
    paper = paper_of(payment, positions[0], Issuer(sender, call.who.country, call.who.language, call.zone))
    try:
        pdf = await asyncio.to_thread(write_pdf, paper, LAYOUT)
    except PdfUnavailableError:
        raise Fault(errors.PDF_UNAVAILABLE) from None
    return GetPaymentDocumentResponse(result=Pdf(name=name, pdf_data=pdf))
