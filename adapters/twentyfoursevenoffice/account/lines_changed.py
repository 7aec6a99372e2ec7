"""Lines of the books that are found by their guids and changed: their link, their due date. Source: AC-51 to AC-53, AC-41.

A line of a voucher is changed in its voucher's record. A line of an issued invoice is derived from the document each time it is
read (TR-18); what was changed about it is a small record of its own, laid over what is derived.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from adapters.twentyfoursevenoffice.account.line_ids import LineRef, Owner, line_ref
from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, Voucher, voucher_of, voucher_record
from adapters.twentyfoursevenoffice.transaction.postings import has_place, is_posted
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.commands import Command, Expect, GetDocuments
from gateway.core.documents import Document, DocumentId
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords, SearchRecords
from gateway.core.records import Field, FieldType, KindName, Record, RecordId, RecordKind
from gateway.core.values import Origin, TenantId

LINE: Final = RecordKind(
    KindName("twentyfoursevenoffice.line"),
    {
        "client": Field(FieldType.NUMBER),
        "document": Field(FieldType.NUMBER),
        "link": Field(FieldType.NUMBER),
        "due": Field(FieldType.MOMENT),
    },
    tombstones=False,
)
"""What was changed about one line of an issued invoice. `document` is the invoice's id."""


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A change of a line of an issued invoice.

    link: 0 for none. due: in the vendor's local time, without zone; None = as derived.
    version, changed: of the record (aware).
    """

    client: int
    document: int
    place: int
    link: int = 0
    due: dt.datetime | None = None
    version: int = 0
    changed: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """What becomes of a line; None leaves it as it is."""

    link: int | None = None
    due: dt.datetime | None = None


_BODY: Final = TypeAdapter(ChangedLine)
_PAGE: Final = 10_000


def line_key(document: int, place: int) -> RecordId:
    """The id of the record of a line."""
    return RecordId(f"{document}-{place}")


def changed_line_of(record: Record) -> ChangedLine:
    """The change that a record holds."""
    return replace(_BODY.validate_json(record.body), version=record.version, changed=record.changed)


def line_record(tenant: TenantId, line: ChangedLine) -> Record:
    """The record of a change."""
    values = {"client": line.client, "document": line.document, "link": line.link or None}
    due = {} if line.due is None else {"due": line.due.replace(tzinfo=dt.UTC)}
    body = _BODY.dump_json(replace(line, version=0, changed=None), exclude_defaults=True)
    return LINE.record(tenant, line_key(line.document, line.place), body, {**values, **due})


async def changed_lines(work: Work, documents: Iterable[int]) -> dict[tuple[int, int], ChangedLine]:
    """What was changed about the lines of these invoices, by document and place."""
    wanted = sorted(set(documents))
    found: dict[tuple[int, int], ChangedLine] = {}
    for start in range(0, len(wanted), 500):
        where = (LINE.is_one_of("document", *wanted[start : start + 500]),)
        after = None
        while True:
            page = await work.context.service.read(
                SearchRecords(work.identity.tenant, LINE, where, after=after, limit=_PAGE)
            )
            found |= {(each.document, each.place): each for each in map(changed_line_of, page.records)}
            after = page.end
            if not page.more:
                break
    return found


@dataclass(slots=True)
class FoundLines:
    """Lines by their guids, as they are in the books now.

    refs: of the lines that there are.
    """

    refs: dict[UUID, LineRef] = field(default_factory=dict)
    vouchers: dict[int, Voucher] = field(default_factory=dict)
    changed: dict[tuple[int, int], ChangedLine] = field(default_factory=dict)

    def link_of(self, guid: UUID) -> int:
        """The link of a line; 0 for none."""
        ref = self.refs[guid]
        if ref.kind is Owner.VOUCHER:
            return self.vouchers[ref.owner].lines[ref.place].link
        known = self.changed.get((ref.owner, ref.place))
        return 0 if known is None else known.link

    def saves(self, work: Work, wanted: Mapping[UUID, LineChange], by: Origin) -> tuple[Command[Any], ...]:
        """The commands that change lines, each held against what was read. Nothing for lines that read so already."""
        now = work.now()
        vouchers = dict(self.vouchers)
        overlays: dict[tuple[int, int], ChangedLine] = {}
        for guid, change in wanted.items():
            ref = self.refs[guid]
            if ref.kind is Owner.VOUCHER:
                vouchers[ref.owner] = _with_change(vouchers[ref.owner], ref.place, change, now)
            else:
                place = (ref.owner, ref.place)
                before = self.changed.get(place) or ChangedLine(work.identity.client.id, *place)
                after = _overlaid(before, change)
                if after != before:
                    overlays[place] = after
        moved = [after for number, after in vouchers.items() if after is not self.vouchers[number]]
        return (*_voucher_saves(work.identity.tenant, moved, by), *_line_saves(work.identity.tenant, overlays, by))


def _with_change(voucher: Voucher, place: int, change: LineChange, now: dt.datetime) -> Voucher:
    before = voucher.lines[place]
    link = before.link if change.link is None else change.link
    due = before.due if change.due is None else change.due
    if (link, due) == (before.link, before.due):
        return voucher
    after = replace(before, link=link, due=due, changed=now)
    return replace(voucher, lines=(*voucher.lines[:place], after, *voucher.lines[place + 1 :]))


def _overlaid(before: ChangedLine, change: LineChange) -> ChangedLine:
    return replace(
        before,
        link=before.link if change.link is None else change.link,
        due=before.due if change.due is None else change.due,
    )


def _voucher_saves(tenant: TenantId, vouchers: Iterable[Voucher], by: Origin) -> tuple[SaveRecords, ...]:
    saves = tuple(
        SaveRecord(voucher_record(tenant, each), Expect.EXISTING, expected_version=each.version) for each in vouchers
    )
    return (SaveRecords(tenant, VOUCHER, saves, by),) if saves else ()


def _line_saves(tenant: TenantId, lines: Mapping[tuple[int, int], ChangedLine], by: Origin) -> tuple[SaveRecords, ...]:
    saves = tuple(
        SaveRecord(line_record(tenant, each), expected_version=each.version)
        if each.version
        else SaveRecord(line_record(tenant, each), Expect.NEW)
        for each in lines.values()
    )
    return (SaveRecords(tenant, LINE, saves, by),) if saves else ()


async def find_lines(work: Work, guids: Iterable[UUID]) -> FoundLines:
    """Those of the lines that the client company has in its books."""
    tenant, client = work.identity.tenant, work.identity.client.id
    refs = {guid: ref for guid in guids if (ref := line_ref(tenant, client, guid)) is not None}
    found = FoundLines()
    owners = {ref.owner for ref in refs.values() if ref.kind is Owner.VOUCHER}
    if owners:
        keys = tuple(VOUCHER.key(tenant, owner) for owner in sorted(owners))
        read = await work.context.service.read(GetRecords(tenant, keys))
        kept = (voucher_of(record) for record in read.records.values())
        found.vouchers = {each.record: each for each in kept if each.client == client and each.posted}
    documents = await _invoices(work, {ref.owner for ref in refs.values() if ref.kind is Owner.INVOICE})
    if documents:
        found.changed = await changed_lines(work, documents)

    def is_there(ref: LineRef) -> bool:
        if ref.kind is Owner.INVOICE:
            return ref.owner in documents and has_place(documents[ref.owner], ref.place)
        return ref.owner in found.vouchers and ref.place < len(found.vouchers[ref.owner].lines)

    found.refs = {guid: ref for guid, ref in refs.items() if is_there(ref)}
    return found


async def _invoices(work: Work, documents: Iterable[int]) -> dict[int, Document]:
    """Those of the documents that have lines in the books of the client company."""
    wanted = tuple(DocumentId(each) for each in sorted(documents))
    if not wanted or not work.settings.post_invoices:
        return {}
    read = await work.context.service.read(GetDocuments(work.identity.tenant, wanted))
    return {each.id: each for each in read.documents if is_posted(each, work.identity.series)}
