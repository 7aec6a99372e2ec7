"""A load on two gateways while something breaks: clients of all four vendors, and the final check of their answers."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import aiohttp
import asyncpg

from gateway.core.ports import StoreUnavailableError
from tests.failover.clients import DIALECTS, ResursClient
from tests.failover.clusters import Cluster, Node
from tests.failover.gateways import CONFIG, Gateways, running_gateways
from tests.failover.notebook import Notebook
from tests.failover.verdict import Kept, Verdict, judge, read_kept
from tests.failover.wire import Wire, client_session

T = TypeVar("T")

OF_EACH_DIALECT: Final = 3
BEFORE_SECONDS: Final = 1.5
AFTER_SECONDS: Final = 1.0
BACK_SECONDS: Final = 90
"""Every dialect must accept writes again within this time after a fault, in seconds."""
PROOF: Final = "SELECT pg_logical_emit_message(true, 'soak', 'read')"
"""A commit that a standby must confirm: a former primary never ends it. It changes no table."""
PROOF_SECONDS: Final = 10
URL_OPTIONS: Final = {"connect_timeout": 1, "commit_seconds": 3, "deadline_seconds": 8}
NEVER_LOGGED: Final = ("unhandled error", "the database has gone back in time")
"""What no gateway may log under any fault here, because nothing unforeseen happens and no database is restored."""
DOCUMENTS: Final = "SELECT body FROM documents"
ISSUED: Final = "SELECT i.key, d.body FROM issued i JOIN documents d ON 'document:' || d.id = i.document"


@dataclass
class Row:
    """One line of the table; times are seconds.

    back_after: until each dialect had a write acknowledged that it sent after the fault (or after its end, if it lasts).
    silence: the longest time in which no write of some dialect was acknowledged.
    unready: how long a gateway reported that it was not ready.
    failures: answers that were neither yes nor no.
    bugs: lines of the gateways' logs that report what cannot have happened.
    """

    fault: str
    verdict: Verdict
    back_after: float = 0.0
    silence: float = 0.0
    unready: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    bugs: int = 0

    @property
    def sound(self) -> bool:
        """True when nothing is wrong."""
        return not (self.verdict.problems or self.verdict.lost or self.verdict.doubled or self.bugs)

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "failures": dict(self.failures)}


class Runs(Protocol):
    """A client."""

    async def run(self) -> None:
        """Go on until the notebook is closed."""


class Companion(Protocol):
    """Clients that run beside those of the line, and the judgement on what they did and saw."""

    async def begin(self, gateways: Gateways, book: Notebook) -> None:
        """Prepare, before anything breaks."""

    def clients(self, session: aiohttp.ClientSession) -> Sequence[Runs]:
        """The clients of one run."""

    async def findings(self, kept: Kept, documents: Sequence[str]) -> Mapping[str, str]:
        """All problems so far, in words, each under a key that stays the same.

        documents: the bodies of all documents in the store.
        """


@dataclass
class Scene(ABC):
    """Gateways under load.

    companion: further clients, and what judges them.
    before, after: how long the load runs before a fault, and after the recovery, in seconds.
    rows: the results so far.
    problems: what a fault itself has found wrong.
    reported: the keys of the problems of all rows. The whole history is judged after each fault, because a fault may lose
        what an earlier one left alone; a row names only what is new.
    """

    gateways: Gateways
    companion: Companion | None = None
    before: float = BEFORE_SECONDS
    after: float = AFTER_SECONDS
    book: Notebook = field(default_factory=Notebook)
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reported: set[str] = field(default_factory=set)

    @abstractmethod
    async def kept(self) -> Kept:
        """What the store holds now."""

    @abstractmethod
    async def select(self, query: str) -> Sequence[Sequence[Any]]:
        """Rows of the store."""

    @abstractmethod
    async def settle(self) -> None:
        """Wait until the state from before the fault is restored."""

    async def begin(self) -> None:
        """Give the line its first number."""
        async with client_session() as session:
            client = ResursClient(0, Wire(session, self.gateways.addresses, 0), self.book)
            await client.set()
        assert self.book.acknowledged, self.gateways.addresses.failures
        if self.companion is not None:
            await self.companion.begin(self.gateways, self.book)

    async def run(self, name: str, fault: Callable[[Any], AbstractAsyncContextManager[float]]) -> Row:
        """Run the load, the fault, the load during recovery, the end of the load, and the verdict."""
        async with self._row(name) as row, self._load(), self._watch() as unready:
            await asyncio.sleep(self.before)
            async with fault(self) as mark:
                row.back_after = await self.wait_until_back(mark)
            await self.wait_until_back(time.monotonic())
            await asyncio.sleep(self.after)
            row.unready = unready[0]
        return row

    async def run_alone(self, name: str, fault: Callable[[Any], Awaitable[float]]) -> Row:
        """Run a fault that brings its own requests and returns how long the recovery took, and the verdict."""
        async with self._row(name) as row:
            row.back_after = await fault(self)
        return row

    @asynccontextmanager
    async def _row(self, name: str) -> AsyncIterator[Row]:
        """A row for what happens in the block; the verdict is given at its end."""
        since = len(self.book.history.operations)
        failures = self.gateways.addresses.failures = Counter()
        bugs, started = self._bugs(), time.monotonic()
        row = Row(name, Verdict(), failures=failures)
        yield row
        await self.settle()
        kept = await self.kept()
        row.verdict = judge(self.book.history.operations, kept, since)
        own = [*row.verdict.problems, *self.problems, *self.book.missing, *self.book.strange]
        problems = {problem: problem for problem in own}
        if self.companion is not None:
            documents = [str(body) for (body,) in await self.select(DOCUMENTS)]
            problems |= await self.companion.findings(kept, documents)
        row.verdict.problems = self._new(problems)
        row.silence, row.bugs = self._silence(started), self._bugs() - bugs
        self.rows.append(row)

    def _new(self, problems: Mapping[str, str]) -> list[str]:
        """The problems that no earlier row has named."""
        new = [problem for key, problem in problems.items() if key not in self.reported]
        self.reported.update(problems)
        return new

    def _silence(self, since: float) -> float:
        """The longest time without an acknowledged write of one dialect."""
        longest = 0.0
        for kind in DIALECTS:
            moments = [at for dialect, _, at in self.book.acknowledged if dialect == kind.dialect and at >= since]
            longest = max([longest, *(later - earlier for earlier, later in pairwise(moments))])
        return longest

    def _bugs(self) -> int:
        return sum(member.log().count(text) for member in self.gateways.members for text in NEVER_LOGGED)

    @asynccontextmanager
    async def _load(self) -> AsyncIterator[None]:
        self.book.ended = False
        async with client_session() as session:
            running = [asyncio.ensure_future(client.run()) for client in self._clients(session)]
            try:
                yield
                assert not any(task.done() for task in running), [task for task in running if task.done()]
            finally:
                self.book.ended = True
                await asyncio.gather(*running)

    def _clients(self, session: aiohttp.ClientSession) -> list[Runs]:
        count = len(self.book.history.operations)  # each name is used only once
        line: list[Runs] = [
            kind(count + number, Wire(session, self.gateways.addresses, number), self.book)
            for kind in DIALECTS
            for number in range(OF_EACH_DIALECT)
        ]
        return [*line, *(self.companion.clients(session) if self.companion is not None else ())]

    async def wait_until_back(self, mark: float) -> float:
        """Seconds from `mark` until every dialect had a write acknowledged that it sent after `mark`."""
        deadline = time.monotonic() + BACK_SECONDS
        while True:
            first: dict[str, float] = {}
            for dialect, sent, answered in self.book.acknowledged:
                if sent >= mark:
                    first.setdefault(dialect, answered)
            if len(first) == len(DIALECTS):
                return max(first.values()) - mark
            if time.monotonic() > deadline:
                raise TimeoutError(f"only {sorted(first)} are back: {self.gateways.addresses.failures}")
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def _watch(self) -> AsyncIterator[list[float]]:
        """How long, in all, at least one gateway has reported that it was not ready."""
        unready = [0.0]

        async def ask(session: aiohttp.ClientSession, url: str) -> bool:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{url}/readyz") as answer:
                    return answer.status == 503
            return False

        async def watch(session: aiohttp.ClientSession) -> None:
            before = time.monotonic()
            while True:
                await asyncio.sleep(0.2)
                answers = [await ask(session, member.admin_url) for member in self.gateways.members]
                now = time.monotonic()
                unready[0] += (now - before) * any(answers)
                before = now

        async with client_session() as session:
            watching = asyncio.ensure_future(watch(session))
            try:
                yield unready
            finally:
                watching.cancel()
                await asyncio.wait([watching])


@dataclass(kw_only=True)
class ClusterScene(Scene):
    """A scene on a database of a cluster."""

    cluster: Cluster
    database: str

    async def settle(self) -> None:
        await asyncio.to_thread(self.cluster.wait)

    async def kept(self) -> Kept:
        return await self._led(self._kept_by)

    async def _kept_by(self, leader: Node) -> Kept:
        documents = await leader.ask(ISSUED, database=self.database)
        return await read_kept(leader.url(self.database, **URL_OPTIONS), documents)

    async def select(self, query: str) -> Sequence[Sequence[Any]]:
        return await self._led(lambda leader: leader.ask(query, database=self.database))

    async def _led(self, read: Callable[[Node], Awaitable[T]]) -> T:
        """Read from the primary, and from no other node: a former primary may still show what never was."""
        deadline = time.monotonic() + BACK_SECONDS
        while True:
            leader = await asyncio.to_thread(self.cluster.leader)
            try:
                found = await read(leader)
                if await _still_leads(leader):
                    return found
            except (OSError, asyncpg.PostgresError, StoreUnavailableError):  # a node may become a standby now
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(1)


async def _still_leads(node: Node) -> bool:
    """True when this node can commit and believes that it leads. Raises OSError, PostgresError."""
    async with asyncio.timeout(PROOF_SECONDS):
        await node.ask(PROOF)
    return await asyncio.to_thread(lambda: node.leads)


@dataclass(kw_only=True)
class FileScene(Scene):
    """A scene on a SQLite file."""

    file: Path

    async def settle(self) -> None:
        """A file has no other nodes to wait for."""

    async def kept(self) -> Kept:
        return await read_kept(f"sqlite:///{self.file}", await self.select(ISSUED))

    async def select(self, query: str) -> Sequence[Sequence[Any]]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def cluster_scene(
    cluster: Cluster,
    database: str,
    sabotage: Sequence[str] = (),
    config: Mapping[str, Any] = CONFIG,
    companion: Companion | None = None,
    count: int = 2,
) -> AsyncIterator[ClusterScene]:
    """Gateways on a new database of a cluster; the line has its first number."""
    cluster.create_database(database)
    url = cluster.url(database, **URL_OPTIONS)
    with running_gateways(cluster.root / "gateways" / database, url, count, sabotage, config) as gateways:
        scene = ClusterScene(gateways, companion, cluster=cluster, database=database)
        await scene.begin()
        yield scene


@asynccontextmanager
async def file_scene(folder: Path, companion: Companion | None = None) -> AsyncIterator[FileScene]:
    """One gateway on a SQLite file in a folder; the line has its first number."""
    file = folder / "numbers.db"
    with running_gateways(folder, f"sqlite:///{file}", 1) as gateways:
        scene = FileScene(gateways, companion, file=file)
        await scene.begin()
        yield scene
