"""What a worker answers to its supervisor alone, on its own admin port: what all workers have in common, and its journal.

The supervisor shows a secret that it has made up, also with each caller's request that it passes on. So nobody else is answered
on this port, whose number no list of allowed hosts can know. No caller's request is passed on to these paths. The modules
of the API are loaded only when somebody needs them.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway.admin.problems import JOURNAL_UNAVAILABLE, UNAUTHORIZED, Problem
from gateway.core.values import TenantId
from gateway.journal.journal import Journal, JournalClosedError
from gateway.journal.models import JournalError

if TYPE_CHECKING:
    from gateway.admin.context import Services

PROOF_HEADER: Final = "X-Supervisor-Secret"
PREFIX: Final = "/worker/"
_Facts = dict[str, Any]


class WorkerPort:
    """The paths for the supervisor.

    taken: set when the worker has what the supervisor remembers, and may serve clients.
    """

    def __init__(self, services: Services, secret: str) -> None:
        self.taken = asyncio.Event()
        self._services = services
        self._secret = secret.encode()

    def add_to(self, application: web.Application) -> None:
        """Add the routes."""
        for method, path, handler in (
            ("GET", "state", self._state),
            ("PUT", "state", self._take),
            ("GET", "journal", self._written),
            ("GET", "journal/arrived", self._arrived),
            ("DELETE", "journal", self._clear),
        ):
            application.router.add_route(method, PREFIX + path, self._for_supervisor(handler))

    def is_supervisor(self, request: web.Request) -> bool:
        """Whether a request shows the supervisor's secret."""
        shown = request.headers.get(PROOF_HEADER, "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(shown, self._secret)

    def _for_supervisor(
        self, handler: Callable[[web.Request], Awaitable[_Facts]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if not self.is_supervisor(request):
                raise Problem(UNAUTHORIZED, "this path is for the supervisor")
            try:
                return web.json_response(await handler(request))
            except (JournalClosedError, JournalError, sqlite3.Error) as error:
                raise Problem(JOURNAL_UNAVAILABLE, str(error)) from error

        return answer

    @property
    def _journal(self) -> Journal | None:
        return self._services.journal

    async def _state(self, _: web.Request) -> _Facts:
        """What all workers have in common."""
        common_state = await asyncio.to_thread(_common_state)
        facts: _Facts = common_state.common_state(self._services).model_dump(mode="json")
        return facts

    async def _take(self, request: web.Request) -> _Facts:
        """Have the same as the other workers."""
        handover = json.loads(await request.content.read())  # may be larger than a caller's body
        if handover["state"] or handover["forget"] or self._services.has_changes:  # most workers start without
            common_state = await asyncio.to_thread(_common_state)
            await common_state.take_over(self._services, common_state.Handover.model_validate(handover))
        self.taken.set()
        return {}

    async def _written(self, _: web.Request) -> _Facts:
        """Write every entry in memory. Shows the newest id; 0 without a journal."""
        return {"position": 0 if self._journal is None else await self._journal.written()}

    async def _arrived(self, request: web.Request) -> _Facts:
        """Wait for a match in this worker."""
        from gateway.admin.resources.requests import WaitQuery, filter_of
        from gateway.admin.routing import read_query

        query = read_query(WaitQuery, request.query)
        found = self._journal is not None and await self._journal.arrived(filter_of(query), query.timeout_seconds)
        return {"arrived": found}

    async def _clear(self, request: web.Request) -> _Facts:
        """Drop a tenant's entries, or all of them."""
        tenant = request.query.get("tenant")
        if self._journal is None:
            return {"entries": 0}
        return {"entries": await self._journal.clear(None if tenant is None else TenantId(tenant))}


def _common_state() -> Any:
    from gateway.admin import common_state

    return common_state
