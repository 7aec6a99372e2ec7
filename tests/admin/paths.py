"""A valid request for every route, on a tenant `t` that `furnish` has made."""

from __future__ import annotations

from typing import Any, Final

from gateway.admin.api import ROUTES
from gateway.admin.routing import Route
from tests.admin.actions import document, issue, made, resurs, work
from tests.admin.conftest import Admin

BY_NAME: Final = {route.name: route for route in ROUTES}

RUN: Final = {
    "dialect": "resurs",
    "url": "https://test.example/ws",
    "target": "service",
    "started": "2026-01-02T03:04:05+00:00",
    "cases": [],
}
BODIES: Final[dict[str, Any]] = {
    "createTenant": {"id": "another"},
    "changeTenant": {"profile": "vendor"},
    "createSeries": {"name": "Another"},
    "changeSeries": {"suffix": "/B"},
    "setCounter": {"next_number": 1000},
    "setBounds": {"first": 1},
    "putCatalogue": {"customers": [{"id": 1, "name": "Åse"}]},
    "addFault": {"tenant": "t", "action": {"kind": "latency", "seconds": 0}},
    "freezeClock": {},
    "travelClock": {"by_seconds": 1},
    "saveSnapshot": {"name": "another"},
    "restoreSnapshot": {},
    "resetTenant": {},
    "seedTenant": {},
    "makeSeeds": {"amount": "100"},
    "changeSettings": {},
    "handInRun": RUN,
    "retryWork": {"reason": "again"},
    "dropWork": {},
}
QUERIES: Final = {"waitForRequest": "timeout_seconds=0"}
VARIABLES: Final = {
    "tenant": "t",
    "series": "main",
    "line": "invoice",
    "document": "1",
    "request": "1",
    "work": "1",
    "fault": "f1",
    "snapshot": "s",
    "kind": "payments",
    "item": "P-1001",
    "adapter": "resurs",
    "dialect": "resurs",
}


async def furnish(admin: Admin) -> Any:
    """Make a tenant `t` that has one of everything that a route can ask for."""
    tenant = await made(admin, id="t")
    await document(admin, tenant, customer=1)
    await issue(admin, tenant, "a")
    await work(admin, "t")
    await resurs(admin, tenant, "peekInvoiceSequence")
    await admin.post("/v1/tenants/t/payments", {"id": "P-1001", "amount": "100"})
    await admin.post("/v1/tenants/t/snapshots", {"name": "s"})
    await admin.post("/v1/faults", BODIES["addFault"])
    await admin.get("/v1/requests/wait?n=1&timeout_seconds=60")
    return tenant


def path_of(route: Route, query: str = "", **variables: str) -> str:
    """The path of a route with its variables filled in."""
    path = route.path.format(**{**VARIABLES, **variables})
    queries = [text for text in (QUERIES.get(route.name, ""), query) if text]
    return path + ("?" + "&".join(queries) if queries else "")


async def ask(admin: Admin, route: Route, query: str = "", body: Any = ..., **more: Any) -> Any:
    """Send a request that the route accepts; `more` may hold variables of the path (as `variables`) and options."""
    variables = more.pop("variables", {})
    headers = {"If-Match": "*"} if route.etag and route.changes else {}
    more["headers"] = {**headers, **more.get("headers", {})}
    chosen = BODIES.get(route.name) if body is ... else body
    return await admin.ask(route.method, path_of(route, query, **variables), chosen, **more)
