"""The admin application: `/livez`, `/readyz`, `/metrics`, `/version`.

With a token configured every path but `/livez` and `/readyz` wants `Authorization: Bearer <token>`.
"""

from __future__ import annotations

import hmac
import json
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import SecretStr

from gateway.metrics import Metrics
from gateway.version import product_version

_OPEN_PATHS = frozenset({"/livez", "/readyz"})


class Readiness(Protocol):
    """What the admin port asks the store."""

    async def ready(self) -> bool:
        """True when a commit is possible right now."""
        ...


def problem(status: int, title: str, detail: str = "") -> web.Response:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json")


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        answer = problem(error.status, error.reason)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer


def _bearer(token: SecretStr) -> Middleware:
    expected = f"Bearer {token.get_secret_value()}".encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode()
        if request.path in _OPEN_PATHS or hmac.compare_digest(given, expected):
            return await handler(request)
        answer = problem(401, "Unauthorized", "the admin port needs Authorization: Bearer <admin_token>")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    return check


def admin_application(store: Readiness, metrics: Metrics, token: SecretStr) -> web.Application:
    """Make the application."""
    middlewares: list[Middleware] = [_problems, *([_bearer(token)] if token.get_secret_value() else [])]
    application = web.Application(middlewares=middlewares)

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        if await store.ready():
            return web.json_response({"status": "ready"})
        return problem(503, "Service Unavailable", "the store cannot commit")

    async def version(_: web.Request) -> web.Response:
        return web.json_response({"name": "invoice-gateway", "version": product_version()})

    async def scrape(_: web.Request) -> web.Response:
        body, content_type = metrics.exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    application.router.add_get("/livez", livez)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/version", version)
    application.router.add_get("/metrics", scrape)
    return application
