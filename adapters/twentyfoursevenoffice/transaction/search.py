"""GetTransactions: the lines of vouchers and of issued invoices that meet every filter. Source: TR-10 to TR-19."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from decimal import Context, Decimal
from functools import partial
from typing import Final, TypeVar

from adapters.twentyfoursevenoffice.account.books import books_of
from adapters.twentyfoursevenoffice.account.vouchers import voucher_of
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.transaction.booked import Booked, transaction_of
from adapters.twentyfoursevenoffice.transaction.filters import Wanted, wanted_of
from adapters.twentyfoursevenoffice.transaction.invoices import (
    Invoices,
    found_invoices,
    invoices_of_links,
    settled_numbers,
)
from adapters.twentyfoursevenoffice.transaction.vouchers import (
    booked_lines,
    found_vouchers,
    pays_invoice,
    vouchers_of_links,
)
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.transaction.messages import GetTransactions, GetTransactionsResponse
from schemas.twentyfoursevenoffice.transaction.types import Transaction, TransactionSearchParameters

Made = TypeVar("Made")

AT_ONCE: Final = 50
"""More vouchers, invoices or lines are read, derived or shown in a thread, so that other requests do not wait."""
_EXACT: Final = Context(prec=200)


async def get_transactions(work: Work, message: GetTransactions) -> GetTransactionsResponse:
    """The lines by date, TransactionNo and place. Raises OperationFault."""
    asked = message.search_params or TransactionSearchParameters.model_construct()
    wanted = wanted_of(asked, books_of(work).local, ignore_zeros=work.settings.zero_filters == "ignore")
    found = await _found(work, wanted)
    is_open = await _open_lines(work, found)
    if wanted.open_only:
        found = [each for each in found if is_open(each)]
    shown = await _run(len(found), lambda: _shown(found, is_open, work))
    return GetTransactionsResponse.model_construct(result=shown)


async def _found(work: Work, wanted: Wanted) -> list[Booked]:
    """The lines that meet every condition, as `Wanted.takes` says. Raises OperationFault when they are too many."""
    found: list[Booked] = []

    def add(lines: list[Booked]) -> None:
        found.extend(lines)
        if len(found) > work.settings.max_transactions:
            raise OperationFault("timeout")

    receivable = work.settings.receivable_account
    async for records in found_vouchers(work, wanted):
        add(await _run(len(records), partial(_of_vouchers, records, wanted, receivable)))
    async for invoices in found_invoices(work, wanted):
        add(await _run(len(invoices.documents), partial(_of_invoices, invoices, wanted)))
    return found


def _of_vouchers(records: Sequence[Record], wanted: Wanted, receivable: int) -> list[Booked]:
    lines = (line for record in records for line in booked_lines(voucher_of(record), receivable))
    return list(filter(wanted.takes, lines))


def _of_invoices(invoices: Invoices, wanted: Wanted) -> list[Booked]:
    return list(filter(wanted.takes, invoices.lines()))


async def _open_lines(work: Work, found: Iterable[Booked]) -> Callable[[Booked], bool]:
    """Which of the lines are open: what is owed, until its invoice is paid or its link sums up to zero (TR-19)."""
    owed = [each for each in found if each.may_be_open and not each.settled]
    paying = {number for each in owed if (number := pays_invoice(each)) is not None}
    settled = await settled_numbers(work, paying) if paying else frozenset()
    links = {each.line.link for each in owed if each.line.link}
    closed = await _closed_links(work, links) if links else frozenset()

    def is_open(booked: Booked) -> bool:
        if not booked.may_be_open or booked.settled or booked.line.link in closed:
            return False
        number = pays_invoice(booked)
        return number is None or number not in settled

    return is_open


async def _closed_links(work: Work, links: Iterable[int]) -> frozenset[int]:
    """Those of the links whose lines sum up to zero."""
    sums = dict.fromkeys(links, Decimal(0))
    lines = [line for voucher in await vouchers_of_links(work, sums) for line in voucher.lines]
    lines += [each.line for each in (await invoices_of_links(work, sums)).lines()]
    for line in lines:
        if line.link in sums:
            sums[line.link] = _EXACT.add(sums[line.link], line.amount)
    return frozenset(link for link, total in sums.items() if not total)


def _shown(found: list[Booked], is_open: Callable[[Booked], bool], work: Work) -> list[Transaction | None]:
    own = work.settings.orders.currency
    return [transaction_of(each, own, is_open=is_open(each)) for each in sorted(found, key=lambda each: each.order)]


async def _run(size: int, make: Callable[[], Made]) -> Made:
    """Make something of so many items, in a thread when they are many."""
    return make() if size <= AT_ONCE else await asyncio.to_thread(make)
