"""The admin application: health, metrics and version; the JSON API below `/v1`; `/docs` and `/evidence` for people.

When a token is configured, every path but OPEN_PATHS needs `Authorization: Bearer <token>`; the read token may only GET.
Without a token (on loopback only), web pages of other origins are refused, so that no page can use a developer's browser
against the gateway. The modules of the API are loaded when somebody first asks for it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import SecretStr

from gateway.admin.guesses import AdminGuesses
from gateway.admin.port import problem_response
from gateway.admin.problems import (
    FOREIGN_ORIGIN,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    READ_ONLY_TOKEN,
    STORE_UNAVAILABLE,
    UNAUTHORIZED,
    Problem,
)
from gateway.admin.worker_port import PREFIX, WorkerPort
from gateway.config.model import is_loopback
from gateway.version import product_version
from gateway.web.metrics import Metrics

if TYPE_CHECKING:
    from gateway.admin.context import Services

OPEN_PATHS: Final = frozenset({"/livez", "/readyz", "/openapi.json", "/docs"})
"""Health, and descriptions that are the same for everybody."""
_API: Final = f"{__package__}.api"
_SAFE: Final = frozenset({"GET", "HEAD"})
_PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        return problem_response(problem)
    except web.HTTPMethodNotAllowed as error:
        return problem_response(Problem(METHOD_NOT_ALLOWED, headers={"Allow": error.headers["Allow"]}))
    except web.HTTPNotFound:
        return problem_response(Problem(NOT_FOUND, request.path))
    except web.HTTPException as error:
        return problem_response(Problem(INTERNAL, error.reason))


def _guard(token: SecretStr, read_token: SecretStr, worker: WorkerPort | None) -> Middleware:
    full, read = (own.get_secret_value().encode() for own in (token, read_token))
    has_tokens, has_read_token = bool(token.get_secret_value()), bool(read_token.get_secret_value())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if worker is not None and not worker.is_supervisor(request):
            raise Problem(UNAUTHORIZED, "this port is for the supervisor")
        if request.path in OPEN_PATHS or (worker is not None and request.path.startswith(PREFIX)):
            return await handler(request)
        if not has_tokens:
            _refuse_foreign(request)
            return await handler(request)
        given = _bearer_token(request)
        # No token at all would equal an empty read token.
        may_read = hmac.compare_digest(given, read) and has_read_token
        if hmac.compare_digest(given, full) or (may_read and request.method in _SAFE):
            return await handler(request)
        if may_read:
            raise Problem(READ_ONLY_TOKEN, f"{request.method} needs the full token")
        raise Problem(UNAUTHORIZED, "Authorization: Bearer <admin_token>", {"WWW-Authenticate": "Bearer"})

    return check


def _bearer_token(request: web.Request) -> bytes:
    """The token of a request; empty when there is none.

    Of two headers each may be meant, and a proxy may have checked the other one: nobody is let in by such a request.
    """
    given = request.headers.getall("Authorization", ())
    if len(given) > 1:
        raise Problem(UNAUTHORIZED, "Authorization stands more than once", {"WWW-Authenticate": "Bearer"})
    scheme, _, token = "".join(given).partition(" ")
    return token.strip().encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""


def _refuse_foreign(request: web.Request) -> None:
    """Raises Problem for a request of a web page that does not belong to this machine.

    Browsers say where a page is from. They do not notice a foreign name whose DNS entry points at this machine (DNS
    rebinding), so the host itself must be a loopback name, too.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    hosts = [urlsplit(f"//{request.host}").hostname]
    if origin is not None:
        hosts.append(urlsplit(origin).hostname)
    if site not in {"none", "same-origin"} or not all(host is not None and is_loopback(host) for host in hosts):
        raise Problem(FOREIGN_ORIGIN, "without admin_token only programs and pages of this machine are answered")


def admin_application(
    services: Services, metrics: Metrics, worker: WorkerPort | None = None, slowed: AdminGuesses | None = None
) -> web.Application:
    """Make the application.

    worker: the paths for the supervisor, if this process is a worker.
    slowed: holds back answers to wrong tokens; None leaves that to the supervisor.
    """
    config = services.config
    guard = _guard(config.admin_token, config.admin_read_token, worker)
    outermost = [] if slowed is None else [slowed.middleware()]
    application = web.Application(
        middlewares=[*outermost, problems, guard], client_max_size=config.limits.max_body_bytes
    )

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(request: web.Request) -> web.Response:
        return await _readiness(services, request.query.get("store"))

    async def version(_: web.Request) -> web.Response:
        return web.json_response({"name": "invoice-gateway", "version": product_version()})

    async def scrape(_: web.Request) -> web.Response:
        body, content_type = metrics.exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def api(request: web.Request) -> web.StreamResponse:
        answer = await asyncio.to_thread(_load_api) if _API not in sys.modules else _load_api()
        return await answer(services, request)

    async def evidence(_: web.Request) -> web.Response:
        page = await asyncio.to_thread(_load_evidence_page)
        return _html(await page(services))

    application.router.add_get("/livez", livez)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/version", version)
    application.router.add_get("/metrics", scrape)
    application.router.add_get("/openapi.json", _openapi)
    application.router.add_get("/docs", _docs)
    application.router.add_get("/evidence", evidence)
    application.router.add_route("*", "/v1/{path:.*}", api)
    if worker is not None:
        worker.add_to(application)
    return application


async def _readiness(services: Services, only: str | None) -> web.Response:
    """Ready while any store can commit (ADR-36).

    A load balancer that took out this gateway would cut off the tenants of the other stores, too. With several stores the
    answer says which ones can commit; `?store=NAME` asks about one alone.
    """
    stores = await services.store.readiness()
    if only is not None:
        if only not in stores:
            raise Problem(NOT_FOUND, f"no store {only!r}; there are: {', '.join(stores)}")
        stores = {only: stores[only]}
    if not any(stores.values()):
        down = "" if len(stores) == 1 and only is None else ": " + ", ".join(stores)
        raise Problem(STORE_UNAVAILABLE, f"the store cannot commit{down}")
    if len(stores) == 1:
        return web.json_response({"status": "ready"})
    states = {name: "ready" if is_ready else "unavailable" for name, is_ready in stores.items()}
    return web.json_response({"status": "ready" if all(stores.values()) else "degraded", "stores": states})


def _load_api() -> Callable[[Services, web.Request], Awaitable[web.StreamResponse]]:
    """Import the API. Its models take a while to build, so this runs beside the event loop, and only if somebody asks."""
    from gateway.admin.api import answer

    return answer


def _description() -> str:
    from gateway.admin.openapi import description

    return json.dumps(description())


def _page() -> str:
    from gateway.admin.docs_page import page

    return page()


def _load_evidence_page() -> Callable[[Services], Awaitable[str]]:
    from gateway.admin.evidence_page import page

    return page


async def _openapi(_: web.Request) -> web.Response:
    return web.Response(text=await asyncio.to_thread(_description), content_type="application/json")


async def _docs(_: web.Request) -> web.Response:
    return _html(await asyncio.to_thread(_page))


def _html(page: str) -> web.Response:
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Content-Type": "text/html; charset=utf-8"}
    return web.Response(text=page, headers=headers)
