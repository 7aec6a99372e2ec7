"""Questions of one turn of the event loop are answered together, by one SELECT, from the primary.

The SELECT begins after every question that it answers was asked, and the lease holds when its answer comes (ADR-28). So each
answer holds all that was acknowledged before the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from gateway.core.commands import GetDocuments, GetSeries, ListSeries, PeekNext, SeriesQuery
from gateway.core.documents import DocumentId
from gateway.core.ports import StoreOverloadedError, StoreUnavailableError
from gateway.core.results import DocumentsRead
from gateway.core.values import Counter, SeriesId, TenantId
from gateway.stores.engine import fences, tables
from gateway.stores.engine.committed_state import Committed
from gateway.stores.engine.fences import Fence
from gateway.stores.engine.rows import KeptToken, counter_of, document_of, fences_of, series_of
from gateway.stores.postgres import queries
from gateway.stores.postgres.connection import BY_INDEX, Connection, Hosts, close_quietly
from gateway.stores.postgres.error_classes import Verdict, brief, verdict
from gateway.stores.postgres.locking import is_storable

T = TypeVar("T")

_SERIES_WIDTH: Final = len(tables.series.columns)


@dataclass(frozen=True, slots=True)
class FindToken:
    """Ask for a token by kind and digest; the answer is a KeptToken or None."""

    kind: str
    digest: str


Question: TypeAlias = SeriesQuery[Any] | GetDocuments | FindToken
_Waiting: TypeAlias = tuple[Question, asyncio.Future[Any]]


class Loaded:
    """What one SELECT for many questions has brought: series with their lines, documents by id, tokens by kind and digest."""

    def __init__(self) -> None:
        self.committed = Committed()
        self.documents: dict[DocumentId, Sequence[Any]] = {}
        self.tokens: dict[tuple[str, str], KeptToken] = {}

    def answer(self, question: Question) -> Any:
        """The answer to one question. Raises Refused, TenantFencedError."""
        if isinstance(question, FindToken):
            return self.tokens.get((question.kind, question.digest))
        if isinstance(question, GetDocuments):
            fences.check(self.committed.fences, question.tenant)
            rows = [self.documents[own] for own in sorted(set(question.ids)) if own in self.documents]
            return DocumentsRead(tuple([document_of(row[:-2]) for row in rows if row[1] == question.tenant]))
        return self.committed.answer(question)

    def rests_on_rows(self, question: Question) -> bool:
        """True when the answer would be the same whatever other rows there are.

        A line or series that is gone is no exception: its series was then written anew, or is gone, too. A fence is one.
        """
        match question:
            case FindToken():
                return (question.kind, question.digest) in self.tokens
            case _ if self.committed.fences:
                return False
            case GetDocuments():
                return all(own in self.documents for own in question.ids)
            case PeekNext():
                return self.committed.series(question.counter.series) is not None
            case GetSeries(series=None):
                return self.committed.default_series(question.tenant) is not None
            case GetSeries(series=series) if series is not None:
                return self.committed.series(series) is not None
        return False  # a list of series


class Readers:
    """A few connections that only read; each is used by one task at a time.

    A host that does not answer in time is given up, with all connections to it. The answer of a former primary is not used:
    see `lease`.

    size: how many connections answer at a time.
    connects: connections made so far.
    """

    def __init__(self, hosts: Hosts, size: int, settings: Mapping[str, str] = BY_INDEX) -> None:
        self.size = size
        self.connects = 0
        self._hosts = hosts
        self._settings = settings
        self._idle: list[Connection] = []

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` on a connection, again on another one if the connection was lost. Raises StoreUnavailableError.

        work: reads, and may set the connection's `shown`.
        """
        options = self._hosts.address.options
        limit = asyncio.get_running_loop().time() + options.deadline_seconds
        while True:
            connection = await self._take(limit)
            try:
                async with asyncio.timeout(min(options.commit_seconds, options.deadline_seconds)):
                    connection.shown = None
                    answer = await work(connection)
                    await connection.confirm()
            except Exception as error:
                if isinstance(error, TimeoutError) and connection.generation == self._hosts.lease.generation:
                    self._hosts.rotate()
                connection.terminate()
                if verdict(error) is Verdict.POISON and not isinstance(error, TimeoutError):
                    raise
                late = asyncio.get_running_loop().time() >= limit
                if late or verdict(error) not in (Verdict.LOST, Verdict.ROLLED_BACK):
                    raise StoreUnavailableError(f"cannot read: {brief(error)}") from error
            except BaseException:
                connection.terminate()
                raise
            else:
                self._idle.append(connection)
                return answer

    async def _take(self, limit: float) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.terminate()
        self.connects += 1
        return await self._hosts.connect(limit, self._settings)

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await close_quietly(connection)


