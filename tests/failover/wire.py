"""A client's way to the gateways: it uses one at a time, and turns to the other one when the first does not answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp

ANSWER_SECONDS = 40
"""Longer than the gateway's own deadline: a client without an answer for so long has lost the connection."""
PAUSE_SECONDS = 0.1
REPEATED = frozenset({"PUT", "DELETE"})
"""When a kept connection ends, aiohttp sends these again on a new one; without one, the first may still have arrived."""


class UnsentError(Exception):
    """The request was never sent: there was no connection."""


class UnansweredError(Exception):
    """The request was sent, or may have been, and no answer came."""


@dataclass
class Addresses:
    """The current addresses of the gateways; a gateway gets another port with each start."""

    urls: list[str]
    failures: Counter[str] = field(default_factory=Counter)
    """How often each answer came that was neither an acknowledgement nor a refusal."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    location: where a redirection leads; empty without one.
    """

    status: int
    text: str
    location: str = ""


class Wire:
    """One client's connection."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Addresses, first: int) -> None:
        self._session = session
        self._addresses = addresses
        self._at = first

    @property
    def url(self) -> str:
        """The address of the gateway that is asked next."""
        return self._addresses.urls[self._at % len(self._addresses.urls)]

    def turn_to(self, place: int) -> None:
        """Ask this gateway from now on."""
        self._at = place

    async def send(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Send one request; returns status and text. On UnsentError and UnansweredError it turns to the next gateway."""
        answer = await self.ask(method, path, body, headers)
        return answer.status, answer.text

    async def ask(
        self, method: str, path: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request; a redirection is not followed. On UnsentError and UnansweredError as `send`."""
        data = body.encode() if isinstance(body, str) else body
        try:
            async with self._session.request(
                method, self.url + path, data=data, headers=headers, allow_redirects=False
            ) as answer:
                return Answer(answer.status, await answer.text(), answer.headers.get("Location", ""))
        except aiohttp.ClientConnectorError as error:
            self._at += 1
            self._addresses.failures["no connection"] += 1
            if method in REPEATED:
                raise UnansweredError(str(error)) from error
            raise UnsentError(str(error)) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            self._at += 1
            self._addresses.failures[f"no answer: {type(error).__name__}"] += 1
            raise UnansweredError(repr(error)) from error

    async def failed(self, dialect: str, status: int, text: str) -> None:
        """Note an answer that is neither yes nor no, and pause for a moment."""
        self._addresses.failures[f"{dialect} {status} {' '.join(text.split())[:400]}"] += 1
        await asyncio.sleep(PAUSE_SECONDS)


def client_session() -> aiohttp.ClientSession:
    """A session for any number of clients."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    )
