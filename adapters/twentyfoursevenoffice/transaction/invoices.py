"""Issued invoices that a search of the books finds, and their lines. Source: TR-12, TR-18."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.twentyfoursevenoffice.account.books import Books, books_of
from adapters.twentyfoursevenoffice.account.line_ids import LineRef, Owner, line_guid
from adapters.twentyfoursevenoffice.account.lines_changed import LINE, ChangedLine, changed_line_of, changed_lines
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.orders.paid import is_settled
from adapters.twentyfoursevenoffice.orders.plan import issued_at
from adapters.twentyfoursevenoffice.transaction.booked import Booked
from adapters.twentyfoursevenoffice.transaction.filters import Wanted
from adapters.twentyfoursevenoffice.transaction.postings import (
    CREDIT_TYPE,
    CUSTOMER_PLACE,
    INVOICE_TYPE,
    Rules,
    is_posted,
    postings,
    products_of,
)
from adapters.twentyfoursevenoffice.transaction.vouchers import PAGE, pages
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import catalogue_naming
from gateway.core.commands import GetDocuments, SearchDocuments
from gateway.core.documents import UNASSIGNED, Document, DocumentId, Status
from gateway.core.record_commands import GetRecords, SearchRecords
from gateway.core.search import DateSpan, DocumentFilter
from gateway.core.values import INVOICE

SALES: Final = "Utgående faktura"
"""Words in the title of the type that invoices are booked as; clients look for them, too (AC-13)."""
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invoices:
    """Invoices, and what their lines are derived from.

    changed: what was changed about lines, by document and place.
    type: the TypeId of their vouchers; 0 for none.
    """

    documents: Sequence[Document]
    changed: Mapping[tuple[int, int], ChangedLine]
    rules: Rules
    client: int
    type: int

    def lines(self) -> list[Booked]:
        """The lines of all of them."""
        return [each for document in self.documents for each in self._lines_of(document)]

    def _lines_of(self, document: Document) -> list[Booked]:
        registered, settled = issued_at(document), is_settled(document)
        found = []
        for place, posting in enumerate(postings(document, self.rules)):
            ref = LineRef(Owner.INVOICE, document.id, posting.place)
            line = replace(posting.line, id=line_guid(document.tenant, self.client, ref))
            moved = self.changed.get((document.id, posting.place))
            changed = document.changed
            if moved is not None:
                line = replace(line, link=moved.link, due=moved.due or line.due)
                changed = max(changed, moved.changed or changed)
            is_owed = posting.place == CUSTOMER_PLACE
            number = document.number or 0
            found.append(Booked(line, number, self.type, place, registered, changed, is_owed, settled))
        return found


def type_of_invoices(books: Books) -> int:
    """The TypeId of the vouchers of invoices; 0 when no type has the title."""
    found = books.type_called(SALES)
    return 0 if found is None else found.id


async def found_invoices(work: Work, wanted: Wanted) -> AsyncIterator[Invoices]:
    """The invoices that may have lines that are wanted, page by page. Raises OperationFault when they are too many."""
    if not work.settings.post_invoices or _excludes_all(wanted, type_of_invoices(books_of(work))):
        return
    has_changes = await _has_changes(work)
    if wanted.link is not None or (wanted.by_change and has_changes):
        documents = await _with_changed_lines(work, wanted) if has_changes else []
        if documents:
            yield await _prepared(work, documents, has_changes=True)
        if wanted.link is not None:
            return
        seen = frozenset(each.id for each in documents)
    else:
        seen = frozenset()
    count, after = 0, UNASSIGNED
    while True:
        query = SearchDocuments(work.identity.tenant, _filter(work, wanted), after, PAGE)
        page = await work.context.service.read(query)
        count += len(page.documents)
        if count > work.settings.max_searched:
            raise OperationFault("timeout")
        documents = [each for each in page.documents if each.id not in seen]
        if documents:
            yield await _prepared(work, documents, has_changes=has_changes)
        if not page.more:
            return
        after = page.documents[-1].id


async def invoices_of_links(work: Work, links: Iterable[int]) -> Invoices:
    """The invoices with a line that has one of these links."""
    ordered = sorted(links)
    found: set[int] = set()
    if work.settings.post_invoices and await _has_changes(work):
        for start in range(0, len(ordered), PAGE):
            where = (
                LINE.is_one_of("client", work.identity.client.id),
                LINE.is_one_of("link", *ordered[start : start + PAGE]),
            )
            async for records in pages(work, SearchRecords(work.identity.tenant, LINE, where, limit=PAGE)):
                found |= {changed_line_of(record).document for record in records}
    return await _prepared(work, await _posted(work, found), has_changes=True)


async def settled_numbers(work: Work, numbers: Iterable[int]) -> frozenset[int]:
    """Those of the numbers whose invoices are paid."""
    ordered = sorted(set(numbers))
    found: set[int] = set()
    for start in range(0, len(ordered), PAGE):
        where = replace(_own(work), numbers=tuple(ordered[start : start + PAGE]))
        read = await work.context.service.read(SearchDocuments(work.identity.tenant, where))
        found |= {each.number for each in read.documents if each.number is not None and is_settled(each)}
    return frozenset(found)


async def _prepared(work: Work, documents: Sequence[Document], *, has_changes: bool) -> Invoices:
    """Read what the lines of invoices depend on."""
    catalogue = await catalogue_naming(work.context.service, work.identity.tenant, (), products_of(documents))
    changed = await changed_lines(work, (each.id for each in documents)) if has_changes and documents else {}
    books = books_of(work)
    rules = Rules(catalogue, work.settings, work.settings.orders, books.local)
    return Invoices(documents, changed, rules, work.identity.client.id, type_of_invoices(books))


async def _has_changes(work: Work) -> bool:
    """Whether the tenant has changed any line of an invoice: mostly not, and then there is nothing to look up."""
    return LINE.name in (await work.context.service.read(GetRecords(work.identity.tenant, (), (LINE.name,)))).kinds


async def _with_changed_lines(work: Work, wanted: Wanted) -> list[Document]:
    """The invoices of which a line has the link, or was changed after the moment that is wanted."""
    where = [LINE.is_one_of("client", work.identity.client.id)]
    if wanted.link is not None:
        where.append(LINE.is_one_of("link", wanted.link))
    after = wanted.changed_after if wanted.by_change else None
    query = SearchRecords(work.identity.tenant, LINE, tuple(where), after, limit=PAGE)
    found: set[int] = set()
    async for records in pages(work, query):
        found |= {changed_line_of(record).document for record in records}
    return await _posted(work, found)


async def _posted(work: Work, documents: Iterable[int]) -> list[Document]:
    ids = tuple(DocumentId(each) for each in sorted(documents))
    if not ids:
        return []
    read = await work.context.service.read(GetDocuments(work.identity.tenant, ids))
    return [each for each in read.documents if is_posted(each, work.identity.series)]


def _own(work: Work) -> DocumentFilter:
    return DocumentFilter(kinds=(INVOICE,), series=(work.identity.series,), lines=(INVOICE,), statuses=(Status.ISSUED,))


def _filter(work: Work, wanted: Wanted) -> DocumentFilter:
    """The invoices that may have lines that are wanted. The day of a document is that in UTC, so its neighbours count, too."""
    dated = None
    if not wanted.by_change:
        first, last = wanted.start.date(), wanted.end.date()
        dated = DateSpan(first if first == dt.date.min else first - _DAY, last if last == dt.date.max else last + _DAY)
    return replace(
        _own(work),
        numbers=() if wanted.invoice is None else (int(wanted.invoice),),
        customers=() if wanted.customer is None else (wanted.customer,),
        changed_after=wanted.changed_after,
        dated=dated,
    )


def _excludes_all(wanted: Wanted, own_type: int) -> bool:
    """Whether no line of any invoice can be wanted."""
    number = wanted.invoice
    return (
        wanted.system_type not in (None, INVOICE_TYPE, CREDIT_TYPE)
        or wanted.has_invoice is False
        or (wanted.type is not None and wanted.type != own_type)
        or (number is not None and not (number.isascii() and number.isdecimal() and len(number) <= 18))
        or wanted.start > wanted.end
    )