class SharedReads:
    """Collects questions until the event loop turns, then answers them all, with at most `at_once` SELECTs at a time."""

    def __init__(self, readers: Readers, queue_limit: int, at_once: int) -> None:
        self.questions = 0
        self.selects = 0
        self._readers = readers
        self._queue_limit = queue_limit
        self._at_once = at_once
        self._waiting: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._called = False
        self._closed = False

    def ask(self, question: Question) -> asyncio.Future[Any]:
        """Put a question. Raises StoreUnavailableError, StoreOverloadedError."""
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if len(self._waiting) >= self._queue_limit:
            raise StoreOverloadedError(f"{self._queue_limit} questions wait already")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((question, future))
        self._call(loop)
        return future

    async def close(self) -> None:
        """Take nothing more; return when all that waits is answered."""
        self._closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _call(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._called and len(self._tasks) < self._at_once:
            self._called = True
            loop.call_soon(self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._called = False
        batch, self._waiting = self._waiting, []
        if batch:
            task = loop.create_task(self._answer(batch))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._waiting:
            self._call(task.get_loop())

    async def _answer(self, batch: list[_Waiting]) -> None:
        self.questions += len(batch)
        self.selects += 1
        questions = [question for question, _ in batch]
        try:
            loaded = await self._readers.run(lambda connection: _load(connection, questions))
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(own_error(error))
            return
        for question, future in batch:
            if not future.done():
                _resolve(question, future, loaded)


def own_error(error: Exception) -> Exception:
    """An exception for each waiter: a shared one would collect the tracebacks of all."""
    if not isinstance(error, StoreUnavailableError):
        return error
    own = StoreUnavailableError(str(error), error.committed)
    own.__cause__ = error
    return own


def _resolve(question: Question, future: asyncio.Future[Any], loaded: Loaded) -> None:
    try:
        future.set_result(loaded.answer(question))
    except Exception as error:
        future.set_exception(error)


async def _load(connection: Connection, questions: Iterable[Question]) -> Loaded:
    ids: set[SeriesId] = set()
    defaults: set[TenantId] = set()
    tenants: set[TenantId] = set()
    tokens: set[tuple[str, str]] = set()
    documents: set[DocumentId] = set()
    for question in questions:
        match question:
            case PeekNext():
                ids.add(question.counter.series)
            case GetSeries(series=None):
                defaults.add(question.tenant)
            case GetSeries(series=series) if series is not None:
                ids.add(series)
            case ListSeries():
                tenants.add(question.tenant)
            case GetDocuments():
                documents.update(question.ids)
            case FindToken():
                tokens.add((question.kind, question.digest))
    loaded = Loaded()
    shown: set[int] = set()
    wanted = list(filter(is_storable, ids))  # a client may ask for any number, also for one that no column holds
    if defaults or tenants:
        rows = await connection.rows(queries.READ_TENANTS, wanted, list(defaults), list(tenants))
        shown |= _take(rows, loaded.committed)
    elif wanted:
        shown |= _take(await connection.rows(queries.READ_SERIES, wanted), loaded.committed)
    if documents:
        shown |= await _load_documents(connection, documents, loaded)
    await _read_fences(connection, questions, loaded)
    if tokens:
        rows = await connection.rows(queries.READ_TOKENS, *map(list, zip(*tokens, strict=True)))
        shown.update(row[-1] for row in rows)
        loaded.tokens = {(token.kind, token.digest): token for token in (KeptToken(*row[:-1]) for row in rows)}
    connection.shown = shown if all(loaded.rests_on_rows(question) for question in questions) else None
    return loaded


async def _load_documents(connection: Connection, ids: set[DocumentId], loaded: Loaded) -> set[int]:
    """Returns the transactions that wrote the rows."""
    rows = await connection.rows(queries.DOCUMENTS_ASKED, list(filter(is_storable, ids)))
    loaded.documents = {row[0]: row for row in rows}
    loaded.committed.fences.update({row[1]: Fence.of(row[-1]) for row in rows if row[-1] is not None})
    return {row[-2] for row in rows}


async def _read_fences(connection: Connection, questions: Iterable[Question], loaded: Loaded) -> None:
    """Read the fences of those tenants of whom nothing was found: what they had may have moved to another store."""
    having_documents = {row[1] for row in loaded.documents.values()}
    unseen: set[TenantId] = set()
    for question in questions:
        if isinstance(question, GetDocuments):
            if question.tenant not in having_documents:
                unseen.add(question.tenant)
        elif not isinstance(question, FindToken) and not loaded.committed.has_series(question.tenant):
            unseen.add(question.tenant)
    if unseen:
        loaded.committed.fences.update(fences_of(await connection.rows(queries.FENCES, list(unseen))))


def _take(rows: Iterable[Sequence[Any]], committed: Committed) -> set[int]:
    """Returns the transactions that wrote the rows."""
    written_by: set[int] = set()
    seen: set[SeriesId] = set()
    counters: list[Counter] = []
    for row in rows:
        if row[0] not in seen:
            seen.add(row[0])
            written_by.add(row[-3])
            committed.put_series(series_of(row[:_SERIES_WIDTH]))
            if row[-1] is not None:
                committed.fences[row[1]] = Fence.of(row[-1])
        if row[-2] is not None:  # else the series has no line yet
            written_by.add(row[-2])
            counters.append(counter_of(row[_SERIES_WIDTH:-3]))
    committed.put_lines(counters)
    return written_by
