"""The journal: requests and answers, secrets blotted out. It says "none" only where it has dropped nothing (ADR-19)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from gateway.admin.problems import JOURNAL_OFF, JOURNAL_UNAVAILABLE, REQUEST_GONE, REQUEST_UNKNOWN, Problem
from gateway.admin.routing import Ask, Body, Moment, Paging, Route, View, invalid_field
from gateway.core.values import TenantId
from gateway.journal import models
from gateway.journal.journal import Journal
from gateway.spi.findings import Finding

Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Field(max_length=200)]
NearMiss = Literal["true", "false"] | Finding


class RequestFilter(Body):
    """Conditions. Every one that is given must hold.

    tenant: empty for requests without a tenant.
    user_agent: a part of it.
    since: this moment or later; UTC where no zone is given.
    until: this moment or earlier; UTC where no zone is given.
    after: only ids above this one.
    finding: a code; outbound for requests of the gateway's own, such as callbacks.
    near_miss: true for every kind, false for none, or the code of one.
    strict: true for what the strict profile refuses, or would have refused.
    """

    tenant: Text | None = None
    dialect: Text | None = None
    operation: Text | None = None
    outcome: Text | None = None
    status: Annotated[int, Field(ge=0, le=999)] | None = None
    number: Int64 | None = None
    request_id: Text | None = None
    user_agent: Text | None = None
    since: Moment | None = None
    until: Moment | None = None
    after: Int64 | None = None
    finding: Finding | Literal["outbound"] | None = None
    near_miss: NearMiss | None = None
    strict: bool | None = None


class RequestQuery(Paging, RequestFilter):
    """Which requests, and in which order.

    newest_first: by descending id.
    """

    newest_first: bool = False


class WaitQuery(RequestFilter):
    """What to wait for.

    n: which match; matches that are there already count.
    timeout_seconds: how long to wait at most.
    """

    n: Annotated[int, Field(ge=1, le=100_000)] = 1
    timeout_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0


class Clearing(Body):
    """Which entries to drop.

    tenant: only its entries; empty for those without a tenant; all when not given.
    """

    tenant: Text | None = None


class Cleared(View):
    """How many entries were dropped."""

    entries: int


def _journal(ask: Ask) -> Journal:
    if ask.services.journal is None:
        raise Problem(JOURNAL_OFF, "journal.mode is off in the configuration")
    return ask.services.journal


def filter_of(asked: RequestFilter) -> models.Filter:
    values = asked.model_dump(include=set(RequestFilter.model_fields), exclude_none=True)
    for name in ("since", "until"):
        moment = values.get(name)
        if moment is not None and moment.tzinfo is None:
            values[name] = moment.replace(tzinfo=dt.UTC)
    near_miss = values.get("near_miss")
    if near_miss in {"true", "false"}:
        values["near_miss"] = near_miss == "true"
    return models.Filter(**values)


async def find(ask: Ask) -> models.Page:
    """Requests by id. `completeness` says whether the journal has dropped entries that may have matched."""
    query: RequestQuery = ask.query
    journal = _journal(ask)
    try:
        return await journal.find(
            filter_of(query), limit=query.limit, cursor=query.cursor, newest_first=query.newest_first
        )
    except ValueError as error:
        raise invalid_field("query", "cursor", str(error)) from error


async def near_misses(ask: Ask) -> models.Page:
    """The newest refused requests that almost matched: wrong namespace, credential, path case, verb …"""
    query: RequestQuery = ask.query
    journal = _journal(ask)
    try:
        return await journal.near_misses(filter_of(query), limit=query.limit, cursor=query.cursor)
    except ValueError as error:
        raise invalid_field("query", "cursor", str(error)) from error


async def count(ask: Ask) -> models.Count:
    """How many match; a lower bound when `completeness.complete` is false."""
    return await _journal(ask).count(filter_of(ask.query))


async def wait(ask: Ask) -> models.Waited:
    """Answer when the n-th match is there, or when the time is up (long poll)."""
    query: WaitQuery = ask.query
    return await _journal(ask).wait(filter_of(query), n=query.n, timeout_seconds=query.timeout_seconds)


async def strict_report(ask: Ask) -> models.StrictReport:
    """What each client, by its User-Agent, would have met in the strict profile."""
    return await _journal(ask).strict_report(filter_of(ask.query))


async def _entry(ask: Ask) -> models.Entry:
    text = ask.path["request"]
    name = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else text
    lookup = await _journal(ask).get(name)
    if lookup.entry is not None:
        return lookup.entry
    if lookup.status == "absent":
        raise Problem(REQUEST_UNKNOWN, f"no request {text}")
    raise Problem(REQUEST_GONE, f"there may have been a request {text}; see the gaps of the journal")


async def get(ask: Ask) -> models.Entry:
    """One entry, by its id or by the request id that the log shows."""
    return await _entry(ask)


async def raw(ask: Ask) -> web.Response:
    """Both messages as they went over the wire, as text, secrets blotted out."""
    entry = await _entry(ask)
    request, reply = entry.request, entry.reply
    target = request.path + (f"?{request.query}" if request.query else "")
    status = f"HTTP/1.1 {reply.status}" if reply.status is not None else f"(no answer: {reply.broken})"
    text = "\n\n".join(
        [
            _message(f"{request.method} {target} HTTP/1.1", request.headers, request.body),
            _message(status, reply.headers, reply.body),
        ]
    )
    return web.Response(text=text + "\n", content_type="text/plain", charset="utf-8")


def _message(first: str, headers: tuple[tuple[str, str], ...], body: models.Body) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers), ""]
    if body.form == "text":
        lines.append(body.text + (f"\n(cut; {body.size} bytes in all)" if body.cut else ""))
    elif body.form == "withheld":
        lines.append(f"(withheld; {body.size} bytes)")
    return "\n".join(lines)


async def clear(ask: Ask) -> Cleared:
    """Drop entries. The journal then says that it no longer knows that time."""
    tenant = ask.query.tenant
    return Cleared(entries=await _journal(ask).clear(None if tenant is None else TenantId(tenant)))


async def status(ask: Ask) -> models.Status:
    """What the journal holds, and what it does not know. `position` is the newest id: for `after` in later questions."""
    return await _journal(ask).status()


_REQUESTS = "/v1/requests"
_ALWAYS = (JOURNAL_OFF, JOURNAL_UNAVAILABLE)
_ONE = (REQUEST_UNKNOWN, REQUEST_GONE, *_ALWAYS)

ROUTES = (
    Route(
        "GET",
        _REQUESTS,
        "findRequests",
        "requests",
        "Requests that meet conditions",
        find,
        query=RequestQuery,
        answer=models.Page,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "DELETE",
        _REQUESTS,
        "clearRequests",
        "requests",
        "Let entries go",
        clear,
        query=Clearing,
        answer=Cleared,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/count",
        "countRequests",
        "requests",
        "How many requests match",
        count,
        query=RequestFilter,
        answer=models.Count,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/near-misses",
        "findNearMisses",
        "requests",
        "Refused requests that almost matched",
        near_misses,
        query=RequestQuery,
        answer=models.Page,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/wait",
        "waitForRequest",
        "requests",
        "Wait for the n-th match",
        wait,
        query=WaitQuery,
        answer=models.Waited,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/strict-report",
        "getStrictReport",
        "requests",
        "What would fail in the strict profile, per client",
        strict_report,
        query=RequestFilter,
        answer=models.StrictReport,
        problems=_ALWAYS,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/{request}",
        "getRequest",
        "requests",
        "One request and its answer",
        get,
        answer=models.Entry,
        problems=_ONE,
        asks_store=False,
    ),
    Route(
        "GET",
        _REQUESTS + "/{request}/raw",
        "getRawRequest",
        "requests",
        "Both messages as text",
        raw,
        answer=str,
        media=("text/plain",),
        problems=_ONE,
        asks_store=False,
    ),
    Route(
        "GET",
        "/v1/journal",
        "getJournal",
        "requests",
        "The journal itself",
        status,
        answer=models.Status,
        problems=_ALWAYS,
        asks_store=False,
    ),
)
