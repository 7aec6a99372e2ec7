"""The ledger: to page through, to verify, to take away; and the holes in number lines that it explains."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from gateway.admin.problems import SERIES_UNKNOWN, TENANT_UNKNOWN
from gateway.admin.resources.series import find_series, views_of
from gateway.admin.routing import Ask, Body, Page, Paging, Route, View, page_after, read_cursor, write_cursor
from gateway.core.gaps import GapFinder, GapFound, GapReason, LineReport
from gateway.core.ledger import Entry
from gateway.core.values import SeriesId, SeriesView, TenantId
from gateway.stores.engine.ledger_pages import LEDGER_START

PAGE = 1000


class EntryView(View):
    """One entry. series: id. index: counts from 1 in its chain. before, after: the next number, null = unset. number: the one
    issued or voided. at: UTC. hash: lower-case hex SHA-256 over the entry and `previous_hash`.
    """

    series: int
    kind: str
    index: int
    tenant: str
    operation: str
    before: int | None
    after: int | None
    number: int | None
    key: str
    dialect: str
    principal: str
    request_id: str
    reason: str
    at: str
    previous_hash: str
    hash: str


class LedgerFilter(Body):
    """series: key or id. kind: of document; `series` is the chain of what happened to the series itself."""

    series: str | None = None
    kind: Annotated[str, Field(max_length=32)] | None = None


class LedgerQuery(Paging, LedgerFilter):
    """A page of the ledger."""


class ExportQuery(LedgerFilter):
    """format: csv with a header line, json (an array), jsonl (one object a line)."""

    format: Literal["csv", "json", "jsonl"] = "jsonl"


class LedgerProblem(View):
    """Something that does not add up, and where. index: of the entry, 0 when it is about a whole line."""

    series: int
    kind: str
    index: int
    problem: str


class Verification(View):
    """entries: how many were read. problems: none when every chain is whole and agrees with lines, numbers and documents."""

    sound: bool
    entries: int
    problems: list[LedgerProblem]


class GapView(View):
    """Numbers `first` to `last`, both included, that no document holds. entry: what explains it; null for `unknown`."""

    series: int
    series_key: str
    kind: str
    first: int
    last: int
    count: int
    reason: GapReason
    entry: EntryView | None


class LineSummary(View):
    """A number line. start: the lowest number it stood at; end: its next number, or where it stood when it was cleared.

    held: numbers that documents hold. missing: numbers from start to end that none holds, voided ones included.
    """

    series: int
    series_key: str
    kind: str
    start: int | None
    end: int | None
    held: int
    missing: int


class GapQuery(Paging, LedgerFilter):
    """reason: only these; may be repeated."""

    reason: list[GapReason] = Field(default_factory=list)


class Gaps(View):
    """lines: all that were asked about, with or without holes. items: holes by line and number, this page of them."""

    lines: list[LineSummary]
    items: list[GapView]
    next: str | None


def entry_view(entry: Entry) -> EntryView:
    """An entry as shown."""
    return EntryView(
        series=entry.chain.series,
        kind=entry.chain.kind,
        index=entry.index,
        tenant=entry.tenant,
        operation=entry.operation,
        before=entry.before,
        after=entry.after,
        number=entry.number,
        key=entry.key,
        dialect=entry.dialect,
        principal=entry.principal,
        request_id=entry.request_id,
        reason=entry.reason,
        at=entry.at,
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )


async def _series(ask: Ask) -> SeriesId | None:
    views = await views_of(ask)
    return find_series(views, ask.query.series).series.id if ask.query.series is not None else None


async def list_entries(ask: Ask) -> Page[EntryView]:
    """By series, kind and index."""
    after = read_cursor(ask.query.cursor, int, str, int) or LEDGER_START
    tenant, limit = TenantId(ask.path["tenant"]), ask.query.limit
    series = await _series(ask)
    found = await ask.services.store.tenant_records.ledger_page(tenant, after, limit + 1, series, ask.query.kind)
    shown, following = page_after(found, limit, lambda e: write_cursor(e.chain.series, e.chain.kind, e.index))
    return Page[EntryView](items=[entry_view(entry) for entry in shown], next=following)


async def _entries(ask: Ask, series: SeriesId | None, kind: str | None) -> AsyncIterator[list[Entry]]:
    after = LEDGER_START
    while True:
        page = await ask.services.store.tenant_records.ledger_page(
            TenantId(ask.path["tenant"]), after, PAGE, series, kind
        )
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = (page[-1].chain.series, page[-1].chain.kind, page[-1].index)


async def verify(ask: Ask) -> Verification:
    """Recompute every chain and compare it with lines, numbers and documents."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    count, findings = await ask.services.store.verify(tenant.id)
    problems = [
        LedgerProblem(series=one.chain.series, kind=one.chain.kind, index=one.index, problem=one.problem)
        for one in findings
    ]
    return Verification(sound=not problems, entries=count, problems=problems)


