"""Those who wait for an entry that is still to come: woken as a call is taken over, without asking the file again."""

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
    """Who waits for the `missing`-th match from now on; None until it is known how many there were before."""

    where: Filter
    found: asyncio.Future[int]
    ids: list[int] = field(default_factory=list)
    missing: int | None = None

    def settle(self) -> None:
        """Wake up when there are enough."""
        if self.missing is not None and len(self.ids) >= self.missing and not self.found.done():
            self.found.set_result(self.ids[self.missing - 1])

    async def match(self, missing: int, timeout_seconds: float) -> int:
        """The id of the match that is missing; 0 when the time is up."""
        self.missing = missing
        self.settle()
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self.found
        except TimeoutError:
            return 0


class Waiters:
    """All who wait."""

    def __init__(self) -> None:
        self._waiters: list[Waiter] = []

    def __bool__(self) -> bool:
        return bool(self._waiters)

    @contextlib.contextmanager
    def waiter(self, where: Filter) -> Iterator[Waiter]:
        """Somebody who is told of every match from now on."""
        waiter = Waiter(where, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            yield waiter
        finally:
            self._waiters.remove(waiter)

    def tell(self, captured: Captured) -> None:
        """A call was taken over."""
        head = _head(captured)
        for waiter in self._waiters:
            if matches(waiter.where, head):
                waiter.ids.append(captured.id)
                waiter.settle()

    def end(self, error: Exception) -> None:
        """Nothing will come any more."""
        for waiter in self._waiters:
            if waiter.missing is not None and not waiter.found.done():
                waiter.found.set_exception(error)


def _head(captured: Captured) -> Head:
    """What will be asked for of an entry that is not made yet."""
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
