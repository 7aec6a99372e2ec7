"""A plan becomes one transaction: numbers, links and vouchers, all of it or nothing (AC-46, ADR-79).

The numbers of a line are claimed in ascending order, so a row of them moves the line along. Where the highest one is ahead of
the line, the line is set to it first, so that it never gives out a number that the client has passed (N-11). The ledger then
says of the numbers between that somebody set the line past them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from adapters.twentyfoursevenoffice.account.bundles.plan import Plan, Planned
from adapters.twentyfoursevenoffice.account.bundles.refused import BundleRefused
from adapters.twentyfoursevenoffice.account.lines_changed import FoundLines, LineChange
from adapters.twentyfoursevenoffice.account.link_records import LINK, link_record
from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, Voucher, VoucherLine, voucher_record
from adapters.twentyfoursevenoffice.lines import OwnLine
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.commands import STRICT, Command, SetNext, UpdateSeries
from gateway.core.line_commands import Claim
from gateway.core.record_commands import RecordsSaved, SaveRecord, SaveRecords
from gateway.core.results import NumberIssued
from gateway.core.together import Build, DoneTogether, Part, SoFar, Together
from gateway.core.values import VOUCHER as LINE_NAME
from gateway.core.values import CounterKey, OnHeld, SeriesView

Place = tuple[int, int]
"""A number line: series and fiscal year."""
_BODY_LIMIT: Final = VOUCHER.max_body


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers that a plan takes from one line.

    own: the line, of this series and fiscal year.
    chosen: by number, ascending, the index of its voucher.
    drawn: indexes of the vouchers that get the next number each.
    """

    own: OwnLine
    series: int
    year: int
    chosen: Mapping[int, int]
    drawn: tuple[int, ...]

    def command(self, work: Work, line: CounterKey, call: str) -> Together:
        """What takes the numbers."""
        by, tenant = work.origin("SaveBundleList"), work.identity.tenant

        def claim(number: int | None, index: int) -> Claim:
            key = f"{DIALECT}:{call}:{index}"
            return Claim(tenant, line, number, key, "voucher", by, self.own.start, OnHeld.PASS_OVER)

        parts: list[Part] = [claim(number, index) for number, index in self.chosen.items()]
        if parts:
            highest = max(self.chosen)
            look = UpdateSeries(tenant, line.series, STRICT, by)

            def lift(so_far: SoFar) -> Command[Any] | None:
                view: SeriesView = so_far.results[-1].view
                stand = view.next_number(LINE_NAME)
                ahead = highest > (self.own.start if stand is None else stand)
                return SetNext(tenant, line, highest, STRICT, by) if ahead else None

            parts[-1:] = [look, Build(lift, like=SetNext(tenant, line, highest, STRICT, by)), parts[-1]]
        parts += [claim(None, index) for index in self.drawn]
        return Together(tenant, tuple(parts), by)

    def numbers(self, done: DoneTogether) -> dict[int, int]:
        """By index, the number of each voucher that has drawn one."""
        given: list[NumberIssued] = [result for result in done.results if isinstance(result, NumberIssued)]
        return dict(zip(self.drawn, (each.issued.number for each in given[len(self.chosen) :]), strict=True))


def numberings(plan: Plan, line_of: Callable[[int, int], OwnLine]) -> tuple[Numbering, ...]:
    """What a plan takes from each line, in the order of their keys: calls at once never wait for one another in a ring."""
    places: dict[Place, list[int]] = {}
    for index, planned in enumerate(plan.vouchers):
        places.setdefault(planned.place, []).append(index)
    found = []
    for place, indexes in places.items():
        numbers = {
            plan.vouchers[index].voucher.number: index for index in indexes if plan.vouchers[index].voucher.number
        }
        drawn = tuple(index for index in indexes if not plan.vouchers[index].voucher.number)
        found.append(Numbering(line_of(*place), *place, dict(sorted(numbers.items())), drawn))
    return tuple(sorted(found, key=lambda each: each.own.key))


