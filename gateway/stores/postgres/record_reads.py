"""Questions about records by key that wait at one time are one SELECT for each tenant.

A SELECT begins after every question that it answers was asked (ADR-28). While it is under way, the next one collects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from gateway.core.record_commands import GetRecords, RecordsRead
from gateway.core.values import TenantId
from gateway.stores.engine.fences import TenantFencedError
from gateway.stores.postgres.read_batches import own_error

FEW: Final = 100
"""A question for more keys than this is not put together with others."""

_Waiting: TypeAlias = tuple[GetRecords, "asyncio.Future[RecordsRead]"]


class SharedRecordReads:
    """Answers GetRecords.

    ask: answers one question, from the database.
    """

    def __init__(self, ask: Callable[[GetRecords], Awaitable[RecordsRead]]) -> None:
        self._ask = ask
        self._waiting: dict[TenantId, list[_Waiting]] = {}
        self._tasks: dict[TenantId, asyncio.Task[None]] = {}

    async def read(self, query: GetRecords) -> RecordsRead:
        """Answer a question. Raises what `ask` does."""
        if len(query.keys) > FEW:
            return await self._ask(query)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[RecordsRead] = loop.create_future()
        self._waiting.setdefault(query.tenant, []).append((query, future))
        if query.tenant not in self._tasks:
            self._tasks[query.tenant] = loop.create_task(self._answer(query.tenant))
        return await future

    async def close(self) -> None:
        """Return when all that waits is answered."""
        while self._tasks:
            await asyncio.wait([*self._tasks.values()])

    async def _answer(self, tenant: TenantId) -> None:
        try:
            while batch := self._waiting.pop(tenant, None):
                await self._answer_together(tenant, batch)
        finally:
            del self._tasks[tenant]

    async def _answer_together(self, tenant: TenantId, batch: Sequence[_Waiting]) -> None:
        keys = dict.fromkeys(key for query, _ in batch for key in query.keys)
        kinds = dict.fromkeys(kind for query, _ in batch for kind in query.any_of)
        try:
            answer = await self._ask(GetRecords(tenant, tuple(keys), tuple(kinds)))
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(_own(error))
            return
        for query, future in batch:
            if not future.done():
                future.set_result(_part(query, answer))


def _part(query: GetRecords, answer: RecordsRead) -> RecordsRead:
    found = {key: answer.records[key] for key in query.keys if key in answer.records}
    return RecordsRead(found, answer.kinds.intersection(query.any_of))


def _own(error: Exception) -> Exception:
    """An exception for each waiter; a fence says more than "unavailable"."""
    return TenantFencedError(error.tenant, error.fence) if isinstance(error, TenantFencedError) else own_error(error)
