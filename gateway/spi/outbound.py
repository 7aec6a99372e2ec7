"""What goes out: a request of the gateway's own to somebody else's server, as a dialect sees it (ADR-66).

The room `outbound` sends it. It decides by the very address that it connects to whether the request may go there, follows no
redirect, keeps no cookies, and bounds time and sizes. Every header and every byte of a request is the dialect's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gateway.spi.adapter import Reply


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One request.

    url: absolute, http or https; it may hold a user and password, which become an Authorization header.
    headers: every header but Host, Content-Length and Connection.
    operation: what it is, in the vendor's words, for the journal and for fault rules.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    operation: str = ""


class OutboundError(Exception):
    """The request got no answer. The text says why, for people; it holds no secret.

    is_refused: it must not go there, now or later, unless the configuration changes.
    may_have_arrived: the receiver may have got it all the same.
    """

    def __init__(self, reason: str, *, is_refused: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.is_refused = is_refused
        self.may_have_arrived = may_have_arrived


class Outbound(Protocol):
    """Sends requests of one dialect for one tenant."""

    async def send(self, request: OutboundRequest) -> Reply:
        """Send a request once. Returns the answer, whatever its status; raises OutboundError without one."""
        ...
