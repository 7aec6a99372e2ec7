"""Stamp numbers: which line a number is of, what is next, and how Save takes a number. Source: N-20 to N-27.

Each client company has a line of its own, and one more for each stamp series. A series has the numbers of its range. The line
outside of all series has all others. A number is asked for without being taken: the call gives the same answer until a Save
with that number is done. Save claims a new number under a key that is made of the number, so two Saves with the same new
number share one claim, however they meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from adapters.twentyfoursevenoffice.attachment.files import FILE, read_record
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.lines import LARGEST, OwnLine, find_line, stamp_line
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.catalogue import StampSeries
from gateway.core.commands import ANYTHING, STRICT, Command, SetNext, SetPolicy
from gateway.core.line_commands import Claim, Reserve, SetBounds
from gateway.core.record_commands import SearchRecords
from gateway.core.refusals import CounterExhausted, NumberOutOfRange, Refused
from gateway.core.together import Build, Part, SoFar, Together
from gateway.core.values import Counter, OnHeld
from schemas.twentyfoursevenoffice.attachment.messages import (
    GetSeries,
    GetSeriesResponse,
    GetSeriesStampNo,
    GetSeriesStampNoResponse,
    GetStampNo,
    GetStampNoResponse,
)
from schemas.twentyfoursevenoffice.attachment.types import StampSeries as ShownSeries

_PAGE: Final = 1000


async def get_stamp_no(work: Work, _: GetStampNo) -> GetStampNoResponse:
    """The next number outside of all series; it is not reserved. Raises OperationFault. Source: N-20, N-27."""
    own = _outside_line(work)
    number = await _next_free(work, own, all_series(work))
    if number > LARGEST:
        raise OperationFault("stamps_used_up", first=own.start, last=LARGEST)
    work.call.number = number
    return GetStampNoResponse(result=number)


async def get_series(work: Work, _: GetSeries) -> GetSeriesResponse:
    """The stamp series of the catalogue, else those of the settings. Source: AT-05, N-21."""
    shown: list[ShownSeries | None] = [
        ShownSeries(id=UUID(each.id), name=each.name, start=each.first, end=each.last) for each in all_series(work)
    ]
    return GetSeriesResponse.model_construct(result=shown)


async def get_series_stamp_no(work: Work, message: GetSeriesStampNo) -> GetSeriesStampNoResponse:
    """The next number of a series. Raises OperationFault. Source: N-25, N-26."""
    series = next((each for each in all_series(work) if each.id == str(message.series_id)), None)
    if series is None:
        raise OperationFault("stamp_series_unknown", id=message.series_id)
    if work.settings.series_stamp_reserves:
        number = await _reserved(work, series)
    else:
        number = await _next_free(work, _line_of(work, series))
        if number > series.last:
            raise _used_up(series)
    work.call.number = number
    return GetSeriesStampNoResponse(result=number)


def all_series(work: Work) -> Sequence[StampSeries]:
    """The stamp series of the tenant's catalogue; those of the settings when it has none."""
    own = work.catalogue.stamp_series
    if own:
        return tuple(own.values())
    return tuple(StampSeries(str(each.id), each.name, each.start, each.end) for each in work.settings.stamp_series)


def _used_up(series: StampSeries) -> OperationFault:
    return OperationFault("stamps_used_up", first=series.first, last=series.last)


def _outside_line(work: Work) -> OwnLine:
    return stamp_line(work, start=work.settings.stamp_start)


def _line_of(work: Work, series: StampSeries) -> OwnLine:
    return stamp_line(work, UUID(series.id), series.first, series.last)


def _line_with(work: Work, number: int) -> OwnLine:
    """The line that a number belongs to."""
    series = next((each for each in all_series(work) if each.first <= number <= each.last), None)
    return _outside_line(work) if series is None else _line_of(work, series)


# --- what is next -----------------------------------------------------------------------------------------------------


async def _next_free(work: Work, own: OwnLine, others: Sequence[StampSeries] = ()) -> int:
    """The number at which the line stands, or the first one behind it that no file has.

    others: series whose numbers are left out.
    """
    counter = await find_line(work, own)
    number = _stand(own, counter)
    if not _holds(own, number):  # its range was moved away
        number = own.start
    held = None if counter is None else counter.highest_issued
    ranges = sorted((each.first, each.last) for each in others)
    while True:
        outside = _behind(ranges, number)
        # A line stands behind all numbers that were given out, unless an operator has set it back.
        free = outside if held is None or held < outside else await _behind_held(work, outside)
        if free == number:
            return number
        number = free


def _behind(ranges: Sequence[tuple[int, int]], number: int) -> int:
    """The first number from this one on that lies in none of the ranges."""
    for first, last in ranges:
        if first <= number <= last:
            number = last + 1
    return number


