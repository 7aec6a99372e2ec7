"""The JSON API below /v1: every route, and one request's way through it. It is loaded with the first request for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from gateway.admin import problems
from gateway.admin.context import Services
from gateway.admin.problems import Problem, ProblemKind
from gateway.admin.resources import (
    catalogue,
    clock,
    dialects,
    documents,
    evidence,
    faults,
    health,
    ledger,
    requests,
    seeds,
    series,
    state,
    tenants,
    work,
)
from gateway.admin.routing import Route, Shown, Table, checked
from gateway.admin.several_workers import WAYS, Way
from gateway.core.ports import StoreUnavailableError
from gateway.core.refusals import Refused, SeriesUnknown
from gateway.journal.capture import told_refusal
from gateway.journal.journal import JournalClosedError
from gateway.journal.models import JournalError
from gateway.simulation.production import ProductionTenantError
from gateway.spi.served_dialects import CredentialsTakenError
from gateway.stores.errors import StoreError
from gateway.tenants.snapshots import SnapshotExistsError, SnapshotTooLargeError, UnknownSnapshotError
from gateway.tenants.tenant import ConfiguredTenantError, TenantExistsError, UnknownTenantError
from gateway.web.connection import ClientGoneError

log = structlog.get_logger("admin")

ROUTES: Final[tuple[Route, ...]] = (
    *health.ROUTES,
    *tenants.ROUTES,
    *series.ROUTES,
    *documents.ROUTES,
    *catalogue.ROUTES,
    *work.ROUTES,
    *ledger.ROUTES,
    *requests.ROUTES,
    *faults.ROUTES,
    *clock.ROUTES,
    *seeds.ROUTES,
    *state.ROUTES,
    *dialects.ROUTES,
    *evidence.ROUTES,
)
TABLE: Final = Table(ROUTES)

_MEANINGS: Final[tuple[tuple[type[Exception], ProblemKind], ...]] = (
    (UnknownTenantError, problems.TENANT_UNKNOWN),
    (TenantExistsError, problems.TENANT_EXISTS),
    (ConfiguredTenantError, problems.TENANT_CONFIGURED),
    (ProductionTenantError, problems.PRODUCTION_TENANT),
    (CredentialsTakenError, problems.CREDENTIALS_TAKEN),
    (UnknownSnapshotError, problems.SNAPSHOT_UNKNOWN),
    (SnapshotExistsError, problems.SNAPSHOT_EXISTS),
    (SnapshotTooLargeError, problems.SNAPSHOT_TOO_LARGE),
    (StoreUnavailableError, problems.STORE_UNAVAILABLE),
    (StoreError, problems.STORE_UNAVAILABLE),
    (JournalClosedError, problems.JOURNAL_UNAVAILABLE),
    (JournalError, problems.JOURNAL_UNAVAILABLE),
    (sqlite3.Error, problems.JOURNAL_UNAVAILABLE),
)
"""The problem for each exception of the rooms below. The first row that fits counts."""


def common_problems(route: Route) -> tuple[ProblemKind, ...]:
    """The problems that a route may meet whatever it does."""
    found = [problems.UNAUTHORIZED, problems.FOREIGN_ORIGIN, problems.INVALID_REQUEST, problems.INTERNAL]
    if route.changes:
        found.append(problems.READ_ONLY_TOKEN)
    if route.body is not None:
        found += [problems.MALFORMED_BODY, problems.BODY_TOO_LARGE, problems.UNSUPPORTED_MEDIA_TYPE]
    if route.asks_store:
        found.append(problems.STORE_UNAVAILABLE)
    found.append(problems.NO_WORKER)
    if WAYS[route.method, route.path] in {Way.COMMON, Way.EACH}:
        found.append(problems.WORKERS_DIFFER)
    return tuple(found)


async def answer(services: Services, request: web.Request) -> web.StreamResponse:
    """Answer a request for /v1. Raises Problem."""
    route, variables, methods = TABLE.find(request.method, request.rel_url.raw_path)
    if not methods or not all(map(_is_plain, variables.values())):
        raise Problem(problems.NOT_FOUND, request.path)
    if route is None:
        raise Problem(problems.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(methods)})
    try:
        ask = await checked(services, request, route, variables)
        result = await route.handler(ask)
    except (Problem, ClientGoneError):
        raise
    except Exception as error:
        raise _problem_of(error) from error
    return _response(route, result)


def _is_plain(variable: str) -> bool:
    return "\0" not in variable and variable.isprintable()


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Refused):
        return _refused(error)
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return Problem(meaning, str(error))
    log.error("unhandled error", exc_info=error)
    return Problem(problems.INTERNAL, "see the log of the gateway")


def _refused(error: Refused) -> Problem:
    refusal = error.refusal
    if isinstance(refusal, SeriesUnknown):  # it was there when the route looked for it
        return Problem(problems.SERIES_UNKNOWN, str(refusal.series))
    shown = told_refusal(refusal)
    return Problem(problems.REFUSED, shown.name, refusal=shown.model_dump())


_DUMPS: Final[dict[Any, Callable[[Any], bytes]]] = {}


def _response(route: Route, result: BaseModel | Shown | web.StreamResponse | None) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    shown = result if isinstance(result, Shown) else Shown(result)
    if shown.body is None:
        return web.Response(status=route.status, headers=shown.headers)
    dump = _DUMPS.setdefault(route.answer, TypeAdapter(route.answer).dump_json)
    return web.Response(
        status=route.status, body=dump(shown.body), content_type="application/json", headers=shown.headers
    )
