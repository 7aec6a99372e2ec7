"""The dialect's own number lines: voucher numbers of a series and fiscal year, stamp numbers. Source: N-33.

Each is a line of a canonical series that is made when it is needed first, and that no other dialect sees. What draws from such
a line, or claims a number of it, opens the series in the same transaction: so the series that is used is the one that is there
now, also after a tenant was restored or made anew.

    by its own:     counter = await open_line(work, voucher_line(work, 1, 2024))
    in a Together:  OpenSeries first, then Builds that take `own_line.of(so_far)` as their counter; `hint` is for their `like`
    only to read:   counter = await find_line(work, own_line); None while nobody has opened the series
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.commands import ListSeries
from gateway.core.line_commands import OpenSeries
from gateway.core.together import DoneTogether, SoFar, Together
from gateway.core.values import STAMP, VOUCHER, Bounds, Counter, CounterKey, LineName, SeriesId, TenantId
from gateway.spi.adapter import StoreUnavailableError

LARGEST: Final = 2**31 - 1
"""The largest number that the contract can show: xs:int."""
_HINTS: Final = 4096
_hints: Final[OrderedDict[tuple[int, TenantId, str], SeriesId]] = OrderedDict()
"""Which series had a key when it was opened last, for `like`. It may be out of date, and then costs one more look."""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line that the dialect owns.

    key: of its series.
    start: the first number of a new line.
    first, last: its bounds, both included; None = no lower bound.
    """

    key: str
    line: LineName
    start: int = 1
    first: int | None = None
    last: int = LARGEST

    def opening(self, work: Work) -> OpenSeries:
        """The command that makes sure that there is the series. It changes nothing when there is."""
        return OpenSeries(
            work.identity.tenant,
            self.key,
            DIALECT,
            work.origin("first number"),
            counters={self.line: self.start},
            bounds={self.line: Bounds(self.first, self.last)},
        )

    def of(self, so_far: SoFar, place: int = 0) -> CounterKey:
        """The line, in a part of a Together.

        place: of the part that opens the series.
        """
        return CounterKey(so_far.results[place].series.id, self.line)

    def hint(self, work: Work) -> CounterKey:
        """What the line probably is, for the `like` of a Build."""
        known = _hints.get((id(work.context.service), work.identity.tenant, self.key))
        return CounterKey(SeriesId(0) if known is None else known, self.line)

    def opened(self, work: Work, series: SeriesId) -> CounterKey:
        """Remember the series for `hint`."""
        key = (id(work.context.service), work.identity.tenant, self.key)
        if _hints.get(key) != series:
            _hints[key] = series
            while len(_hints) > _HINTS:
                _hints.popitem(last=False)
        return CounterKey(series, self.line)


def voucher_line(work: Work, series: int, year: int, start: int = 1) -> OwnLine:
    """The voucher numbers of a series and fiscal year of the client company.

    series: an EntrySeriesId. year: as the year is called, 2024.
    start: the first number of a new line (N-12).
    """
    client = "" if work.identity.is_main else f"{work.identity.client.id}-"
    return OwnLine(f"voucher-{client}{series}-{year}", VOUCHER, start)


def stamp_line(work: Work, series: UUID | None = None, start: int = 1, last: int = LARGEST) -> OwnLine:
    """The stamp numbers of the client company: those of a stamp series, or those outside of all series (N-27).

    start, last: the ends of a new line, both included.
    """
    parts = ["stamp"]
    if not work.identity.is_main:
        parts.append(f"c{work.identity.client.id}")
    if series is not None:
        parts.append(str(series))
    return OwnLine("-".join(parts), STAMP, start, None if series is None else start, last)


async def open_line(work: Work, own: OwnLine) -> CounterKey:
    """The line; its series is made if it is not there yet. Raises Refused, StoreUnavailableError."""
    opened = await work.context.service.execute(own.opening(work))
    return own.opened(work, opened.series.id)


async def find_line(work: Work, own: OwnLine) -> Counter | None:
    """Where the line stands; None while its series is not there. Makes nothing. Raises StoreUnavailableError."""
    listed = await work.context.service.read(ListSeries(work.identity.tenant, DIALECT))
    for view in listed.views:
        if view.series.key == own.key:
            key = own.opened(work, view.series.id)
            return view.counters.get(own.line) or Counter(key)
    return None


async def execute_surely(work: Work, command: Together) -> DoneTogether:
    """Execute a command, and again when nobody knows whether it was committed: its keys keep it from doing anything twice."""
    try:
        return await work.context.service.execute(command)
    except StoreUnavailableError as error:
        if error.committed is not None:
            raise
    return await work.context.service.execute(command)
