"""GetEntryId: the next voucher number of a series and fiscal year. Source: N-01 to N-14.

In mode `reserve` the number is handed out: nobody else gets it, and until a voucher is booked on it the ledger names it as
reserved. In mode `peek` it is only read (N-10, N-11).
"""

from __future__ import annotations

from typing import Final

from adapters.twentyfoursevenoffice.account.books import books_of
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.lines import LARGEST, OwnLine, execute_surely, find_line, voucher_line
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.line_commands import Reserve
from gateway.core.refusals import CounterExhausted, Refused
from gateway.core.results import NumberIssued
from gateway.core.together import Build, SoFar, Together
from gateway.core.values import CounterKey, OnHeld
from schemas.twentyfoursevenoffice.account.messages import GetEntryId, GetEntryIdResponse
from schemas.twentyfoursevenoffice.account.types import EntryId

NO_NUMBER: Final = -1
"""N-07: no fault, but this number."""


async def get_entry_id(work: Work, message: GetEntryId) -> GetEntryIdResponse:
    """Date and SortNo as they came, and the number; -1 where there can be none (N-13). EntryNo of the request is ignored."""
    asked = message.arg_entry_id
    if asked is None:
        raise OperationFault("null_reference")
    books = books_of(work)
    moment = books.local(asked.date)
    number = NO_NUMBER
    year = books.year_of(moment.date())
    if year is None:
        _unless_minus_one(work, "no_year", day=moment.date())
    elif asked.sort_no not in books.starts:
        _unless_minus_one(work, "unknown_series", id=asked.sort_no)
    elif year.locked:
        _unless_minus_one(work, "locked", year=year.id)
    else:
        own = voucher_line(work, asked.sort_no, year.id, books.starts[asked.sort_no])
        number = await (_reserved(work, own) if work.settings.entry_numbers == "reserve" else _peeked(work, own))
        work.call.number = number if number != NO_NUMBER else None
    return GetEntryIdResponse(result=EntryId(date=moment, sort_no=asked.sort_no, entry_no=number))


def _unless_minus_one(work: Work, name: str, **facts: object) -> None:
    """Raises OperationFault when the settings want a fault for this reason instead of -1."""
    work.call.outcome = name
    if name not in work.settings.minus_one_for:
        raise OperationFault(name, **facts)


async def _peeked(work: Work, own: OwnLine) -> int:
    """One more than the highest number that is booked. A line that nobody has used yet is not made."""
    counter = await find_line(work, own)
    upcoming = None if counter is None else counter.upcoming
    number = own.start if upcoming is None else upcoming
    return number if number <= LARGEST else NO_NUMBER


async def _reserved(work: Work, own: OwnLine) -> int:
    """The next number, handed out. Raises Refused, StoreUnavailableError."""
    key, by = f"{DIALECT}:{work.call.request_id}", work.origin("GetEntryId")

    def reserve(line: CounterKey) -> Reserve:
        return Reserve(work.identity.tenant, line, key, by, own.start, OnHeld.PASS_OVER)

    def made(so_far: SoFar) -> Reserve:
        return reserve(own.of(so_far))

    parts = (own.opening(work), Build(made, like=reserve(own.hint(work))))
    try:
        done = await execute_surely(work, Together(work.identity.tenant, parts, by))
    except Refused as refused:
        if isinstance(refused.refusal, CounterExhausted):
            return NO_NUMBER
        raise
    own.opened(work, done.results[0].series.id)
    given: NumberIssued = done.results[1]
    return given.issued.number
