"""Vouchers as they are kept: one record each, with its lines inside (ADR-79).

A voucher of SaveOption 0 is in the books. One of SaveOption 1 waits in a journal for a person, and no read shows it (AC-30).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from adapters.twentyfoursevenoffice.account.line_ids import LineRef, Owner, line_guid
from gateway.core.documents import NEVER
from gateway.core.records import MADE_UP, MAX_BODY, Field, FieldType, Given, KindName, Record, RecordId, RecordKind
from gateway.core.values import TenantId

VOUCHER: Final = RecordKind(
    KindName("twentyfoursevenoffice.voucher"),
    {
        "client": Field(FieldType.NUMBER),
        "posted": Field(FieldType.FLAG),
        "first": Field(FieldType.MOMENT),
        "last": Field(FieldType.MOMENT),
        "series": Field(FieldType.NUMBER),
        "year": Field(FieldType.NUMBER),
        "number": Field(FieldType.NUMBER),
        "type": Field(FieldType.NUMBER),
        "account": Field(FieldType.NUMBER, several=True),
        "customer": Field(FieldType.NUMBER, several=True),
        "department": Field(FieldType.NUMBER, several=True),
        "project": Field(FieldType.NUMBER, several=True),
        "invoice": Field(several=True),
        "stamp": Field(FieldType.NUMBER, several=True),
        "link": Field(FieldType.NUMBER, several=True),
        "bundle": Field(unique=True),
    },
    max_body=MAX_BODY,
    tombstones=False,
)
"""A voucher is found by what its lines have.

client: the id of the client company. posted: false in a journal.
first, last: the earliest and latest moment of its lines, as `moment_field` makes it.
series: the EntrySeriesId. year: the fiscal year's number. number: TransactionNo. type: the TypeId.
invoice: InvoiceReferenceNo. stamp, link: of lines that have one.
bundle: of the first voucher of a SaveBundleList, what the call held (see `Voucher.bundle`).
"""


_NO_ID: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line of a voucher. What is not known is 0, empty or None.

    id: its guid; filled in when the voucher is read.
    moment: its date, in the vendor's local time, without zone. due: likewise.
    account: its number.
    amount: positive for debit, negative for credit, VAT included, as exact as it came (AC-37, AC-38).
    link: the id of its link (AC-51); 0 for none.
    invoice: InvoiceReferenceNo. stamp: StampNo.
    currency: "" for the tenant's own. rate, unit: of the currency.
    tax: TaxNo as it came. tax_id: of the tax code that it names, 0 for none.
    period: PeriodDate. month: the Period of clients of the older service.
    dimensions: type and value of each dimension that the client defined.
    system_type: as TransactionService names it.
    changed: when the line's link or due date was changed (aware); None = never since it was booked.
    """

    moment: dt.datetime
    account: int
    amount: Decimal
    customer: int = 0
    department: int = 0
    project: int = 0
    link: int = 0
    invoice: str = ""
    stamp: int = 0
    due: dt.datetime | None = None
    ocr: str = ""
    comment: str = ""
    currency: str = ""
    rate: Decimal = Decimal(1)
    unit: int = 1
    base_rate: Decimal | None = None
    tax: str = ""
    tax_id: int = 0
    vat_amount: Decimal = Decimal(0)
    period: dt.datetime | None = None
    month: int = 0
    bank_account: str = ""
    sequence: Decimal = Decimal(0)
    dimensions: tuple[tuple[int, str], ...] = ()
    system_type: str = "Miscellaneous"
    changed: dt.datetime | None = None
    id: UUID = _NO_ID


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher.

    client: the id of the client company.
    series, year, number: its place in a number line: EntrySeriesId, fiscal year, TransactionNo.
    type: the TypeId of its type of voucher.
    posted: False while it waits in a journal.
    name: of its bundle.
    direct_accounting: BundleDirectAccounting: nobody computes VAT for it (AC-36). direct_ledger: DirectLedger (AC-31).
    bundle: of the first voucher of a call, a digest of what the call held; "" for the others.
    call: names the call that saved it, so that a repetition of the command knows its own work.
    record: the number of its record; -1 before it is saved. version, registered, changed: of the record (aware).
    """

    client: int
    series: int
    year: int
    number: int
    type: int
    lines: tuple[VoucherLine, ...]
    posted: bool = True
    name: str = ""
    direct_accounting: bool = False
    direct_ledger: bool = False
    bundle: str = ""
    call: str = ""
    record: int = -1
    version: int = 0
    registered: dt.datetime = field(default=NEVER)
    changed: dt.datetime = field(default=NEVER)


_BODY: Final = TypeAdapter(Voucher)


def voucher_record(tenant: TenantId, voucher: Voucher) -> Record:
    """The record of a voucher; a new one gets its number from the store. Raises ValueError when the voucher is too large."""
    record = MADE_UP if voucher.record < 0 else RecordId(str(voucher.record))
    plain = replace(
        voucher,
        lines=tuple(line if line.id == _NO_ID else replace(line, id=_NO_ID) for line in voucher.lines),
        record=-1,
        version=0,
        registered=NEVER,
        changed=NEVER,
    )
    body = _BODY.dump_json(plain, exclude_defaults=True)
    return VOUCHER.record(tenant, record, body, _values_of(voucher))


def voucher_of(record: Record) -> Voucher:
    """The voucher that a record holds, with the ids of its lines."""
    kept = _BODY.validate_json(record.body)
    owner = int(record.id)
    lines = tuple(
        replace(line, id=line_guid(record.tenant, kept.client, LineRef(Owner.VOUCHER, owner, place)))
        for place, line in enumerate(kept.lines)
    )
    return replace(
        kept,
        lines=lines,
        record=owner,
        version=record.version,
        registered=record.registered,
        changed=record.changed,
    )


def moment_field(moment: dt.datetime) -> dt.datetime:
    """A local time as the fields `first` and `last` hold it: they compare local times with one another."""
    return moment.replace(tzinfo=dt.UTC, fold=0)


def _values_of(voucher: Voucher) -> dict[str, Given]:
    moments = [moment_field(line.moment) for line in voucher.lines]
    lines = voucher.lines
    return {
        "client": voucher.client,
        "posted": voucher.posted,
        "first": min(moments, default=NEVER),
        "last": max(moments, default=NEVER),
        "series": voucher.series,
        "year": voucher.year,
        "number": voucher.number,
        "type": voucher.type,
        "account": {line.account for line in lines},
        "customer": _given(line.customer for line in lines),
        "department": _given(line.department for line in lines),
        "project": _given(line.project for line in lines),
        "invoice": {line.invoice for line in lines if line.invoice},
        "stamp": _given(line.stamp for line in lines),
        "link": _given(line.link for line in lines),
        "bundle": voucher.bundle or None,
    }


def _given(values: Iterable[int]) -> set[int]:
    return {value for value in values if value}