async def export(ask: Ask) -> web.StreamResponse:
    """The whole ledger, or a part, as a stream."""
    series = await _series(ask)
    media, begin, render, end = _FORMATS[ask.query.format]
    response = web.StreamResponse(headers={"Content-Type": media})
    await response.prepare(ask.request)
    if ask.request.method == "HEAD":
        return response
    await response.write(begin.encode())
    is_first = True
    async for page in _entries(ask, series, ask.query.kind):
        await response.write(render((entry_view(entry).model_dump() for entry in page), is_first).encode())
        is_first = False
    await response.write(end.encode())
    await response.write_eof()
    return response


def _csv(rows: Iterable[dict[str, object]], _: bool) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(row.values() for row in rows)
    return text.getvalue()


def _json(rows: Iterable[dict[str, object]], is_first: bool) -> str:
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return text if is_first else ",\n" + text


def _jsonl(rows: Iterable[dict[str, object]], _: bool) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_Format = tuple[str, str, Callable[[Iterable[dict[str, object]], bool], str], str]
_FORMATS: dict[str, _Format] = {
    "csv": ("text/csv; charset=utf-8", ",".join(EntryView.model_fields) + "\r\n", _csv, ""),
    "json": ("application/json", "[", _json, "]\n"),
    "jsonl": ("application/jsonl", "", _jsonl, ""),
}


async def gaps(ask: Ask) -> Gaps:
    """Every number below the next one that no document holds, and the ledger entry that explains it."""
    after = read_cursor(ask.query.cursor, int, str, int)
    views = await views_of(ask)
    if ask.query.series is not None:
        views = [find_series(views, ask.query.series)]
    only = views[0].series.id if ask.query.series is not None else None
    finder = GapFinder()
    async for page in _entries(ask, only, ask.query.kind):
        for entry in page:
            finder.take(entry)
    return await asyncio.to_thread(_gaps, finder, views, ask.query, after)


def _gaps(finder: GapFinder, views: list[SeriesView], query: GapQuery, after: tuple[Any, ...] | None) -> Gaps:
    keys = {view.series.id: view for view in views}
    counters = [counter for view in views for kind, counter in view.counters.items() if query.kind in {None, kind}]
    reports = [report for report in finder.reports(counters) if report.line.series in keys]
    found = [gap for report in reports for gap in report.gaps if not query.reason or gap.reason in query.reason]
    later = [gap for gap in found if after is None or _place(gap) > after]
    shown, following = page_after(later, query.limit, lambda gap: write_cursor(*_place(gap)))
    return Gaps(
        lines=[_line_summary(report, keys) for report in reports],
        items=[_gap_view(gap, keys) for gap in shown],
        next=following,
    )


def _place(gap: GapFound) -> tuple[int, str, int]:
    return gap.line.series, gap.line.kind, gap.first


def _line_summary(report: LineReport, keys: dict[SeriesId, SeriesView]) -> LineSummary:
    return LineSummary(
        series=report.line.series,
        series_key=keys[report.line.series].series.key,
        kind=report.line.kind,
        start=report.start,
        end=report.end,
        held=report.held,
        missing=sum(gap.count for gap in report.gaps),
    )


def _gap_view(gap: GapFound, keys: dict[SeriesId, SeriesView]) -> GapView:
    return GapView(
        series=gap.line.series,
        series_key=keys[gap.line.series].series.key,
        kind=gap.line.kind,
        first=gap.first,
        last=gap.last,
        count=gap.count,
        reason=gap.reason,
        entry=None if gap.entry is None else entry_view(gap.entry),
    )


_LEDGER = "/v1/tenants/{tenant}/ledger"
_UNKNOWN = (TENANT_UNKNOWN, SERIES_UNKNOWN)

ROUTES = (
    Route(
        "GET",
        _LEDGER,
        "listLedger",
        "ledger",
        "Every move of a number line",
        list_entries,
        query=LedgerQuery,
        answer=Page[EntryView],
        problems=_UNKNOWN,
    ),
    Route(
        "GET",
        _LEDGER + "/verification",
        "verifyLedger",
        "ledger",
        "Recompute every chain",
        verify,
        answer=Verification,
        problems=(TENANT_UNKNOWN,),
    ),
    Route(
        "GET",
        _LEDGER + "/export",
        "exportLedger",
        "ledger",
        "The ledger as CSV, JSON or JSON lines, streamed",
        export,
        query=ExportQuery,
        answer=list[EntryView],
        media=("application/json", "text/csv", "application/jsonl"),
        problems=_UNKNOWN,
    ),
    Route(
        "GET",
        "/v1/tenants/{tenant}/gaps",
        "listGaps",
        "ledger",
        "Every hole, explained",
        gaps,
        query=GapQuery,
        answer=Gaps,
        problems=_UNKNOWN,
    ),
)
