"""Links between lines of the books, and due dates of lines. Source: N-30, AC-51 to AC-53."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias
from uuid import UUID

from adapters.twentyfoursevenoffice.account.books import books_of
from adapters.twentyfoursevenoffice.account.lines_changed import FoundLines, LineChange, find_lines
from adapters.twentyfoursevenoffice.account.link_records import LINK, is_link_of, link_record
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.record_commands import GetRecords, SaveRecord, SaveRecords
from gateway.core.refusals import RecordChanged, RecordExists, Refused
from gateway.core.together import Together
from schemas.twentyfoursevenoffice.account import messages as m
from schemas.twentyfoursevenoffice.account.types import EntryItem, LinkEntryItem
from schemas.twentyfoursevenoffice.primitives import DATEMIN

Wanted: TypeAlias = Callable[[FoundLines], Mapping[UUID, LineChange]]
_TRIES: Final = 100
"""How often lines are changed again that somebody else changes meanwhile."""


async def create_link(work: Work, _message: m.CreateLink) -> m.CreateLinkResponse:
    """A new link without lines; each call makes another one."""
    tenant, by = work.identity.tenant, work.origin("CreateLink")
    record = link_record(tenant, work.identity.client.id)
    saved = await work.context.service.execute(SaveRecords(tenant, LINK, (SaveRecord(record),), by))
    return m.CreateLinkResponse(result=int(saved.records[0].id))


async def add_link_entries(work: Work, message: m.AddLinkEntries) -> m.AddLinkEntriesResponse:
    """True; lines that have no link yet get this one. Raises OperationFault for an unknown link or line."""
    item = await _known_link(work, message.link_entry_item)
    await _link(work, item, replaces=False)
    return m.AddLinkEntriesResponse(result=True)


async def replace_link_entries(work: Work, message: m.ReplaceLinkEntries) -> m.ReplaceLinkEntriesResponse:
    """True; the lines leave the link that they have for this one. Raises OperationFault for an unknown link or line."""
    item = await _known_link(work, message.link_entry_item)
    await _link(work, item, replaces=True)
    return m.ReplaceLinkEntriesResponse(result=True)


async def update_entry_due_date(work: Work, message: m.UpdateEntryDueDate) -> m.UpdateEntryDueDateResponse:
    """The items whose lines there are, each with its new date. Unknown lines are left out."""
    if message.entry_items is None:
        if work.settings.missing_array == "empty":
            return m.UpdateEntryDueDateResponse(result=None)
        raise OperationFault("null_reference")
    books = books_of(work)
    items = [item for item in message.entry_items if item is not None]
    dates = {
        item.line_id: books.local(item.due_date) for item in items if item.due_date.replace(tzinfo=None) != DATEMIN
    }

    def wanted(found: FoundLines) -> dict[UUID, LineChange]:
        return {line: LineChange(due=dates[line]) for line in dates if line in found.refs}

    changed = await _change(work, list(dates), wanted)
    return m.UpdateEntryDueDateResponse(
        result=[
            EntryItem(line_id=each.line_id, due_date=dates[each.line_id]) for each in items if each.line_id in changed
        ]
    )


async def _known_link(work: Work, item: LinkEntryItem | None) -> LinkEntryItem:
    """The item when its link was made by CreateLink, or by a save. Raises OperationFault."""
    if item is None:
        raise OperationFault("null_reference")
    key = LINK.key(work.identity.tenant, item.link_id)
    read = await work.context.service.read(GetRecords(work.identity.tenant, (key,)))
    record = read.records.get(key)
    if record is None or not is_link_of(record, work.identity.client.id):
        raise OperationFault("link_unknown", id=item.link_id)
    return item


async def _link(work: Work, item: LinkEntryItem, *, replaces: bool) -> None:
    lines = list(dict.fromkeys(item.line_ids or ()))

    def wanted(found: FoundLines) -> dict[UUID, LineChange]:
        for line in lines:
            if line not in found.refs:
                raise OperationFault("line_unknown", id=line)
        return {line: LineChange(item.link_id) for line in lines if replaces or not found.link_of(line)}

    await _change(work, lines, wanted)


async def _change(work: Work, lines: Sequence[UUID], wanted: Wanted) -> frozenset[UUID]:
    """Change lines, all or none of them; those that were asked to change. Raises OperationFault, StoreUnavailableError."""
    for _ in range(_TRIES):
        found = await find_lines(work, lines)
        changes = wanted(found)
        parts = found.saves(work, changes, work.origin(work.call.operation))
        try:
            if parts:
                await work.context.service.execute(Together(work.identity.tenant, parts, work.origin()))
        except Refused as refused:
            if not isinstance(refused.refusal, RecordChanged | RecordExists):
                raise
        else:
            return frozenset(changes)
    raise OperationFault("line_changed", id=lines[0])
