"""Waiters for entries that are still to come. They are woken when a call is taken over, without asking the file again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.journal.capture import Captured
from gateway.journal.models import Filter
from gateway.journal.query import Head, joined, matches, microseconds, number_text


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who waits for a match.

    where: the conditions.
    found: becomes the id of the match.
    ids: matches since the waiting began.
    missing: which match from now on is wanted; None until it is known how many there were before.
    """

    where: Filter
    found: asyncio.Future[int]
    ids: list[int] = field(default_factory=list)
    missing: int | None = None

    def settle(self) -> None:
        """Wake the waiter when there are enough matches."""
        if self.missing is not None and len(self.ids) >= self.missing and not self.found.done():
            self.found.set_result(self.ids[self.missing - 1])

    async def match(self, missing: int, timeout_seconds: float) -> int:
        """The id of the wanted match; 0 when the time is up."""
        self.missing = missing
        self.settle()
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self.found
        except TimeoutError:
            return 0


class Waiters:
    """Everybody who waits."""

    def __init__(self) -> None:
        self._waiters: list[Waiter] = []

    def __bool__(self) -> bool:
        return bool(self._waiters)

    @contextlib.contextmanager
    def waiter(self, where: Filter) -> Iterator[Waiter]:
        """A waiter that gets every match from now on."""
        waiter = Waiter(where, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            yield waiter
        finally:
            self._waiters.remove(waiter)

    def tell(self, captured: Captured) -> None:
        """Show a call that was taken over to every waiter."""
        head = _head(captured)
        for waiter in self._waiters:
            if matches(waiter.where, head):
                waiter.ids.append(captured.id)
                waiter.settle()

    def end(self, error: Exception) -> None:
        """Wake everybody with an error, because nothing will come any more."""
        for waiter in self._waiters:
            if waiter.missing is not None and not waiter.found.done():
                waiter.found.set_exception(error)


def _head(captured: Captured) -> Head:
    """The head of an entry that is not made yet."""
    call = captured.call
    return Head(
        id=captured.id,
        at_us=microseconds(captured.at),
        request_id=call.request_id,
        tenant=captured.tenant,
        dialect=captured.dialect,
        operation=call.operation,
        outcome=captured.outcome,
        status=captured.reply.status,
        number=number_text(call.number),
        user_agent=captured.user_agent,
        near_miss=captured.near_miss,
        strict=int(captured.strict),
        findings=joined(call.findings),
    )
