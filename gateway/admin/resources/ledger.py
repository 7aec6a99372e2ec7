"""The ledger: page through it, verify it, export it; and the holes in number lines that it explains."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from gateway.admin.problems import SERIES_UNKNOWN, TENANT_UNKNOWN
from gateway.admin.resources.ledger_walk import pages_of_ledger, walk_for_gaps
from gateway.admin.resources.series import find_series, views_of
from gateway.admin.routing import Ask, Body, Page, Paging, Route, View, page_after, read_cursor, write_cursor
from gateway.core.gaps import GapFinder, GapFound, GapReason, LineReport
from gateway.core.ledger import Entry
from gateway.core.values import SeriesId, SeriesView, TenantId
from gateway.stores.engine.ledger_pages import LEDGER_START


class EntryView(View):
    """One entry.

    series: the id of the series.
    line: the number line; `series` is the chain of what happened to the series itself.
    kind: the same as `line`, under its former name.
    index: counts from 1 in its chain.
    before: the next number before; null for unset.
    after: the next number afterwards; null for unset.
    number: the number that was issued, claimed, reserved, used or voided; for `pass`, the first one that was passed over; null
        for other operations.
    key: of the number; for `bounds`, the new bounds.
    at: when, UTC.
    hash: lower-case hex SHA-256 over the entry and `previous_hash`.
    """

    series: int
    line: str
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
    """Which part of the ledger.

    series: key or id.
    line: the number line; `series` is the chain of what happened to the series itself.
    kind: the same as `line`, under its former name; `line` goes first.
    """

    series: str | None = None
    line: Annotated[str, Field(max_length=32)] | None = None
    kind: Annotated[str, Field(max_length=32)] | None = None

    @property
    def asked_line(self) -> str | None:
        """The line, under whichever name it was given."""
        return self.line if self.line is not None else self.kind


class LedgerQuery(Paging, LedgerFilter):
    """A page of the ledger."""


class ExportQuery(LedgerFilter):
    """What to export, and how.

    format: csv with a header line, json (an array), or jsonl (one object a line).
    """

    format: Literal["csv", "json", "jsonl"] = "jsonl"


class LedgerProblem(View):
    """Something that does not add up.

    kind: the same as `line`, under its former name.
    index: the index of the entry; 0 for a whole line.
    """

    series: int
    line: str
    kind: str
    index: int
    problem: str


class Verification(View):
    """The result of verifying the ledger.

    sound: every chain is whole and agrees with lines, numbers and documents.
    entries: how many were read.
    problems: what does not add up.
    """

    sound: bool
    entries: int
    problems: list[LedgerProblem]


class GapView(View):
    """Numbers that no document holds, or that a claim holds outside of what the line has walked (reason `claimed`).

    kind: the same as `line`, under its former name.
    first: the first of them.
    last: the last of them.
    count: how many.
    reason: why.
    entry: the ledger entry that explains it; null when the reason is `unknown`.
    """

    series: int
    series_key: str
    line: str
    kind: str
    first: int
    last: int
    count: int
    reason: GapReason
    entry: EntryView | None


class LineSummary(View):
    """A number line.

    kind: the same as `line`, under its former name.
    start: the lowest next number that it ever had.
    end: its next number; for a cleared line, the last one that it had.
    held: how many numbers documents hold.
    held_ahead: how many of these are not below `end`; the line has yet to come by.
    missing: how many numbers from start to end no document holds, voided and reserved ones included.
    """

    series: int
    series_key: str
    line: str
    kind: str
    start: int | None
    end: int | None
    held: int
    held_ahead: int
    missing: int


class GapQuery(Paging, LedgerFilter):
    """Which holes.

    reason: only holes with this reason; may be repeated.
    """

    reason: list[GapReason] = Field(default_factory=list)


class Gaps(View):
    """The holes of number lines, and what claims hold outside of what the lines have walked.

    lines: all lines that the question is about, with or without holes.
    items: one page of the holes and claims, by line and number.
    next: the cursor for those that follow; null at the end.
    """

    lines: list[LineSummary]
    items: list[GapView]
    next: str | None


def entry_view(entry: Entry) -> EntryView:
    """An entry as shown."""
    return EntryView(
        series=entry.chain.series,
        line=entry.chain.line,
        kind=entry.chain.line,
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
    """Entries by series, line and index."""
    after = read_cursor(ask.query.cursor, int, str, int) or LEDGER_START
    tenant, limit = TenantId(ask.path["tenant"]), ask.query.limit
    series = await _series(ask)
    found = await ask.services.store.tenant_records.ledger_page(tenant, after, limit + 1, series, ask.query.asked_line)
    shown, following = page_after(found, limit, lambda e: write_cursor(e.chain.series, e.chain.line, e.index))
    return Page[EntryView](items=[entry_view(entry) for entry in shown], next=following)


async def verify(ask: Ask) -> Verification:
    """Recompute every chain and compare it with lines, numbers and documents."""
    tenant = ask.services.directory.get(TenantId(ask.path["tenant"]))
    count, findings = await ask.services.store.verify(tenant.id)
    problems = [
        LedgerProblem(
            series=one.chain.series, line=one.chain.line, kind=one.chain.line, index=one.index, problem=one.problem
        )
        for one in findings
    ]
    return Verification(sound=not problems, entries=count, problems=problems)


async def export(ask: Ask) -> web.StreamResponse:
    """The whole ledger, or a part of it, as a stream."""
    # Everything that can be refused comes before `prepare`: after it, the status has left.
    series = await _series(ask)
    media, begin, render, end = _FORMATS[ask.query.format]
    response = web.StreamResponse(headers={"Content-Type": media})
    await response.prepare(ask.request)
    if ask.request.method == "HEAD":
        return response
    await response.write(begin.encode())
    is_first = True
    async for page in pages_of_ledger(ask, series, ask.query.asked_line):
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
    """Every number that no document holds or that is held out of its turn, and the ledger entry that explains it."""
    after = read_cursor(ask.query.cursor, int, str, int)
    finder, views = await walk_for_gaps(ask, ask.query.series, ask.query.asked_line)
    return await asyncio.to_thread(_gaps, finder, views, ask.query, after)


def _gaps(finder: GapFinder, views: list[SeriesView], query: GapQuery, after: tuple[Any, ...] | None) -> Gaps:
    keys = {view.series.id: view for view in views}
    wanted = query.asked_line
    counters = [counter for view in views for line, counter in view.counters.items() if wanted in {None, line}]
    reports = [report for report in finder.reports(counters) if report.line.series in keys]
    named = [gap for report in reports for gap in sorted((*report.gaps, *report.claimed), key=lambda gap: gap.first)]
    found = [gap for gap in named if not query.reason or gap.reason in query.reason]
    later = [gap for gap in found if after is None or _place(gap) > after]
    shown, following = page_after(later, query.limit, lambda gap: write_cursor(*_place(gap)))
    return Gaps(
        lines=[_line_summary(report, keys) for report in reports],
        items=[_gap_view(gap, keys) for gap in shown],
        next=following,
    )


def _place(gap: GapFound) -> tuple[int, str, int]:
    return gap.line.series, gap.line.line, gap.first


def _line_summary(report: LineReport, keys: dict[SeriesId, SeriesView]) -> LineSummary:
    return LineSummary(
        series=report.line.series,
        series_key=keys[report.line.series].series.key,
        line=report.line.line,
        kind=report.line.line,
        start=report.start,
        end=report.end,
        held=report.held,
        held_ahead=report.held_ahead,
        missing=sum(gap.count for gap in report.gaps),
    )


def _gap_view(gap: GapFound, keys: dict[SeriesId, SeriesView]) -> GapView:
    return GapView(
        series=gap.line.series,
        series_key=keys[gap.line.series].series.key,
        line=gap.line.line,
        kind=gap.line.line,
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
