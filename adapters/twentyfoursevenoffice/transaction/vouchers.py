"""Vouchers that a search of the books finds, by the index of their records. Source: TR-12."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, Voucher, moment_field, voucher_of
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.payment.booking import PAYMENT
from adapters.twentyfoursevenoffice.transaction.booked import Booked
from adapters.twentyfoursevenoffice.transaction.filters import Wanted
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.record_commands import SearchRecords
from gateway.core.records import Condition, Record

PAGE = 1000
_LEDGERS = frozenset({15, 24})
"""The first digits of accounts of what customers owe and of what is owed to suppliers (inferred)."""


async def found_vouchers(work: Work, wanted: Wanted) -> AsyncIterator[tuple[Record, ...]]:
    """The records of vouchers that may hold lines that are wanted, page by page. Raises OperationFault if too many."""
    own = (VOUCHER.is_one_of("client", work.identity.client.id), VOUCHER.is_one_of("posted", True))
    query = SearchRecords(
        work.identity.tenant,
        VOUCHER,
        (*own, *_conditions(wanted)),
        changed_after=wanted.changed_after if wanted.by_change else None,
        registered_after=wanted.registered_after,
        limit=PAGE,
    )
    async for records in pages(work, query):
        yield records


async def vouchers_of_links(work: Work, links: Iterable[int]) -> list[Voucher]:
    """Every voucher with a line that has one of these links."""
    ordered, found = sorted(links), list[Voucher]()
    for start in range(0, len(ordered), PAGE):
        where = (
            VOUCHER.is_one_of("client", work.identity.client.id),
            VOUCHER.is_one_of("posted", True),
            VOUCHER.is_one_of("link", *ordered[start : start + PAGE]),
        )
        async for records in pages(work, SearchRecords(work.identity.tenant, VOUCHER, where, limit=PAGE)):
            found += map(voucher_of, records)
    return list({each.record: each for each in found}.values())


async def pages(work: Work, query: SearchRecords) -> AsyncIterator[tuple[Record, ...]]:
    """Everything that a query finds, page by page. Raises OperationFault when it is more than one search may look at."""
    seen = 0
    while True:
        page = await work.context.service.read(query)
        seen += len(page.records)
        if seen > work.settings.max_searched:
            raise OperationFault("timeout")
        if page.records:
            yield page.records
        if not page.more:
            return
        query = SearchRecords(
            query.tenant,
            query.kind,
            query.where,
            query.changed_after,
            registered_after=query.registered_after,
            after=page.end,
            limit=query.limit,
        )


def _conditions(wanted: Wanted) -> Iterator[Condition]:
    if not wanted.by_change:
        yield VOUCHER.is_between("last", low=moment_field(wanted.start))
        yield VOUCHER.is_between("first", high=moment_field(wanted.end))
    named = {
        "link": wanted.link,
        "project": wanted.project,
        "customer": wanted.customer,
        "department": wanted.department,
        "type": wanted.type,
        "invoice": wanted.invoice,
    }
    for name, value in named.items():
        if value is not None:
            yield VOUCHER.is_one_of(name, value)
    for name, span in (("account", wanted.accounts), ("number", wanted.numbers)):
        if span != (None, None):
            yield VOUCHER.is_between(name, *span)


def booked_lines(voucher: Voucher, receivable: int) -> Iterator[Booked]:
    """The lines of a voucher. What a customer owes, and what is owed to a supplier, may be open (TR-19, inferred).

    receivable: the account of what customers owe.
    """
    for place, line in enumerate(voucher.lines):
        is_ledger = line.account == receivable or line.account // 100 in _LEDGERS
        yield Booked(
            line,
            voucher.number,
            voucher.type,
            place,
            voucher.registered,
            voucher.registered if line.changed is None else line.changed,
            may_be_open=is_ledger and line.customer > 0,
        )


def pays_invoice(booked: Booked) -> int | None:
    """The number of the invoice that a line of a payment belongs to; None for other lines."""
    number = booked.line.invoice
    if booked.line.system_type != PAYMENT or not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return int(number)
