"""How often a company or a session may call. Each process counts alone (D-13). Source: R-40, R-41."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from adapters.twentyfoursevenoffice.auth import Member

Pairs: TypeAlias = tuple[tuple[str, str], ...]

_HOUR: Final = timedelta(hours=1)
_MOST_SESSIONS: Final = 10_000


@dataclass(slots=True)
class _Window:
    start: datetime
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a company in its hour.

    remaining: calls until the limit.
    excess: calls above the limit; 0 while there are none.
    until: when the next hour begins.
    """

    remaining: int
    excess: int
    until: datetime

    @property
    def until_text(self) -> str:
        """The moment as the vendor's header has it."""
        return f"{self.until:%Y-%m-%dT%H:%M:%SZ}"

    def headers(self) -> Pairs:
        """The headers that show it to the client. Source: R-41."""
        return ("APILimitRemaining", str(self.remaining)), ("APILimitReset", self.until_text)


class HourlyLimit:
    """Calls of each company in the hour that began with its first call."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._windows: dict[tuple[str, int], _Window] = {}

    def take(self, member: Member, now: datetime) -> Allowance | None:
        """Count a call; None when there is no limit."""
        if not self._limit:
            return None
        key = (member.tenant, member.client.id)
        window = self._windows.get(key)
        if window is None or not window.start <= now < window.start + _HOUR:
            window = self._windows[key] = _Window(now)
        window.calls += 1
        left = self._limit - window.calls
        return Allowance(max(left, 0), max(-left, 0), window.start + _HOUR)


class Throttle:
    """Calls of each session within a second."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._windows: dict[str, _Window] = {}

    def exceeded(self, session: str, now: datetime) -> bool:
        """Count a call; True when it is one too many."""
        if not self._limit:
            return False
        window = self._windows.get(session)
        if window is None or not window.start <= now < window.start + timedelta(seconds=1):
            if len(self._windows) >= _MOST_SESSIONS:
                self._windows.clear()
            window = self._windows[session] = _Window(now)
        window.calls += 1
        return window.calls > self._limit
