"""Slows down those who try out credentials (ADR-60): refusals wait, answers to good credentials never do.

Failures are counted by address and account. After so many within a minute each further refusal is held back for twice as long
as the one before. The credential was compared before that, so a client with the right one notices nothing, even while somebody
else tries out its account. Each worker process counts for itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import structlog

log = structlog.get_logger("guessing")

MOST_PAIRS: Final = 5000
"""So many pairs of address and account are remembered; above it those that failed longest ago are forgotten."""
_MINUTE: Final = 60.0
_DOUBLINGS: Final = 16
_LONGEST_NAME: Final = 255
Wait: TypeAlias = Callable[[float, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How refusals of wrong credentials are held back.

    failures_per_minute: how many of one address and account are answered at once; 0 holds nothing back.
    first_delay_seconds: how long the next one waits.
    longest_delay_seconds: how long any one waits at most.
    max_delayed: how many wait at a time; further ones are answered at once.
    """

    failures_per_minute: int = 20
    first_delay_seconds: float = 0.25
    longest_delay_seconds: float = 8.0
    max_delayed: int = 100


async def wait_unless_ended(seconds: float, ended: asyncio.Event) -> None:
    """Wait so long, or until the server stops."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ended.wait()


class Guesses:
    """The wrong credentials of the last minute.

    limits: how refusals are held back.
    now: a monotonic clock in seconds.
    wait: waits some seconds, unless the event is set before.
    """

    def __init__(
        self, limits: GuessLimits, now: Callable[[], float] = time.monotonic, wait: Wait = wait_unless_ended
    ) -> None:
        self._limits = limits
        self._now = now
        self._wait = wait
        self._failures: dict[tuple[str, str, str], deque[float]] = {}
        self._waiting = 0
        self._seen = 0
        self._delayed = 0
        self._ended = asyncio.Event()

    async def hold(self, place: str, address: str, account: str) -> None:
        """Count a wrong credential, and return when its refusal may be answered.

        place: the dialect, or another name for what the credential is for.
        address: the client's. All addresses of an IPv6 network of 64 bits are one, because one client has all of them.
        account: whose credential was tried, in any letter case; "" when the client names none.
        """
        self._seen += 1
        if not self._limits.failures_per_minute:
            return
        seconds = self._delay((place, _network(address), account[:_LONGEST_NAME].casefold()))
        if not seconds or self._waiting >= self._limits.max_delayed or self._ended.is_set():
            return
        self._delayed += 1
        self._waiting += 1
        try:
            await self._wait(seconds, self._ended)
        finally:
            self._waiting -= 1

    def end(self) -> None:
        """Answer everything that waits, and hold nothing back any more: the server stops."""
        self._ended.set()

    def figures(self) -> dict[str, float]:
        """Counts since the start, and how many wait now, by name, for metrics."""
        return {
            "wrong_credentials": float(self._seen),
            "wrong_credentials_delayed": float(self._delayed),
            "wrong_credentials_waiting": float(self._waiting),
        }

    def _delay(self, pair: tuple[str, str, str]) -> float:
        """Note a failure now. Returns the seconds that its refusal must wait."""
        limits, now = self._limits, self._now()
        failures = self._failures.pop(pair, None)
        if failures is None:
            failures = deque(maxlen=limits.failures_per_minute + _DOUBLINGS)
        while failures and failures[0] <= now - _MINUTE:
            failures.popleft()
        failures.append(now)
        self._failures[pair] = failures  # at the end: the first one in the dictionary failed longest ago
        if len(self._failures) > MOST_PAIRS:
            del self._failures[next(iter(self._failures))]
        excess = len(failures) - limits.failures_per_minute
        if excess <= 0:
            return 0.0
        if excess == 1:
            log.warning("wrong credentials are answered with a delay", place=pair[0], address=pair[1])
        return min(limits.longest_delay_seconds, limits.first_delay_seconds * 2.0 ** (excess - 1))


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST_NAME]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
