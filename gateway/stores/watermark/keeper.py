"""What one process has made durable goes to the watermark, at most a second later and never on the path of a request.

Each durable group leaves its ledger rows here: one assignment for each. A second at most after the first one a thread writes
the last row of each chain into the file. A file that cannot be written is a warning and a figure, never an outage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

import structlog

from gateway.core.values import TenantId
from gateway.stores.engine import statements
from gateway.stores.engine.chain_ends import Begun, ChainEnd, Standing, Written, begun_of, now_begun, replaced_tenants
from gateway.stores.engine.database_store import DatabaseStore
from gateway.stores.engine.statements import Row
from gateway.stores.watermark.comparison import Behind, Comparison, StoreBehindError, compare, subject
from gateway.stores.watermark.file import WatermarkError, WatermarkFile

T = TypeVar("T")
log = structlog.get_logger("watermark")

FLUSH_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 5.0
_MOST_LINES: Final = 20
"""So many lines of the log say enough about a store that was accepted as it is."""


class _Pending:
    """What is durable and not in the file yet.

    rows: the last ledger row of each chain, with when its tenant was begun anew as the row's transaction saw it.
    ends: of chains, as they were compared.
    keys: of series that were saved meanwhile.
    begun: tenants that were begun anew.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], tuple[Row, Begun]] = {}
        self.ends: dict[tuple[int, str], ChainEnd] = {}
        self.keys: dict[int, str] = {}
        self.begun: dict[TenantId, int] = {}

    def __bool__(self) -> bool:
        return bool(self.rows or self.ends or self.begun)

    def all_ends(self) -> dict[tuple[int, str], ChainEnd]:
        """The ends of chains to write."""
        found = dict(self.ends)
        keys = {end.series: end.key for end in self.ends.values()} | self.keys
        for place, (row, begun) in self.rows.items():
            tenant = row[3]
            end = ChainEnd(tenant, row[0], keys.get(row[0], ""), row[1], row[2], row[-1], row[6], begun.get(tenant, 0))
            former = found.get(place)
            if former is None or (former.begun, former.position) < (end.begun, end.position):
                found[place] = end
        return found


class StoreWatch:
    """What one store has made durable. Implements `CommitWatch`."""

    def __init__(self, keeper: Watermark) -> None:
        self._keeper = keeper
        self.pending = _Pending()
        self.entries: list[tuple[Sequence[Row], Begun]] = []

    def sort(self) -> None:
        """Keep the last row of each chain."""
        entries, self.entries = self.entries, []
        for rows, begun in entries:
            for row in rows:
                self.pending.rows[row[0], row[1]] = row, begun

    def note(self, written: Written, begun: Begun) -> bool:
        """See `CommitWatch`."""
        self.sort()
        pending = self.pending
        is_replaced = statements.CLEAR_LEDGER in written
        if is_replaced:
            begun = self._replaced(written, begun)
        self.entries.append((written.get(statements.APPEND_ENTRY, ()), begun))
        for statement in (statements.SAVE_SERIES, statements.ADD_SERIES):
            for row in written.get(statement, ()):
                pending.keys[row[0]] = row[2]
        return is_replaced

    def _replaced(self, written: Written, begun: Begun) -> Begun:
        """Forget what a replaced tenant had. Returns since when each tenant is as it is now."""
        moments = begun_of(written.get(statements.SAVE_META, ()))
        pending = self.pending
        for tenant in replaced_tenants(written):
            pending.rows = {place: own for place, own in pending.rows.items() if own[0][3] != tenant}
            pending.ends = {place: end for place, end in pending.ends.items() if end.tenant != tenant}
        pending.begun.update(moments)
        return {**begun, **moments}

    async def settle(self) -> None:
        """See `CommitWatch`."""
        await self._keeper.flush()


