"""Holds back the answers to wrong tokens on the admin port, for a process of its own and for the front of several workers."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.spi.guessing import Guesses
from gateway.web.origin import Network, client_address

PLACE: Final = "admin"


class AdminGuesses:
    """Knows which answers refuse a token, and whose they are.

    guesses: counts them and holds them back.
    networks: addresses of proxies whose `X-Forwarded-For` header counts.
    """

    def __init__(self, guesses: Guesses, networks: tuple[Network, ...]) -> None:
        self._guesses = guesses
        self._networks = networks

    async def hold(self, request: web.BaseRequest, status: int) -> None:
        """Return when the answer may go out. A request without a token is no guess."""
        if status == 401 and request.headers.get("Authorization", "").strip():
            peer = client_address(request.remote or "", request.headers, self._networks)
            await self._guesses.hold(PLACE, peer, "")

    def middleware(self) -> Middleware:
        """For an application whose answers are made by its other middlewares and handlers."""

        @web.middleware
        async def slowed(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            if not answer.prepared:
                await self.hold(request, answer.status)
            return answer

        return slowed