async def _behind_held(work: Work, number: int) -> int:
    """The first number from this one on that no file of the client company has."""
    while True:
        where = (FILE.is_one_of("client", work.identity.client.id), FILE.is_between("stamp", number))
        query = SearchRecords(work.identity.tenant, FILE, where, order="stamp", limit=_PAGE)
        found = await work.context.service.read(query)
        for record in found.records:
            stamp = read_record(record).stamp
            if stamp > number:
                return number
            number = stamp + 1
        if not found.more:
            return number


# --- how a number is taken --------------------------------------------------------------------------------------------


async def taking(work: Work, number: int) -> tuple[Part, ...]:
    """How to take a number for a file, as the line stands now. Raises OperationFault. Source: N-22, N-23, N-26.

    The parts come before all others of the transaction. There are none for a number that is in use already.

    The parts may be refused with NumberBehind when another Save was quicker; then ask again.
    """
    if not 0 < number <= LARGEST:
        raise OperationFault("stamp_invalid", number=number)
    own = _line_with(work, number)
    counter = await find_line(work, own)
    if await _is_held(work, counter, number):
        return ()
    stand = _stand(own, counter)
    lift, claim = _lift(work, own, number, stand), _claim(work, own, number)
    if counter is None or counter.bounds == (own.first, own.last):
        return own.opening(work), *lift, claim
    # The range of the series has changed: the line goes to the new one by way of a range that holds both.
    first = None if own.first is None else min(own.first, counter.first_number or 0)
    wide = _bounds(work, own, first, max(own.last, counter.last_number or own.last))
    if not _holds(own, stand):
        lift = _lift(work, own, number, stand, ANYTHING)
    return own.opening(work), wide, *lift, claim, _bounds(work, own, own.first, own.last)


def _stand(own: OwnLine, counter: Counter | None) -> int:
    """Where a line stands. counter: None while it is not there yet."""
    return own.start if counter is None or counter.upcoming is None else counter.upcoming


def _holds(own: OwnLine, stand: int) -> bool:
    """Whether a line of this range may stand there; one that is used up stands one behind its end."""
    return (own.first or 0) <= stand <= own.last + 1


async def held_elsewhere(work: Work, number: int) -> tuple[Part, ...]:
    """What is to be done about a number that another line has given out: the line of today passes it by."""
    own = _line_with(work, number)
    stand = _stand(own, await find_line(work, own))
    return (own.opening(work), *_lift(work, own, number + 1, stand)) if number < own.last else ()


async def _is_held(work: Work, counter: Counter | None, number: int) -> bool:
    """Whether a file of the client company has the number."""
    if counter is None or counter.highest_issued is None or counter.highest_issued < number:
        return False
    where = (FILE.is_one_of("client", work.identity.client.id), FILE.is_one_of("stamp", number))
    found = await work.context.service.read(SearchRecords(work.identity.tenant, FILE, where, limit=1))
    return bool(found.records)


def _bounds(work: Work, own: OwnLine, first: int | None, last: int) -> Build:
    def make(so_far: SoFar) -> Command[Any]:
        return SetBounds(work.identity.tenant, own.of(so_far), first, last, work.origin("range changed"))

    return Build(make)


def _lift(work: Work, own: OwnLine, number: int, stand: int, policy: SetPolicy = STRICT) -> tuple[Build, ...]:
    """Let the line go on to a number before it is claimed, so that the claim leaves it one behind, at the end of a range, too.

    stand: where the line is; a number behind it needs nothing.
    """

    def make(so_far: SoFar) -> Command[Any]:
        return SetNext(work.identity.tenant, own.of(so_far), number, policy, work.origin("stamp ahead of the line"))

    return (Build(make),) if number > stand or policy is ANYTHING else ()


def _claim(work: Work, own: OwnLine, number: int) -> Build:
    client = work.identity.client.id
    key, document, by = f"{DIALECT}.stamp-{client}-{number}", f"stamp {number} of client {client}", work.origin()

    def make(so_far: SoFar) -> Command[Any]:
        return Claim(work.identity.tenant, own.of(so_far), number, key, document, by)

    return Build(make, like=Claim(work.identity.tenant, own.hint(work), number, key, document, by))


async def _reserved(work: Work, series: StampSeries) -> int:
    """Hand the next number of a series out. Raises OperationFault. Source: N-25, setting `series_stamp_reserves`."""
    own, by = _line_of(work, series), work.origin("stamp handed out")

    def make(so_far: SoFar) -> Command[Any]:
        key = f"{DIALECT}.stamp-{by.request_id}"
        return Reserve(work.identity.tenant, own.of(so_far), key, by, on_held=OnHeld.PASS_OVER)

    parts = (own.opening(work), Build(make))
    try:
        done = await work.context.service.execute(Together(work.identity.tenant, parts, by))
    except Refused as refused:
        if isinstance(refused.refusal, CounterExhausted | NumberOutOfRange):
            raise _used_up(series) from None
        raise
    number: int = done.results[1].issued.number
    return number