class Watermark:
    """One process's part of the file. Belongs to the event loop's thread.

    path: of the file; None for no watermark at all.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else WatermarkFile(path)
        self._watches: dict[str, StoreWatch] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watermark")
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._writes = self._failures = 0
        self._is_failing = False
        self._is_closed = False

    # Comparing

    async def known(self) -> dict[str, Standing]:
        """What the file knows, by the name of the store. Raises WatermarkError."""
        file = self._file
        if file is None:
            return {}
        return await self._in_thread(lambda: {name: file.known(name) for name in file.stores()})

    async def compare(self, stores: Mapping[str, DatabaseStore]) -> dict[str, Comparison]:
        """Each store beside the file. Raises WatermarkError, StoreUnavailableError."""
        if self._file is None:
            return {}
        known = await self.known()
        found = {}
        for name, store in stores.items():
            found[name] = await compare(known.get(name, Standing()), await store.standing(), store.hashes_at)
        return found

    async def check(self, stores: Mapping[str, DatabaseStore], *, accept: bool = False) -> list[Behind]:
        """Refuse stores that are behind, and note all that the file does not know yet; it is written soon afterwards.

        accept: take the stores as they are. Each of their tenants that is behind gets a note that it was begun anew, so that
            no other watermark refuses the store either.

        Returns what was behind and is accepted. Raises StoreBehindError, WatermarkError, StoreUnavailableError.
        """
        if self._file is None:
            return []
        compared = await self.compare(stores)
        if any(one.behind for one in compared.values()):
            # another process may have begun a tenant anew between the questions to the store: only what stays so is behind
            compared = await self.compare(stores)
        behind = {name: one.behind for name, one in compared.items() if one.behind}
        if behind and not accept:
            raise StoreBehindError(behind, self._file.path, {name: stores[name].name for name in behind})
        for name, chains in behind.items():
            await self._accept(name, stores[name], chains)
        if behind:
            compared = await self.compare(stores)
        for name, one in compared.items():
            if one.is_first and one.unknown:
                text = "watermark knows nothing of this store: it cannot show whether the store is the newest one"
                log.warning(text, store=name, watermark=str(self._file.path))
            pending = self.watch(name).pending
            pending.ends.update({(end.series, end.line): end for end in one.unknown})
            pending.begun.update(one.anew)
        if behind:
            await self.flush()
        return list(chain.from_iterable(behind.values()))

    async def _accept(self, name: str, store: DatabaseStore, chains: Iterable[Behind]) -> None:
        known, found = (await self.known()).get(name, Standing()), await store.standing()
        shown = list(chains)
        for one in shown[:_MOST_LINES]:
            log.warning("store accepted as it is", store=name, what=subject(one), reason=one.text)
        if len(shown) > _MOST_LINES:
            log.warning("store accepted as it is", store=name, more=len(shown) - _MOST_LINES)
        for tenant in dict.fromkeys(one.tenant for one in shown):
            labels = [end.begun for end in known.ends.values() if end.tenant == tenant]
            former = max([known.begun.get(tenant, 0), found.begun.get(tenant, 0), *labels])
            await store.begin_anew(tenant, now_begun(former))

    # Noting

    def watch(self, name: str) -> StoreWatch:
        """What a store of this name has to be given."""
        if name not in self._watches:
            self._watches[name] = StoreWatch(self)
        return self._watches[name]

    def attach(self, stores: Mapping[str, DatabaseStore]) -> None:
        """From now on note what these stores make durable."""
        if self._file is not None:
            for name, store in stores.items():
                store.commit_watch = self.watch(name)
            self._wake()

    def _wake(self) -> None:
        """Look soon whether there is anything to write."""
        if self._timer is None and not self._is_closed:
            pause = RETRY_SECONDS if self._is_failing else FLUSH_SECONDS
            self._timer = asyncio.get_running_loop().call_later(pause, self._look)

    def _look(self) -> None:
        self._timer = None
        if any(watch.entries or watch.pending for watch in self._watches.values()):
            self._flushing = asyncio.get_running_loop().create_task(self.flush())
        else:
            self._wake()

    async def flush(self) -> None:
        """Write everything that was noted. Never raises for a file that cannot be written: that is logged and counted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._writing:
            for name, watch in self._watches.items():
                watch.sort()
                pending, watch.pending = watch.pending, _Pending()
                if pending and not await self._written(name, pending):
                    _bring_back(watch, pending)
            self._wake()

    async def _written(self, name: str, pending: _Pending) -> bool:
        file = self._file
        if file is None:
            return True
        try:
            await self._in_thread(lambda: file.write(name, pending.begun, pending.all_ends().values()))
        except WatermarkError as error:
            self._failures += 1
            if not self._is_failing:
                log.warning("watermark not written: an older store may go unnoticed", store=name, reason=str(error))
            self._is_failing = True
            return False
        if self._is_failing:
            log.info("watermark written again", store=name)
        self._is_failing = False
        self._writes += 1
        return True

    async def close(self) -> None:
        """Write what is left, and close the file. May be called more than once."""
        if self._is_closed:
            return
        self._is_closed = True
        await self.flush()
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        if self._file is not None:
            await self._in_thread(self._file.close)
        self._thread.shutdown(wait=False)

    def figures(self) -> dict[str, float]:
        """Counts since the start, by name, for metrics."""
        return {"watermark_writes": float(self._writes), "watermark_failures": float(self._failures)}

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _bring_back(watch: StoreWatch, older: _Pending) -> None:
    """Note again what could not be written, under what has come since."""
    newer = watch.pending
    gone = newer.begun.keys()
    older.rows = {place: own for place, own in older.rows.items() if own[0][3] not in gone}
    older.ends = {place: end for place, end in older.ends.items() if end.tenant not in gone}
    newer.rows = {**older.rows, **newer.rows}
    newer.ends = {**older.ends, **newer.ends}
    newer.keys = {**older.keys, **newer.keys}
    newer.begun = {**older.begun, **newer.begun}
