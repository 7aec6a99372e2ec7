"""Every problem that a route documents is provoked on it, and every route answers as it documents.

The tables must be complete: a route or problem that no test provokes fails the first test.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.admin import problems
from gateway.admin.api import ROUTES, common_problems
from gateway.admin.problems import ProblemKind
from gateway.admin.resources import catalogue
from gateway.admin.routing import Route
from gateway.core.ports import StoreUnavailableError
from gateway.core.records import RecordQuota
from gateway.stores.engine.tenant_records import TakenError, TenantRecords
from gateway.stores.engine.work_records import WorkRecords
from gateway.stores.errors import StoreError
from gateway.testing.golden import CaseError
from tests.admin.actions import made, work
from tests.admin.conftest import READ_TOKEN, TOKEN, Admin, Answered, MakeAdmin
from tests.admin.paths import BY_NAME, ask, furnish, path_of

WITH_TOKENS = {"admin_token": TOKEN, "admin_read_token": READ_TOKEN}
SMALL = {"limits": {"max_body_bytes": 1024}}


def documented(kind: ProblemKind) -> list[Route]:
    return [route for route in ROUTES if kind in (*route.problems, *common_problems(route))]


# Problems that every route can answer: the request for each, and the gateway that it goes to.


async def without_token(admin: Admin, route: Route) -> Answered:
    admin.token = None
    return await ask(admin, route)


async def with_read_token(admin: Admin, route: Route) -> Answered:
    admin.token = READ_TOKEN
    return await ask(admin, route)


async def from_a_page(admin: Admin, route: Route) -> Answered:
    return await ask(admin, route, headers={"Sec-Fetch-Site": "cross-site"})


async def surprising(admin: Admin, route: Route) -> Answered:
    return await ask(admin, route, "surprise=1")


async def malformed(admin: Admin, route: Route) -> Answered:
    return await ask(admin, route, body={}, data="{")


async def too_large(admin: Admin, route: Route) -> Answered:
    return await ask(admin, route, body={"x": "x" * 2000})


async def as_a_form(admin: Admin, route: Route) -> Answered:
    return await ask(admin, route, body={}, headers={"Content-Type": "application/x-www-form-urlencoded"})


async def of_nobody(admin: Admin, route: Route) -> Answered:
    if route.name == "addFault":
        return await ask(admin, route, body={"tenant": "nobody", "action": {"kind": "reset"}})
    return await ask(admin, route, variables={"tenant": "nobody"})


async def of_no_series(admin: Admin, route: Route) -> Answered:
    if "{series}" in route.path:
        return await ask(admin, route, variables={"series": "none"})
    return await ask(admin, route, "series=none")


Provoke = Callable[[Admin, Route], Awaitable[Answered]]
EVERYWHERE: dict[ProblemKind, tuple[Provoke, dict[str, Any]]] = {
    problems.UNAUTHORIZED: (without_token, WITH_TOKENS),
    problems.READ_ONLY_TOKEN: (with_read_token, WITH_TOKENS),
    problems.FOREIGN_ORIGIN: (from_a_page, {}),
    problems.INVALID_REQUEST: (surprising, {}),
    problems.MALFORMED_BODY: (malformed, {}),
    problems.BODY_TOO_LARGE: (too_large, SMALL),
    problems.UNSUPPORTED_MEDIA_TYPE: (as_a_form, {}),
    problems.TENANT_UNKNOWN: (of_nobody, {}),
    problems.SERIES_UNKNOWN: (of_no_series, {}),
    problems.JOURNAL_OFF: (ask, {"journal": {"mode": "off"}}),
}


# Problems of single routes: how to provoke each one.

Single = Callable[[Admin], Awaitable[Answered]]
PRODUCTION = {"id": "p", "production": True}


def named(route: str, query: str = "", body: Any = ..., first: Any = None, **variables: str) -> Single:
    """Ask a route, after making a tenant."""

    async def provoke(admin: Admin) -> Answered:
        if first is not None:
            await made(admin, **first)
        return await ask(admin, BY_NAME[route], query, body, variables=variables)

    return provoke


async def retrying_what_is_done(admin: Admin) -> Answered:
    done = await work(admin, "t", done=True)
    return await ask(admin, BY_NAME["retryWork"], variables={"work": str(done)})


async def dropping_twice(admin: Admin) -> Answered:
    await ask(admin, BY_NAME["dropWork"])
    return await ask(admin, BY_NAME["dropWork"])


async def restoring_a_taken_document(admin: Admin) -> Answered:
    store = admin.gateway.store.default
    store.tenant_records = _Taken(*_parts(store.tenant_records))
    return await ask(admin, BY_NAME["restoreSnapshot"])


class _Taken(TenantRecords):
    async def replace(self, *_: Any, **__: Any) -> None:
        raise TakenError("an id is taken")


def _parts(tenant_records: TenantRecords) -> tuple[Any, ...]:
    return tuple(getattr(tenant_records, field.name) for field in fields(tenant_records))


async def too_much_for_a_snapshot(admin: Admin) -> Answered:
    admin.gateway.states.max_rows = 3
    return await ask(admin, BY_NAME["saveSnapshot"])


def too_large_a_catalogue(route: str) -> Single:
    async def provoke(admin: Admin) -> Answered:
        with pytest.MonkeyPatch.context() as patch:
            own = BY_NAME["putCatalogue"], {"customers": [{"id": 1, "name": "One"}, {"id": 2, "name": "Two"}]}
            if route == "getCatalogue":
                await ask(admin, own[0], "", own[1])
            patch.setattr(catalogue, "SHOWN", 1)
            return await ask(admin, BY_NAME[route], "", own[1] if route == "putCatalogue" else ...)

    return provoke


async def more_records_than_allowed(admin: Admin, route: str, body: Any) -> Answered:
    admin.gateway.store.default.record_quota = RecordQuota(records=0)
    return await ask(admin, BY_NAME[route], "", body)


async def a_request_that_was_let_go(admin: Admin, route: str) -> Answered:
    await admin.delete("/v1/requests")
    return await ask(admin, BY_NAME[route])


def gone(route: str) -> Single:
    return lambda admin: a_request_that_was_let_go(admin, route)


def without_cases(route: str) -> Single:
    """Ask a route while an installed adapter cannot be used."""

    async def provoke(admin: Admin) -> Answered:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gateway.admin.resources.evidence._KEPT", {})
            patch.setattr("gateway.testing.harness.load_profile", broken)
            return await ask(admin, BY_NAME[route])

    def broken(folder: Path) -> Any:
        raise CaseError(f"{folder}: profile.toml is not what it was")

    return provoke


async def changing_old_settings(admin: Admin) -> Answered:
    return await ask(admin, BY_NAME["changeSettings"], headers={"If-Match": '"old"'})


async def changing_settings_blindly(admin: Admin) -> Answered:
    return await admin.patch("/v1/settings/resurs", {})


CLASH = {"dialects": {"invoicexpress": {"account": "demo", "api_key": "x"}}}
_PRODUCTION_ROUTES = (
    "deleteTenant", "saveSnapshot", "dropSnapshot", "restoreSnapshot", "resetTenant", "seedTenant", "makeSeeds", "freezeClock",
    "travelClock",
)  # fmt: skip

SINGLE: dict[tuple[str, ProblemKind], Single] = {
    ("createTenant", problems.TENANT_EXISTS): named("createTenant", body={"id": "t"}),
    ("createTenant", problems.CREDENTIALS_TAKEN): named("createTenant", body=CLASH),
    ("deleteTenant", problems.TENANT_CONFIGURED): named("deleteTenant", tenant="demo"),
    ("createSeries", problems.REFUSED): named("createSeries", body={"name": "main"}),
    ("changeSeries", problems.REFUSED): named("changeSeries", body={"name": "Two"}, first={"id": "x"}),
    ("getCounter", problems.COUNTER_UNKNOWN): named("getCounter", line="receipt"),
    ("setCounter", problems.REFUSED): named("setCounter", body={"next_number": 0}),
    ("setBounds", problems.REFUSED): named("setBounds", body={"first": 9, "last": 8}),
    ("getDocument", problems.DOCUMENT_UNKNOWN): named("getDocument", document="99"),
    ("getWork", problems.WORK_UNKNOWN): named("getWork", work="99"),
    ("retryWork", problems.WORK_UNKNOWN): named("retryWork", work="x"),
    ("dropWork", problems.WORK_UNKNOWN): named("dropWork", work="0"),
    ("retryWork", problems.WORK_SETTLED): retrying_what_is_done,
    ("dropWork", problems.WORK_SETTLED): dropping_twice,
    ("getRequest", problems.REQUEST_UNKNOWN): named("getRequest", request="9999"),
    ("getRawRequest", problems.REQUEST_UNKNOWN): named("getRawRequest", request="9999"),
    ("getRequest", problems.REQUEST_GONE): gone("getRequest"),
    ("getRawRequest", problems.REQUEST_GONE): gone("getRawRequest"),
    ("getFault", problems.FAULT_UNKNOWN): named("getFault", fault="f99"),
    ("removeFault", problems.FAULT_UNKNOWN): named("removeFault", fault="f99"),
    ("addFault", problems.PRODUCTION_TENANT): named(
        "addFault", body={"tenant": "p", "action": {"kind": "reset"}}, first=PRODUCTION
    ),
    ("getCatalogue", problems.CATALOGUE_TOO_LARGE): too_large_a_catalogue("getCatalogue"),
    ("putCatalogue", problems.CATALOGUE_TOO_LARGE): too_large_a_catalogue("putCatalogue"),
    ("putCatalogue", problems.REFUSED): lambda admin: more_records_than_allowed(
        admin, "putCatalogue", {"customers": [{"id": 1, "name": "One"}]}
    ),
    ("makeSeeds", problems.REFUSED): lambda admin: more_records_than_allowed(admin, "makeSeeds", {"amount": "1"}),
    ("makeSeeds", problems.SEED_REFUSED): named("makeSeeds", body={"id": "P-1001", "amount": "1"}),
    ("seedTenant", problems.SEED_REFUSED): named("seedTenant", body={"payments": [{"id": "P-1001", "amount": "1"}]}),
    ("listSeeds", problems.SEEDS_UNKNOWN): named("listSeeds", kind="parcels"),
    ("makeSeeds", problems.SEEDS_UNKNOWN): named("makeSeeds", kind="parcels"),
    ("getSeed", problems.SEEDS_UNKNOWN): named("getSeed", item="P-9"),
    ("saveSnapshot", problems.SNAPSHOT_EXISTS): named("saveSnapshot", body={"name": "s"}),
    ("saveSnapshot", problems.SNAPSHOT_TOO_LARGE): too_much_for_a_snapshot,
    ("getSnapshot", problems.SNAPSHOT_UNKNOWN): named("getSnapshot", snapshot="none"),
    ("dropSnapshot", problems.SNAPSHOT_UNKNOWN): named("dropSnapshot", snapshot="none"),
    ("restoreSnapshot", problems.SNAPSHOT_UNKNOWN): named("restoreSnapshot", snapshot="none"),
    ("restoreSnapshot", problems.SNAPSHOT_UNUSABLE): restoring_a_taken_document,
    ("seedTenant", problems.REFUSED): named("seedTenant", body={"series": [{"key": "b", "name": "main"}]}),
    ("getAdapter", problems.DIALECT_UNKNOWN): named("getAdapter", adapter="morse"),
    ("getEvidence", problems.DIALECT_UNKNOWN): named("getEvidence", adapter="morse"),
    ("getEvidence", problems.EVIDENCE_UNAVAILABLE): without_cases("getEvidence"),
    ("listEvidence", problems.EVIDENCE_UNAVAILABLE): without_cases("listEvidence"),
    ("getSettings", problems.DIALECT_UNKNOWN): named("getSettings", dialect="morse"),
    ("changeSettings", problems.DIALECT_UNKNOWN): named("changeSettings", dialect="morse"),
    ("changeSettings", problems.SETTINGS_CHANGED): changing_old_settings,
    ("changeSettings", problems.PRECONDITION_REQUIRED): changing_settings_blindly,
    ("changeSettings", problems.PRODUCTION_TENANT): named("changeSettings", first=PRODUCTION),
    **{(name, problems.PRODUCTION_TENANT): named(name, first=PRODUCTION, tenant="p") for name in _PRODUCTION_ROUTES},
}
BROKEN = {problems.INTERNAL, problems.STORE_UNAVAILABLE, problems.JOURNAL_UNAVAILABLE}
SUPERVISED = {problems.NO_WORKER, problems.WORKERS_DIFFER}
"""Of several workers; `tests/server/supervisor/test_team.py` provokes them on every route."""


def test_the_tables_name_every_documented_problem() -> None:
    wanted = {(route.name, kind) for kind in problems.KINDS for route in documented(kind)}
    covered = {(route.name, kind) for kind in (*EVERYWHERE, *BROKEN, *SUPERVISED) for route in documented(kind)} | set(
        SINGLE
    )
    assert {(name, kind.name) for name, kind in wanted - covered} == set()
    assert {(name, kind.name) for name, kind in covered - wanted} == set()
    # These belong to no route: see the last test, and test_connections.
    elsewhere = {problems.NOT_FOUND, problems.METHOD_NOT_ALLOWED, problems.BROKEN_REQUEST, problems.BODY_TIMEOUT}
    elsewhere |= {problems.STOPPING, problems.TOO_MANY_CONNECTIONS}
    assert {kind.name for kind in problems.KINDS} - {kind.name for _, kind in wanted} == {k.name for k in elsewhere}


async def furnished(make_admin: MakeAdmin, changes: dict[str, Any]) -> Admin:
    """A gateway with a tenant `t` that has one of everything."""
    admin = await make_admin(
        {key: value for key, value in changes.items() if key in {"admin_token", "admin_read_token"}}
    )
    admin.token = TOKEN if "admin_token" in changes else None
    await furnish(admin)
    if "limits" in changes:
        admin = await make_admin(changes)
        await made(admin, id="t")
    if "journal" in changes:
        admin = await make_admin(changes)
    return admin


@pytest.mark.parametrize("kind", EVERYWHERE, ids=lambda kind: kind.name)
async def test_problems_that_every_route_may_meet(make_admin: MakeAdmin, kind: ProblemKind) -> None:
    provoke, changes = EVERYWHERE[kind]
    admin = await furnished(make_admin, changes)
    for route in documented(kind):
        answered = await provoke(admin, route)
        assert (answered.status, answered.problem) == (kind.status, kind.name), f"{route.name}: {answered.text}"
        assert answered.body["title"] == kind.title


@pytest.mark.parametrize("which", SINGLE, ids=lambda which: f"{which[0]}-{which[1].name}")
async def test_problems_of_single_routes(make_admin: MakeAdmin, which: tuple[str, ProblemKind]) -> None:
    _, kind = which
    admin = await furnished(make_admin, {})
    await admin.post("/v1/tenants/t/series", {"name": "Two", "key": "two"})
    answered = await SINGLE[which](admin)
    assert (answered.status, answered.problem) == (kind.status, kind.name), answered.text


async def test_a_bug_is_told_as_a_problem(make_admin: MakeAdmin, monkeypatch: Any) -> None:
    admin = await furnished(make_admin, {})

    async def bug(*_: Any) -> Any:
        raise RuntimeError("the secret is hunter2")

    monkeypatch.setattr("gateway.admin.api.checked", bug)
    with capture_logs() as logged:
        for route in documented(problems.INTERNAL):
            answered = await ask(admin, route)
            assert (answered.status, answered.problem) == (500, "internal"), route.name
            assert "hunter2" not in answered.text
    assert [entry["log_level"] for entry in logged] == ["error"] * len(ROUTES)
    assert all("hunter2" in str(entry["exc_info"]) for entry in logged)


@pytest.mark.parametrize(
    "error", [StoreUnavailableError("gone"), StoreError("in the way")], ids=lambda e: type(e).__name__
)
async def test_without_the_store_every_route_that_needs_it_says_so(
    make_admin: MakeAdmin, monkeypatch: Any, error: Exception
) -> None:
    admin = await furnished(make_admin, {})
    await admin.post("/v1/tenants/t/clock/travel", {"by_seconds": 5})  # so that every way to set it is a change
    store = admin.gateway.store.default

    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    async def not_ready() -> bool:
        return False

    for name in ("read", "execute", "provision", "seed_catalogue", "verify", "note", "noted", "put", "get"):
        monkeypatch.setattr(store, name, fail)
    monkeypatch.setattr(store, "ready", not_ready)
    monkeypatch.setattr(
        store, "tenant_records", TenantRecords(fail, fail, fail, fail, lambda _: None, lambda _: None, lambda _: 0)
    )
    monkeypatch.setattr(store, "work", WorkRecords(store.tenant_records))
    for route in documented(problems.STORE_UNAVAILABLE):
        answered = await ask(admin, route)
        assert (answered.status, answered.problem) == (503, "store-unavailable"), f"{route.name}: {answered.text}"
    for route in ROUTES:
        if problems.STORE_UNAVAILABLE not in common_problems(route):
            assert (await ask(admin, route)).problem != "store-unavailable", route.name


async def test_without_the_journal_every_route_that_needs_it_says_so(make_admin: MakeAdmin) -> None:
    admin = await furnished(make_admin, {})
    await admin.gateway.journal.close()
    for route in documented(problems.JOURNAL_UNAVAILABLE):
        answered = await ask(admin, route)
        assert (answered.status, answered.problem) == (503, "journal-unavailable"), f"{route.name}: {answered.text}"


async def test_every_route_answers_as_it_documents(make_admin: MakeAdmin) -> None:
    admin = await furnished(make_admin, {})
    last = {"deleteTenant": 1, "removeFault": 1, "clearFaults": 2, "dropSnapshot": 1, "clearRequests": 1}
    for route in sorted(ROUTES, key=lambda route: last.get(route.name, 0)):
        if route.name == "dropSnapshot":
            await admin.post("/v1/tenants/t/snapshots", {"name": "s", "replace": True})
        if route.name in {"removeFault", "deleteTenant"} and (await admin.get("/v1/tenants/t")).status == 404:
            await furnish(admin)
        variables = {"fault": admin.gateway.faults.rules()[-1].id} if "{fault}" in route.path else {}
        answered = await ask(admin, route, variables=variables)
        assert answered.status == route.status, f"{route.name}: {answered.text}"


async def test_head_is_get_without_a_body(make_admin: MakeAdmin) -> None:
    admin = await furnished(make_admin, {})
    for route in ROUTES:
        if route.method == "GET":
            answered = await admin.ask("HEAD", path_of(route))
            assert (answered.status, answered.text) == (200, ""), route.name