def together(work: Work, plan: Plan, lines: tuple[Numbering, ...], joined: FoundLines, call: str) -> Together:
    """The transaction of a plan. Raises BundleRefused for a voucher that is too large.

    joined: the lines of the books that the call joins to its links.
    """
    tenant, by = work.identity.tenant, work.origin("SaveBundleList")
    parts: list[Part] = [each.own.opening(work) for each in lines]
    parts += [_numbering(work, each, place, call) for place, each in enumerate(lines)]
    links = tuple(plan.joined)
    if links:
        records = tuple(SaveRecord(link_record(tenant, work.identity.client.id)) for _ in links)
        parts.append(SaveRecords(tenant, LINK, records, by))
        if joined.refs:
            parts.append(_joining(work, plan, links, joined, len(parts) - 1))
    if links or any(each.drawn for each in lines):
        parts.append(_vouchers_built(work, plan, lines, links))
    else:
        parts.append(_vouchers_saved(work, [planned.voucher for planned in plan.vouchers]))
    return Together(tenant, tuple(parts), by)


def _numbering(work: Work, each: Numbering, place: int, call: str) -> Build:
    def make(so_far: SoFar) -> Together:
        return each.command(work, each.own.of(so_far, place), call)

    return Build(make, like=each.command(work, each.own.hint(work), call))


def _vouchers_saved(work: Work, vouchers: list[Voucher]) -> SaveRecords:
    tenant = work.identity.tenant
    saves = []
    for voucher in vouchers:
        record = voucher_record(tenant, voucher)
        if len(record.body) > _BODY_LIMIT:
            raise BundleRefused("voucher_too_large", number=voucher.number)
        saves.append(SaveRecord(record))
    return SaveRecords(tenant, VOUCHER, tuple(saves), work.origin("SaveBundleList"))


def _vouchers_built(work: Work, plan: Plan, lines: tuple[Numbering, ...], links: tuple[UUID, ...]) -> Build:
    """The vouchers with the numbers that they have drawn, and the ids of their links."""

    def make(so_far: SoFar) -> SaveRecords:
        numbers: dict[int, int] = {}
        for place, each in enumerate(lines):
            numbers |= each.numbers(so_far.results[len(lines) + place])
        ids = _link_ids(so_far, links, 2 * len(lines)) if links else {}
        return _vouchers_saved(work, [_filled(each, numbers.get(at), ids) for at, each in enumerate(plan.vouchers)])

    return Build(make, like=_vouchers_saved(work, [planned.voucher for planned in plan.vouchers]))


def _link_ids(so_far: SoFar, links: tuple[UUID, ...], place: int) -> dict[UUID, int]:
    saved: RecordsSaved = so_far.results[place]
    return dict(zip(links, (int(record.id) for record in saved.records), strict=True))


def _filled(planned: Planned, number: int | None, ids: Mapping[UUID, int]) -> Voucher:
    voucher = planned.voucher if number is None else replace(planned.voucher, number=number)
    if not any(planned.links):
        return voucher
    linked = (_linked(line, link, ids) for line, link in zip(voucher.lines, planned.links, strict=True))
    return replace(voucher, lines=tuple(linked))


def _linked(line: VoucherLine, link: UUID | None, ids: Mapping[UUID, int]) -> VoucherLine:
    return line if link is None else replace(line, link=ids[link])


def _joining(work: Work, plan: Plan, links: tuple[UUID, ...], joined: FoundLines, place: int) -> Build:
    """Lines of the books leave their old link for the call's (AC-41, AC-52)."""

    def command(ids: Mapping[UUID, int]) -> Together:
        wanted = {line: LineChange(ids[link]) for link in links for line in plan.joined[link]}
        return Together(work.identity.tenant, joined.saves(work, wanted, by), by)

    by = work.origin("SaveBundleList")
    likely = dict.fromkeys(links, -1)
    return Build(lambda so_far: command(_link_ids(so_far, links, place)), like=command(likely))
