"""setInvoiceData and getInvoiceData: the sender that PDFs show. Source: table of section "Payment documents" of the README.

A PDF shows the sender that was set when it was made. So a version is kept under the number of the first document that it is
for, and stays while any document needs it: the next version replaces it only if no document was made in between.
"""

from __future__ import annotations

import base64
import json
from typing import Final

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.operation import Actor, OperationCall
from adapters.resurs.payments.records import record_id
from adapters.resurs.representative import data_so_far, representative_key
from gateway.core.commands import Command, Expect
from gateway.core.record_commands import SaveRecord, SaveRecords, SearchRecords
from gateway.core.records import Field, FieldType, KindName, RecordKind
from gateway.core.together import Build, SoFar, Together
from schemas.resurs.configuration import GetInvoiceData, GetInvoiceDataResponse, InvoiceData, SetInvoiceData

INVOICE_DATA: Final = RecordKind(
    KindName("resurs.invoice_data"),
    {"account": Field(), "since": Field(FieldType.NUMBER)},
    max_body=512 * 1024,
    tombstones=False,
)
"""One record for each version.

since: the number of the first document that shows it (P-110).
"""

LARGEST_LOGOTYPE: Final = 256 * 1024
"""Bytes of an image."""
LONGEST_TEXT: Final = 1000
"""Characters of every other field. Both bounds are inferred."""


async def set_invoice_data(call: OperationCall, message: SetInvoiceData) -> None:
    """Replace the sender, for PDFs that are made from now on. Raises Fault(INVALID_FIELD)."""
    data = message.invoice_data
    _check(data)
    body = _written(data)

    def save(so_far: SoFar) -> Command[object]:
        since = data_so_far(so_far, call.tenant, call.account).documents + 1
        name = record_id(call.account, str(since))
        record = INVOICE_DATA.record(call.tenant, name, body, {"account": call.account, "since": since})
        return SaveRecords(call.tenant, INVOICE_DATA, (SaveRecord(record, expect=Expect.EITHER),), call.by)

    part = Build(save, needs=(representative_key(call.tenant, call.account),))
    await call.service.execute(Together(call.tenant, (part,), call.by))


async def get_invoice_data(call: OperationCall, _: GetInvoiceData) -> GetInvoiceDataResponse:
    """The sender as it was set last. Raises Fault(NO_INVOICE_DATA)."""
    data = await invoice_data(call)
    if data is None:
        raise Fault(errors.NO_INVOICE_DATA)
    return GetInvoiceDataResponse(invoice_data=data)


async def invoice_data(actor: Actor, document: int | None = None) -> InvoiceData | None:
    """The sender that a document shows, or the latest one; None when none was set by then.

    document: its running number among the representative's documents.
    """
    where = (
        INVOICE_DATA.is_one_of("account", actor.account),
        INVOICE_DATA.is_between("since", high=document),
    )
    query = SearchRecords(actor.tenant, INVOICE_DATA, where, order="since", descending=True, limit=1)
    found = (await actor.service.read(query)).records
    return _read(found[0].body) if found else None


def _check(data: InvoiceData) -> None:
    for name, value in data:
        longest = LARGEST_LOGOTYPE if name == "logotype" else LONGEST_TEXT
        if isinstance(value, (str, bytes)) and len(value) > longest:
            raise Fault(errors.INVALID_FIELD, field=name)


def _written(data: InvoiceData) -> bytes:
    logotype = base64.b64encode(data.logotype).decode()
    return json.dumps({**data.model_dump(exclude={"logotype"}), "logotype": logotype}).encode()


def _read(body: bytes) -> InvoiceData:
    kept = json.loads(body)
    return InvoiceData.model_validate({**kept, "logotype": base64.b64decode(kept["logotype"])})
