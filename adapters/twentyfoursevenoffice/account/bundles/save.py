"""SaveBundleList: vouchers with the numbers that the client gives them, all or none of a call. Source: AC-30 to AC-47."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar
from uuid import uuid4

from adapters.twentyfoursevenoffice.account.answers import ANSWERS
from adapters.twentyfoursevenoffice.account.books import Books, books_of
from adapters.twentyfoursevenoffice.account.bundles.commit import Numbering, numberings, together
from adapters.twentyfoursevenoffice.account.bundles.entries import Terms
from adapters.twentyfoursevenoffice.account.bundles.plan import Plan, customers_of, digest_of, make_plan
from adapters.twentyfoursevenoffice.account.bundles.refused import BundleRefused
from adapters.twentyfoursevenoffice.account.bundles.warnings import IGNORABLE, refuse_known_invoices
from adapters.twentyfoursevenoffice.account.lines_changed import FoundLines, find_lines
from adapters.twentyfoursevenoffice.account.vouchers import VOUCHER, voucher_of
from adapters.twentyfoursevenoffice.errors import OperationFault, fault_text
from adapters.twentyfoursevenoffice.lines import OwnLine, execute_surely, voucher_line
from adapters.twentyfoursevenoffice.settings import Settings
from adapters.twentyfoursevenoffice.work import DIALECT, Work
from gateway.core.catalogue_records import catalogue_naming
from gateway.core.commands import GetSeries
from gateway.core.record_commands import GetRecords, SearchRecords
from gateway.core.refusals import (
    CounterExhausted,
    NumberOutOfRange,
    NumberTaken,
    RecordChanged,
    RecordExists,
    RecordsFull,
    RecordTaken,
    RecordUnknown,
    Refused,
)
from gateway.core.together import DoneTogether
from gateway.core.values import CounterKey
from gateway.spi.adapter import StoreUnavailableError
from schemas.twentyfoursevenoffice.account.messages import SaveBundleList, SaveBundleListResponse
from schemas.twentyfoursevenoffice.account.types import BundleList, ResponsType, SaveResponse

Given = ParamSpec("Given")
Made = TypeVar("Made")
_AT_ONCE: Final = 100
"""With more entries a thread plans the vouchers, so that other requests do not wait."""
_OF_THE_CALL: Final = frozenset({"already_saved", "not_authenticated", "save_option_unknown", "store_down"})
"""Reasons that lie in no bundle: they are the same for a call with several."""
_TRIES: Final = 100
"""How often vouchers are saved again when somebody else changes a line meanwhile that they are joined to."""


async def save_bundle_list(work: Work, message: SaveBundleList) -> SaveBundleListResponse:
    """Ok, or why nothing was saved (AC-43, AC-45). Raises OperationFault for AC-44 and for a call without BundleList (G-24)."""
    bundles = message.bundle_list
    if bundles is None:
        if work.settings.missing_array == "empty":
            return SaveBundleListResponse(result=None)
        raise OperationFault("null_reference")
    try:
        work.call.number = await _Saving(work, bundles).save()
    except BundleRefused as refused:
        work.call.outcome = refused.name
        several = sum(bundle is not None for bundle in bundles.bundles or ()) > 1
        return SaveBundleListResponse(result=refusal(work.settings, refused, several=several))
    except StoreUnavailableError:
        work.call.outcome = "store_down"
        return SaveBundleListResponse(result=refusal(work.settings, BundleRefused("store_down")))
    return SaveBundleListResponse(result=SaveResponse(type=ResponsType.OK))


def refusal(settings: Settings, refused: BundleRefused, *, several: bool = False) -> SaveResponse:
    """The answer to a call of which nothing is saved.

    several: the call has more than one bundle.
    """
    text = fault_text(settings, refused.name, refused.facts)
    name = refused.name
    if several and name not in _OF_THE_CALL:
        name, text = "several_bundles", fault_text(settings, "several_bundles", {"reason": text})
    kind = settings.bundle_answers.get(name) or ANSWERS[name][0]
    return SaveResponse(type=ResponsType(kind), description=text)


def without_session(settings: Settings) -> SaveBundleListResponse | None:
    """The answer to a call without a session; None for a fault (AC-45)."""
    if settings.no_session == "fault":
        return None
    return SaveBundleListResponse(result=refusal(settings, BundleRefused("not_authenticated")))


class _Saving:
    """One call."""

    def __init__(self, work: Work, bundles: BundleList) -> None:
        self._work = work
        self._bundles = bundles
        self._books: Books = books_of(work)
        self._call = uuid4().hex
        self._entries = sum(
            len(voucher.entries or ())
            for bundle in bundles.bundles or ()
            for voucher in (bundle.vouchers or () if bundle is not None else ())
            if voucher is not None
        )

    async def save(self) -> int | None:
        """Save everything; the highest number of the call, None without any. Raises BundleRefused, StoreUnavailableError."""
        work, bundles = self._work, self._bundles
        plan = await self._plan()
        if not IGNORABLE & set(bundles.ignore_warnings or ()):
            await refuse_known_invoices(work, plan.invoices())
        lines = numberings(plan, self._line) if plan.numbered else ()
        for _ in range(_TRIES):
            joined = await self._joined(plan)
            try:
                command = await self._run(together, work, plan, lines, joined, self._call)
                done = await execute_surely(work, command)
                self._remember(done, lines)
                return _highest(plan, done, lines)
            except Refused as refused:
                if isinstance(refused.refusal, RecordChanged):
                    continue
                own = await self._saved_already(refused, len(plan.vouchers))
                if own:
                    return max(own) or None
                raise await self._reason(refused, lines) from None
        raise BundleRefused("changed_meanwhile", id=next(iter(joined.refs), ""))

    async def _plan(self) -> Plan:
        work, bundles = self._work, self._bundles
        catalogue = await catalogue_naming(work.context.service, work.identity.tenant, customers_of(bundles))
        terms = Terms(catalogue, self._books, work.settings, bundles.default_customer_id)
        return await self._run(make_plan, bundles, terms, work.identity.client.id, self._call)

    async def _run(self, make: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
        """Make something of the call, in a thread when the call is large."""
        if self._entries <= _AT_ONCE:
            return make(*given, **named)
        return await asyncio.to_thread(make, *given, **named)

    def _line(self, series: int, year: int) -> OwnLine:
        return voucher_line(self._work, series, year, self._books.starts[series])

    def _remember(self, done: DoneTogether, lines: tuple[Numbering, ...]) -> None:
        for each, opened in zip(lines, done.results, strict=False):
            each.own.opened(self._work, opened.series.id)

    async def _joined(self, plan: Plan) -> FoundLines:
        wanted = [line for lines in plan.joined.values() for line in lines]
        if not wanted:
            return FoundLines()
        found = await find_lines(self._work, wanted)
        for line in wanted:
            if line not in found.refs:
                raise BundleRefused("link_line_unknown", id=line)
        return found

    async def _saved_already(self, refused: Refused, count: int) -> list[int]:
        """The numbers of the vouchers that this very call has saved, when its answer was lost on the way from the store.

        Raises BundleRefused when another call has saved the same content.
        """
        taken = isinstance(refused.refusal, RecordTaken) and refused.refusal.kind == VOUCHER.name
        if not taken and not isinstance(refused.refusal, NumberTaken):
            return []
        tenant, read = self._work.identity.tenant, self._work.context.service.read
        where = (VOUCHER.is_one_of("bundle", digest_of(self._bundles, self._work.identity.client.id)),)
        found = await read(SearchRecords(tenant, VOUCHER, where, limit=1))
        if not found.records:
            return []
        first = voucher_of(found.records[0])
        if first.call != self._call:
            raise BundleRefused("already_saved")
        # those of one transaction have their ids in a row
        keys = tuple(VOUCHER.key(tenant, first.record + step) for step in range(count))
        own = (await read(GetRecords(tenant, keys))).records.values()
        return [each.number for each in map(voucher_of, own) if each.call == self._call]

    async def _reason(self, refused: Refused, lines: tuple[Numbering, ...]) -> Exception:
        """Why the core has refused; the refusal itself where it is none of the client's business."""
        match refused.refusal:
            case NumberTaken(counter, number):
                place = await self._place(counter, lines)
                if place is not None:
                    return BundleRefused("number_booked", number=number, series=place.series, year=place.year)
            case NumberOutOfRange(_, number):
                return BundleRefused("transaction_no_invalid", number=number)
            case CounterExhausted():
                return BundleRefused("no_number_left")
            case RecordsFull(limit=limit):
                return BundleRefused("books_full", limit=limit)
            case RecordExists(_, record) | RecordUnknown(_, record):
                return BundleRefused("changed_meanwhile", id=record)
        return refused

    async def _place(self, counter: CounterKey, lines: tuple[Numbering, ...]) -> Numbering | None:
        """Which of the lines the core means."""
        query = GetSeries(self._work.identity.tenant, counter.series, DIALECT)
        try:
            key = (await self._work.context.service.read(query)).view.series.key
        except Refused:
            return None
        return next((each for each in lines if each.own.key == key), None)


def _highest(plan: Plan, done: DoneTogether, lines: tuple[Numbering, ...]) -> int | None:
    """The highest number that the call has taken."""
    drawn = [
        number
        for place, each in enumerate(lines)
        if each.drawn
        for number in each.numbers(done.results[len(lines) + place]).values()
    ]
    return max((*drawn, *(each.voucher.number for each in plan.vouchers if each.voucher.number)), default=None)
